//! `spidec golden`.

use crate::run::*;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// The folder of the shared cases; `None`, loudly, where it is absent.
fn shared() -> Option<PathBuf> {
    let folder = root().join("../shared/golden");
    let there = folder.exists();
    if !there {
        skip("no ../shared/golden");
    }
    there.then_some(folder)
}

/// Copies a case, its archive compressed and with one array's last byte but one changed.
fn change(from: &Path, to: &Path, array: &str) {
    fs::create_dir(to).unwrap();
    fs::copy(from.join("case.json"), to.join("case.json")).unwrap();
    let mut old = ZipArchive::new(File::open(from.join("arrays.npz")).unwrap()).unwrap();
    let mut new = ZipWriter::new(File::create(to.join("arrays.npz")).unwrap());
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for k in 0..old.len() {
        let mut member = old.by_index(k).unwrap();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        if member.name() == format!("{array}.npy") {
            let place = bytes.len() - 2;
            bytes[place] ^= 1;
        }
        new.start_file(member.name(), options).unwrap();
        new.write_all(&bytes).unwrap();
    }
    new.finish().unwrap();
}

#[test]
fn all_shared_cases_pass() {
    let Some(folder) = shared() else { return };
    let folder = folder.to_str().unwrap();
    let text = spidec(&root(), &format!("golden {folder}")).code(OK).out;
    assert_eq!(text.lines().count(), 20, "{text}");
    assert_eq!(text.matches("  ok").count(), 19, "{text}");
    let list = spidec(&root(), &format!("golden {folder} --json")).code(OK);
    let list = list.json();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 19);
    for case in list {
        assert_eq!(case["passes"], true, "{case}");
        assert!(
            case["compared"]["spikes"]["compared"].as_u64() > Some(0),
            "{case}"
        );
    }
    let fixed = spidec(&root(), &format!("golden {folder} --engine fixed --json"));
    let list = fixed.code(OK).json();
    let executed = { list.as_array().unwrap().iter() }.filter(|case| case["passes"] == true);
    let names: Vec<&str> = executed
        .map(|case| case["case"].as_str().unwrap())
        .collect();
    let leaky = "s18_exact_lif_half";
    assert_eq!(names, ["s15_exact_fc3_if", "s16_exact_conv_pool_if", leaky]);
    let resolved = |case: &serde_json::Value| case["trace_resolution"].is_f64();
    let resolved = { list.as_array().unwrap().iter() }.filter(|case| resolved(case));
    assert_eq!(
        resolved.map(|case| &case["case"]).collect::<Vec<_>>(),
        [leaky]
    );
}

#[test]
fn a_case_that_differs_or_is_damaged_is_told() {
    let Some(shared) = shared() else { return };
    let from = shared.join("s01_fc1_if_default");
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    change(&from, &at("same"), "none");
    spidec(folder.path(), "golden same").code(OK);
    // As a shell writes `golden *` out where a README lies beside the cases.
    fs::write(at("README.md"), "cases").unwrap();
    let beside = spidec(folder.path(), "golden README.md same").code(OK);
    beside.says("README.md is a file, no folder of a case; passed over");
    spidec(folder.path(), "golden README.md")
        .code(FINDINGS)
        .says("no case was executed");
    spidec(folder.path(), "golden same same/case.json")
        .code(FINDINGS)
        .says("error[G001]");
    change(&from, &at("other"), "logits");
    let told = spidec(folder.path(), "golden same other").code(FINDINGS);
    assert!(
        told.out.contains("differs: logits[2, 3] is "),
        "{}",
        told.out
    );
    told.says("1 of 2 cases differ");

    fs::write(at("other").join("case.json"), "{}").unwrap();
    let told = spidec(folder.path(), "golden .").code(FINDINGS);
    assert!(told.out.contains("s01_fc1_if_default"), "{}", told.out);
    told.says("error[G002]");
    let list = spidec(folder.path(), "golden . --json")
        .code(FINDINGS)
        .json();
    assert_eq!(list[0]["code"], "G002");
    assert_eq!(list[1]["passes"], true);

    spidec(folder.path(), "golden same --engine fixed")
        .code(FINDINGS)
        .says("no case was executed");
    spidec(folder.path(), "golden nowhere")
        .code(FINDINGS)
        .says("error[G001]");
    spidec(folder.path(), "golden").code(USAGE);
}
