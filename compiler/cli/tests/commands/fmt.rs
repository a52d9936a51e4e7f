//! `spidec fmt`: files, links, streams, exit codes.

use crate::run::*;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

const UGLY: &str = "spidec 1\narray {\nlanes=4 // c\nmembrane = fixed(bits=16)\n}";
const PRETTY: &str = "spidec 1\narray {\n  lanes    = 4                                      // c\n  membrane = fixed(bits = 16)\n}\n";

fn put(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn files_are_rewritten_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    put(path, "a.fsnn", UGLY);
    put(path, "b.fsnn", PRETTY);
    let said = spidec(path, "fmt a.fsnn b.fsnn").code(OK);
    assert_eq!(said.err, "formatted a.fsnn\n");
    assert_eq!(read(path, "a.fsnn"), PRETTY);
    assert_eq!(read(path, "b.fsnn"), PRETTY);
    assert_eq!(spidec(path, "fmt a.fsnn b.fsnn").code(OK).err, "");
    assert_eq!(fs::read_dir(path).unwrap().count(), 2);
}

#[test]
fn check_and_stdout_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    put(path, "a.fsnn", UGLY);
    put(path, "b.fsnn", PRETTY);
    let said = spidec(path, "fmt --check a.fsnn b.fsnn").code(FINDINGS);
    let said = said.says("a.fsnn would change");
    assert!(!said.err.contains("b.fsnn"), "{}", said.err);
    assert!(said.out.contains("-lanes=4 // c\n") && said.out.contains("+  lanes    = 4  "));
    let same = spidec(path, "fmt --check b.fsnn").code(OK);
    assert_eq!((same.out.as_str(), same.err.as_str()), ("", ""));
    assert_eq!(spidec(path, "fmt --stdout a.fsnn").code(OK).out, PRETTY);
    assert_eq!(read(path, "a.fsnn"), UGLY);
    spidec(path, "fmt").code(USAGE);
    spidec(path, "fmt --check --stdout a.fsnn").code(USAGE);
}

#[test]
fn the_examples_need_no_change() {
    for folder in ["examples", "examples/paper"].map(|name| root().join(name)) {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                spidec(&folder, &format!("fmt --check {}", path.display())).code(OK);
            }
        }
    }
}

#[test]
fn standard_input_goes_to_standard_output() {
    let piped = |arguments: &[&str], text: &str| {
        let mut command = command(&root(), arguments);
        command.stdin(Stdio::piped());
        let mut child = { command.stdout(Stdio::piped()).stderr(Stdio::piped()) }
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let (code, out, err) = piped(&["fmt", "-"], UGLY);
    assert_eq!((code, out.as_str(), err.as_str()), (Some(OK), PRETTY, ""));
    assert_eq!(piped(&["fmt", "-", "--check"], PRETTY).0, Some(OK));
    assert_eq!(piped(&["fmt", "-", "--check"], UGLY).0, Some(FINDINGS));
    let (code, out, err) = piped(&["fmt", "-"], "spidec 1\narray {\n");
    assert_eq!((code, out.as_str()), (Some(FINDINGS), ""));
    assert!(
        err.contains("error[E003]") && err.contains("standard input:2:1"),
        "{err}"
    );
}

#[test]
fn a_file_with_errors_is_left_and_the_others_are_formatted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let broken = format!("{UGLY}\n}}\n");
    put(path, "broken.fsnn", &broken);
    put(path, "later.fsnn", "spidec 2\n");
    fs::write(path.join("binary.fsnn"), [0xff, 0xfe]).unwrap();
    put(path, "a.fsnn", UGLY);
    spidec(path, "fmt broken.fsnn later.fsnn binary.fsnn a.fsnn")
        .code(FINDINGS)
        .says("error[E005]")
        .says("error[E011]")
        .says("error[E001]")
        .says("for more: spidec explain E005")
        .says("broken.fsnn is left as it is");
    assert_eq!(read(path, "broken.fsnn"), broken);
    assert_eq!(read(path, "later.fsnn"), "spidec 2\n");
    assert_eq!(fs::read(path.join("binary.fsnn")).unwrap(), [0xff, 0xfe]);
    assert_eq!(read(path, "a.fsnn"), PRETTY);
    put(path, "a.fsnn", UGLY);
    spidec(path, "fmt nowhere.fsnn broken.fsnn a.fsnn")
        .code(USAGE)
        .says("cannot read the network file nowhere.fsnn")
        .says("broken.fsnn is left as it is");
    assert_eq!(read(path, "a.fsnn"), PRETTY);
}

#[test]
#[cfg(unix)]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::create_dir(path.join("real")).unwrap();
    put(path, "real/net.fsnn", UGLY);
    let mode = |bits| fs::Permissions::from_mode(bits);
    fs::set_permissions(path.join("real/net.fsnn"), mode(0o640)).unwrap();
    symlink("real/net.fsnn", path.join("link.fsnn")).unwrap();
    spidec(path, "fmt link.fsnn").code(OK);
    assert!(
        fs::symlink_metadata(path.join("link.fsnn"))
            .unwrap()
            .is_symlink()
    );
    assert_eq!(read(path, "real/net.fsnn"), PRETTY);
    let metadata = fs::metadata(path.join("real/net.fsnn")).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o640);

    put(path, "locked.fsnn", UGLY);
    fs::set_permissions(path.join("locked.fsnn"), mode(0o444)).unwrap();
    spidec(path, "fmt locked.fsnn")
        .code(USAGE)
        .says("read-only");
    assert_eq!(read(path, "locked.fsnn"), UGLY);
}

#[test]
#[cfg(target_os = "linux")]
fn on_a_full_disk_the_old_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let long = UGLY.replace("lanes", &format!("// {}\nlanes", "x".repeat(4000)));
    put(path, "a.fsnn", &long);
    spidec_on_a_full_disk(path, "fmt a.fsnn")
        .code(USAGE)
        .says("cannot write a.fsnn");
    assert_eq!(read(path, "a.fsnn"), long);
    assert_eq!(fs::read_dir(path).unwrap().count(), 1);
}
