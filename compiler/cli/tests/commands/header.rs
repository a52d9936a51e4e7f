//! The C header and the clock constraint of a project.

use crate::run::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The macros of a header that stand for numbers.
fn macros(text: &str) -> BTreeMap<String, u64> {
    let lines = text
        .lines()
        .filter_map(|line| line.strip_prefix("#define SPIDEC_"));
    let numbers = lines.filter_map(|line| {
        let (name, rest) = line.split_once(' ')?;
        let word = rest.split_whitespace().next()?.strip_suffix('u')?;
        let value = match word.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16),
            None => word.parse(),
        };
        Some((name.to_string(), value.ok()?))
    });
    numbers.collect()
}

/// The same from the manifest.
fn expected(manifest: &Value) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    let mut put = |name: String, value: u64| {
        let name = name.to_uppercase().replace(' ', "_");
        assert_eq!(all.insert(name.clone(), value), None, "{name} stands twice");
    };
    for (table, key, prefix, shift) in [
        ("registers", "offset", "REG", 0),
        ("error_codes", "code", "ERROR", 0),
        ("stage_counters", "kind", "KIND", 0),
        ("sample_counters", "offset", "COUNT", 0),
        ("regions", "region", "REGION", 24),
    ] {
        for row in manifest[table].as_array().unwrap() {
            let name = row["name"].as_str().unwrap();
            put(
                format!("{prefix}_{name}"),
                row[key].as_u64().unwrap() << shift,
            );
        }
    }
    for (k, stage) in (0..).zip(manifest["stages"].as_array().unwrap()) {
        put(format!("STAGE_{}", stage.as_str().unwrap()), k);
    }
    let hash = |key: &str| u64::from_str_radix(manifest[key].as_str().unwrap(), 16).unwrap();
    let number = |path: &str| manifest.pointer(path).unwrap().as_u64().unwrap();
    let lanes = number("/lanes");
    let learning = manifest["learning"] == true;
    for (name, value) in [
        ("IDENTITY", 0x5350_4443),
        ("MACHINE", hash("machine_id")),
        ("DESIGN_LOW", hash("design") & 0xffff_ffff),
        ("DESIGN_HIGH", hash("design") >> 32),
        ("HOST_VERSION", number("/host_version")),
        ("ENCODING_VERSION", number("/encoding_version")),
        ("LEARNING", u64::from(learning)),
        ("LANES", lanes),
        ("INPUT_VALUES", number("/input/values")),
        ("INPUT_WORDS", number("/input/rows") * lanes / 4),
        ("CLASSES", number("/readout/neurons")),
        ("WEIGHT_WORDS", number("/depths/blocks") * lanes * lanes),
        ("WEIGHT_BITS", number("/formats/weight/bits")),
        ("WEIGHT_FRAC", number("/formats/weight/frac")),
        ("STEPS", 8),
        ("INSTRUCTIONS", number("/depths/instructions")),
        ("CHUNKS", number("/depths/chunks")),
        ("LOGITS", number("/readout/chunk") * lanes),
        ("STATUS_RUNNING", 1),
        ("STATUS_DONE", 2),
        ("STATUS_ERROR", 4),
        ("CONTROL_START", 1),
    ] {
        put(name.to_string(), value);
    }
    if learning {
        put("CONTROL_TRAIN".into(), 2);
        put(
            "LAYERS".into(),
            manifest["layers"].as_array().unwrap().len() as u64,
        );
        put("FIRST_EPOCH".into(), number("/training/epochs_done"));
        let epochs = manifest["training"]["constants"].as_array().unwrap();
        put("EPOCHS".into(), epochs.len() as u64);
    }
    all
}

/// The words of a header's learning constants.
fn constants(text: &str) -> Vec<u64> {
    let list = text.split("SPIDEC_CONSTANTS").nth(1).unwrap_or("");
    let words = list.split("0x").skip(1);
    words
        .map(|word| u64::from_str_radix(&word[..6], 16).unwrap())
        .collect()
}

/// Whether a compiler takes a file that includes the header; `None`, loudly, where there is no such compiler.
fn compiles(folder: &Path, compiler: &str, language: &str, standard: &str) -> Option<bool> {
    let mut command = Command::new(compiler);
    command.args([
        "-Wall",
        "-Wextra",
        "-pedantic",
        "-Werror",
        "-fsyntax-only",
        "-I.",
        "-x",
    ]);
    command
        .args([language, standard, "use.c"])
        .current_dir(folder);
    match command.output() {
        Ok(output) => Some(output.status.success()),
        Err(_) => {
            assert!(
                std::env::var_os("CI").is_none(),
                "in CI nothing is skipped: no {compiler}"
            );
            let said = format!("skipped: no {compiler}\n");
            let _ = std::io::Write::write_all(&mut std::io::stderr(), said.as_bytes());
            None
        }
    }
}

#[test]
fn the_header_is_the_manifest_in_c() {
    let folder = folder();
    for build in ["build net.fsnn -o out", "build net.fsnn -o out --train"] {
        spidec(folder.path(), build).code(OK);
        let out = folder.path().join("out");
        let text = fs::read_to_string(out.join("spidec.h")).unwrap();
        let manifest = fs::read_to_string(out.join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(macros(&text), expected(&manifest), "{build}");
        let images = format!("\"{}\"", manifest["images"].as_str().unwrap());
        assert!(text.contains(&images), "{text}");
        let wanted = manifest["training"]["constants"]
            .as_array()
            .into_iter()
            .flatten();
        let wanted = wanted.flat_map(|epoch| epoch.as_array().unwrap());
        let wanted = wanted.map(|pair| pair[1].as_u64().unwrap() << 18 | pair[0].as_u64().unwrap());
        assert_eq!(constants(&text), wanted.collect::<Vec<_>>());
        assert_eq!(constants(&text).is_empty(), manifest["learning"] == false);

        let learning = "uint32_t constants[SPIDEC_EPOCHS][SPIDEC_LAYERS] = SPIDEC_CONSTANTS;\n";
        let learning = if manifest["learning"] == true {
            learning
        } else {
            ""
        };
        let source = format!(
            "#include \"spidec.h\"\n#include \"spidec.h\"\n#include <stdint.h>\n{learning}\
             uint32_t at = SPIDEC_COUNTER(SPIDEC_KIND_CYCLES, SPIDEC_STAGE_FORWARD);\n\
             uint32_t code(uint32_t status);\n\
             uint32_t code(uint32_t status) {{ return SPIDEC_STATUS_CODE(status); }}\n\
             const char *images(void);\nconst char *images(void) {{ return SPIDEC_IMAGES; }}\n"
        );
        fs::write(out.join("use.c"), source).unwrap();
        for (compiler, language, standard) in
            [("cc", "c", "-std=c99"), ("c++", "c++", "-std=c++11")]
        {
            assert!(
                compiles(&out, compiler, language, standard).unwrap_or(true),
                "{text}"
            );
        }
        // A header that is broken is found out.
        fs::write(
            out.join("spidec.h"),
            text.replace("/* ", "// ").replace("\"\n", "\n"),
        )
        .unwrap();
        assert!(!compiles(&out, "cc", "c", "-std=c99").unwrap_or(false));
        fs::remove_file(out.join("use.c")).unwrap();
    }
}

#[test]
fn the_constraint_names_the_clock() {
    let folder = folder();
    spidec(folder.path(), "build net.fsnn -o out").code(OK);
    let read = |name: &str| fs::read_to_string(folder.path().join("out").join(name)).unwrap();
    let manifest: Value = serde_json::from_str(&read("manifest.json")).unwrap();
    let clock = manifest["clock"].as_str().unwrap();
    let text = read("constraints/spidec_top.sdc");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let [line] = lines[..] else { panic!("{text}") };
    assert!(line.starts_with("create_clock "), "{line}");
    assert!(line.ends_with(&format!("[get_ports {clock}]")), "{line}");
    let top = read("rtl/spidec_top.v");
    assert!(
        top.contains(&format!("input  wire        {clock},")),
        "{top}"
    );
}
