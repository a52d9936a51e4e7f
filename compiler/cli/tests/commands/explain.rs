//! `spidec explain`, and where it is recommended.

use crate::run::*;
use spidec_compiler::diagnostics::Code;
use spidec_data::CodeEntry;
use spidec_report::LOG_CODES;
use spidec_runtime::{spide, state};
use std::fs;

fn codes() -> Vec<&'static str> {
    let network = Code::ALL.iter().map(|code| code.name());
    let files = spidec_data::CODES.iter().chain(state::CODES);
    let files = files.map(|entry| entry.name);
    let golden = spidec_golden::CODES.iter().map(|entry| entry.name);
    let all = network.chain(files).chain(LOG_CODES.map(|code| code[0]));
    let equilibria = spide::CODES.iter().map(|entry| entry.name);
    all.chain(golden).chain(equilibria).collect()
}

#[test]
fn every_code_is_listed_and_explained() {
    let list = spidec(&root(), "explain").code(OK).out;
    let listed: Vec<&str> = list.lines().map(|line| &line[..4]).collect();
    assert_eq!(listed, codes());
    let all = format!("explain --json {}", codes().join(" "));
    let json = spidec(&root(), &all).code(OK).json();
    for (told, code) in json.as_array().unwrap().iter().zip(codes()) {
        assert_eq!(told["code"], code);
        assert!(told["explanation"].as_str().unwrap().len() > 20, "{told}");
        assert_eq!(told["severity"] == "warning", code.starts_with('W'));
        // An example before and after; where it is too long to read, words.
        let text = |part: &str| told[part].as_str().unwrap_or_default();
        match text("example") {
            "" => {
                assert!(
                    !text("before").is_empty() && !text("after").is_empty(),
                    "{told}"
                );
                assert_ne!(text("before"), text("after"));
            }
            words => assert!(
                code.starts_with(['E', 'W']) && words.contains("Mended: "),
                "{told}"
            ),
        }
    }
    assert_eq!(json.as_array().unwrap().len(), codes().len());
}

#[test]
fn an_explanation_shows_the_place_and_the_change() {
    let said = spidec(&root(), "explain e041").code(OK).out;
    for part in [
        "E041: an unknown name\n",
        "error[E041]: nothing is named `hiden`",
        "--> example.fsnn:5:",
        "Mended:",
        "  -  readout    digit  [10]        = linear(from = hiden)",
        "  +  readout    digit  [10]        = linear(from = hidden)",
    ] {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
    let json = spidec(&root(), "explain --json E041").code(OK).json();
    assert_eq!(json[0]["findings"][0]["code"], "E041");
    let folder = tempfile::tempdir().unwrap();
    for (part, code) in [("before", FINDINGS), ("after", OK)] {
        let text = json[0][part].as_str().unwrap();
        fs::write(folder.path().join("a.fsnn"), text).unwrap();
        spidec(folder.path(), "check a.fsnn").code(code);
    }
    let said = spidec(&root(), "explain D001 S006").code(OK).out;
    assert!(
        said.contains("spidec data make") && said.contains("\nS006: "),
        "{said}"
    );
    assert_eq!(said.matches("For example:").count(), 2);
    assert_eq!(said.matches("Mended:").count(), 2);
}

#[test]
fn examples_of_tables_and_logs_are_what_they_say() {
    let folder = folder();
    let path = folder.path();
    let json = spidec(path, "explain --json D004 D014 D016 L001")
        .code(OK)
        .json();
    for (told, command) in json.as_array().unwrap().iter().zip([
        "train net.fsnn --data mine --engine fixed --epochs 1 -o s",
        "data info mine",
        "data info mine",
        "report net.fsnn --log mine/train.jsonl -o report",
    ]) {
        fs::create_dir_all(path.join("mine")).unwrap();
        fs::write(path.join("net.fsnn"), three_values()).unwrap();
        for (part, code) in [("before", FINDINGS), ("after", OK)] {
            let lines = told[part].as_str().unwrap().lines();
            let lines: Vec<&str> = lines
                .map(|l| l.split("   #").next().unwrap().trim_end())
                .collect();
            for name in ["train.csv", "test.csv", "train.jsonl"] {
                fs::write(path.join("mine").join(name), lines.join("\n") + "\n").unwrap();
            }
            let said = spidec(path, command).code(code);
            let wanted = format!("error[{}]", told["code"].as_str().unwrap());
            assert_eq!(said.err.contains(&wanted), part == "before", "{}", said.err);
        }
    }
}

/// A network of three inputs and classes.
fn three_values() -> String {
    let tutorial = fs::read_to_string(root().join("compiler/guide/src/tutorial.md")).unwrap();
    let (_, network) = tutorial.split_once("```fsnn\n").unwrap();
    network.split_once("```").unwrap().0.to_string()
}

#[test]
fn a_code_without_an_example_says_why_and_what_mends_it() {
    let said = spidec(&root(), "explain E093").code(OK).out;
    for part in ["65535 instructions", "too long to print", "Mended: "] {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
    assert!(said.lines().all(|line| line.len() <= 100), "{said}");
    let json = spidec(&root(), "explain E093 --json").code(OK).json();
    let text = json[0]["example"].as_str().unwrap();
    assert!(said.ends_with(text), "{text}");
}

#[test]
fn an_unknown_code_names_the_nearest() {
    spidec(&root(), "explain E049")
        .code(USAGE)
        .says("there is no code `E049`; did you mean E040, E041 or E042?");
    spidec(&root(), "explain S013")
        .code(USAGE)
        .says("did you mean S003, S010 or S011?");
    let said = spidec(&root(), "explain ü FOO D16x").code(USAGE);
    let said = said
        .says("`ü`")
        .says("no code `FOO`\n")
        .says("no code `D16x`\n");
    assert!(!said.err.contains("did you mean"), "{}", said.err);
    // The others are explained all the same.
    for rest in ["", " --json"] {
        let said = spidec(&root(), &format!("explain W006 foo E063{rest}")).code(USAGE);
        assert!(
            said.out.contains("W006") && said.out.contains("E063"),
            "{}",
            said.out
        );
        said.says("there is no code `foo`");
    }
}

#[test]
fn findings_name_their_codes_once_and_data_files_too() {
    let folder = folder();
    let path = folder.path();
    let text = example("tiny.fsnn")
        .replace("= if ", "= iff ")
        .replace("lanes    = 4 ", "lanes    = 5 ");
    fs::write(path.join("bad.fsnn"), text).unwrap();
    let line = "for more: spidec explain E060 E063\n";
    for command in ["check bad.fsnn", "build bad.fsnn -o out"] {
        let said = spidec(path, command).code(FINDINGS).says(line);
        assert_eq!(said.err.matches("for more").count(), 1, "{}", said.err);
    }
    let good = spidec(path, "check net.fsnn").code(OK);
    assert!(!good.err.contains("for more"), "{}", good.err);
    // Warnings and what stands in an engine's way, in one line.
    let fixture = root().join("tests/diagnostics/W005_error_range.fsnn");
    fs::copy(fixture, path.join("warned.fsnn")).unwrap();
    let said = spidec(path, "check warned.fsnn").code(OK);
    assert_eq!(said.err.matches("for more").count(), 1, "{}", said.err);
    said.says("for more: spidec explain E090 W005\n");

    fs::create_dir(path.join("none")).unwrap();
    let train = "train net.fsnn --engine fixed --epochs 1 -o t --data none";
    let said = spidec(path, train).code(FINDINGS);
    said.says("error[D001]")
        .says("\nfor more: spidec explain D001\n");
}

/// Whether a table has an entry for each code in the text of a source file, in order, and no other.
fn has_all(table: &[CodeEntry], source: &str, letter: char) -> bool {
    let mut used: Vec<&str> = source
        .split('"')
        .filter(|word| {
            word.strip_prefix(letter).is_some_and(|number| {
                number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit())
            })
        })
        .collect();
    used.sort();
    used.dedup();
    let names: Vec<&str> = table.iter().map(|entry| entry.name).collect();
    !used.is_empty() && names == used
}

#[test]
fn every_code_of_an_error_has_an_entry() {
    let source = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let data = source("runtime/data/src/error.rs");
    let state = source("runtime/src/state/error.rs");
    let golden = source("runtime/golden/src/error.rs");
    assert!(has_all(spidec_data::CODES, &data, 'D'));
    assert!(has_all(state::CODES, &state, 'S'));
    assert!(has_all(spidec_golden::CODES, &golden, 'G'));
    let float = ["implicit", "converge", "progress"];
    let float = float.map(|name| source(&format!("runtime/src/spide/{name}.rs")));
    assert!(has_all(spide::CODES, &float.concat(), 'C'));
    assert!(!has_all(spide::CODES, &float[0], 'C'));
    assert!(!has_all(&spidec_data::CODES[1..], &data, 'D'));
    assert!(!has_all(spidec_data::CODES, &state, 'S'));
    let tables = [
        spidec_data::CODES,
        state::CODES,
        spidec_golden::CODES,
        spide::CODES,
    ];
    for entry in tables.into_iter().flatten() {
        assert!(entry.explanation.len() > entry.title.len(), "{entry:?}");
        assert!(!entry.before.is_empty() && !entry.after.is_empty());
        assert_ne!(entry.before, entry.after, "{entry:?}");
    }
}
