//! Every finding as the user sees it: one fixture and one full snapshot for every code.
//!
//! After a change of wording: `INSTA_UPDATE=always cargo test -p spidec-tests --test diagnostics`,
//! then read the difference of the snapshots.

use spidec_compiler::check::{CheckResult, Engine, check_bytes, check_text};
use spidec_compiler::diagnostics::{Code, Diagnostic, Severity};
use spidec_compiler::explain::example;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("diagnostics");
    let entries = std::fs::read_dir(folder).expect("the folder of fixtures");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "fsnn"))
        .collect();
    files.sort();
    files
}

/// Every fixture's name and bytes; the last one is too long to keep as a file.
fn fixtures_with_bytes() -> Vec<(String, Vec<u8>)> {
    let read = |path: &PathBuf| {
        let name = path.file_name().and_then(|n| n.to_str()).expect("a name");
        (name.to_string(), std::fs::read(path).expect("the fixture"))
    };
    let mut all: Vec<_> = fixtures().iter().map(read).collect();
    let long = "E093_program_length.fsnn".to_string();
    all.push((long, all_to_all(162).into_bytes()));
    all
}

/// So many populations of one neuron, a projection from each to each.
fn all_to_all(populations: usize) -> String {
    let mut text = String::from(
        "spidec 1\nnetwork crowd {\n  input x [1] = constant(scale = 1)\n  \
         readout y [2] = linear(from = p0)\n  forward x -> p0 = dense\n",
    );
    for k in 0..populations {
        text += &format!("  population p{k} [1] = if\n");
    }
    for from in 0..populations {
        for to in 0..populations {
            let keyword = if from < to { "forward" } else { "feedback" };
            text += &format!("  {keyword} p{from} -> p{to} = dense\n");
        }
    }
    text + "}\n"
}

/// All that a user of the array would be told about a file.
fn findings(result: &CheckResult) -> Vec<Diagnostic> {
    let mut findings = result.diagnostics.clone();
    if result.checked.is_some() {
        for engine in [Engine::ArrayTraining, Engine::Array] {
            findings.extend(result.require(engine).err().unwrap_or_default());
        }
    }
    // The array says again what fixed point cannot do.
    let mut said = Vec::new();
    findings.retain(|finding| {
        let new = !said.contains(finding);
        said.push(finding.clone());
        new
    });
    findings
}

#[test]
fn every_code_has_a_fixture_and_a_snapshot() {
    let mut covered = BTreeSet::new();
    for (file, bytes) in fixtures_with_bytes() {
        let code = file.split('_').next().expect("a code");
        let result = check_bytes(&file, &bytes);
        let findings = findings(&result);
        let text = result.render(&findings, false);
        assert!(
            text.contains(&format!("[{code}]")),
            "{file} does not show {code}:\n{text}"
        );
        covered.insert(code.to_string());

        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("diagnostics");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(file.trim_end_matches(".fsnn"), text));
    }
    let table: BTreeSet<String> = Code::ALL.iter().map(|c| c.name().to_string()).collect();
    assert_eq!(table.len(), Code::ALL.len(), "a code stands twice");
    assert_eq!(covered, table, "fixtures and table of codes differ");
}

#[test]
fn what_explains_the_code_without_an_example_is_true() {
    let instead = example(Code::ProgramLength).err().expect("a text");
    let result = check_text("crowd.fsnn", &all_to_all(162));
    let said: Vec<String> = { findings(&result).into_iter() }
        .map(|f| f.message)
        .collect();
    let numbers = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_ascii_digit());
        words.filter(|w| w.len() > 4).map(str::to_string).collect()
    };
    let [trained, inferred] = &said[..] else {
        panic!("{said:?}");
    };
    let limit = BTreeSet::from(["65535".to_string()]);
    let counts = &numbers(trained) | &numbers(inferred);
    assert_eq!(numbers(&instead), &counts - &limit, "{instead}");
    assert!(instead.contains(" 162 populations\n"));
    // What it recommends.
    let mended = "spidec 1\nnetwork crowd {\n  input x [1] = constant(scale = 1)\n  population p [162] = if\n  \
                  readout y [2] = linear(from = p)\n  forward x -> p = dense\n  feedback p -> p = dense\n}\n";
    assert_eq!(findings(&check_text("mended.fsnn", mended)), []);
    for line in ["  population p [162] = if\n", "  feedback p -> p = dense\n"] {
        assert!(instead.contains(line) && mended.contains(line), "{line}");
    }
}

#[test]
fn nothing_is_said_without_help_and_all_of_it_by_place() {
    for code in Code::ALL {
        assert!(code.explanation().len() > code.title().len());
        let error = code.name().starts_with('E');
        assert_eq!(error, code.severity() == Severity::Error);
    }
    for (file, bytes) in fixtures_with_bytes() {
        let result = check_bytes("fixture", &bytes);
        for finding in findings(&result) {
            assert!(!finding.help.trim().is_empty(), "{finding:?}");
            assert!(!finding.label.text.trim().is_empty(), "{finding:?}");
            assert!(!finding.message.contains('\n'), "{finding:?}");
        }
        let starts: Vec<usize> = result
            .diagnostics
            .iter()
            .map(|d| d.label.span.start)
            .collect();
        assert!(starts.is_sorted(), "{file}");
        let json = result.json(&result.diagnostics);
        assert_eq!(json.len(), result.diagnostics.len());
        assert!(
            json.iter()
                .all(|d| d.label.line >= 1 && d.label.column >= 1)
        );
    }
}

#[test]
fn all_errors_come_at_once() {
    let result = check_text(
        "many.fsnn",
        "spidec 1
network many {
  input image [28, 28] = constant(scale = 1/0)
  population hidden [240 = if
  population hiden2 [1.2.3] = iff
  readout digit [10] = linear(from = hidden)
  forward image -> hidden = dense(init = normal(std = 0), bais = true)
  forward hidden -> hidden = max_pool(size = 3)
  forward image -> hiden = dense
}
training {
  loss = cross_entropy(scale = -1)
  updtae = sgd
}
",
    );
    let codes: Vec<&str> = result.diagnostics.iter().map(|d| d.code.name()).collect();
    assert_eq!(
        codes,
        [
            "E050", "E006", "E002", "E006", "E060", "E063", "E065", "E061", "E041", "E063", "E030"
        ],
        "{}",
        result.render(&result.diagnostics, false)
    );
    assert!(result.checked.is_none());
}

/// Lines of a network, each with what is wrong when it takes the place of one with the same beginning.
const LINES: [(&str, &[&str]); 46] = [
    (
        "input i [6, 6, 3] = constant(scale = 1, mean = [0, -1, 2])",
        &[],
    ),
    (
        "input i [6, 6, 3] = constant(scale = 1, mean = [0, 0])",
        &["E063"],
    ),
    (
        "input i [6, 6, 3] = constant(scale = 1, mean = [])",
        &["E063"],
    ),
    (
        "input i [6, 6, 3] = constant(scale = 1, mean = [0, 0, zero])",
        &["E062"],
    ),
    (
        "input i [6, 6, 3] = constant(scale = 1, std = [1, 1, 0])",
        &["E063"],
    ),
    ("input i [6, 6, 3] = events", &[]),
    ("input i [6, 6, 3] = events(scale = 1)", &["E065"]),
    ("population p = lif(leak = 1/2, couple = if)", &[]),
    ("population p = lif", &["E064"]),
    ("population p = lif(leak = 1)", &["E063"]),
    ("population p = lif(leak = 1/2, couple = leaky)", &["E060"]),
    ("population p [6, 6, 8] = if", &["E053"]),
    ("population p [3, 3, 4] = if", &["E053"]),
    ("population p [9, 4, 1] = if", &["E053"]),
    (
        "forward i -> p = conv(kernel = 2, stride = 2, channels = 8)",
        &[],
    ),
    // Of what is not told because an argument is wrong nothing is said.
    (
        "forward i -> p = conv(kernel = 3, stride = 2, chanels = 8)",
        &["E065"],
    ),
    (
        "forward i -> p = conv(kernel = 3, stride = 2, channels = 0)",
        &["E063"],
    ),
    ("forward i -> p = conv(stride = 2, channels = 8)", &["E064"]),
    (
        "forward i -> p = conv(kernel = 3, pad = 3, channels = 8)",
        &["E063"],
    ),
    (
        "forward i -> p = conv(kernel = 8, channels = 8, pad = 0)",
        &["E053"],
    ),
    (
        "forward i -> p = conv(kernel = 3, channels = 1048576)",
        &["E051"],
    ),
    ("forward i -> p = conv(kernel = 3)", &["E052"]),
    ("forward i -> p = avg_pool(size = 4)", &["E053"]),
    (
        "forward i -> p = avg_pool(size = 2, bias = false)",
        &["E065"],
    ),
    ("forward i -> p = zero", &["E052"]),
    ("forward i -> q = dense", &["E041"]),
    ("forward i -> = dense", &["E031"]),
    (
        "feedback p -> p = conv(kernel = 3, standardize = true)",
        &[],
    ),
    (
        "feedback p -> p = conv_transpose(kernel = 3, output_pad = 1)",
        &["E063"],
    ),
    (
        "feedback p -> p = conv_transpose(kernel = 1, pad = 1)",
        &["E063"],
    ),
    ("feedback p -> p = conv(kernel = 3, dropout = 1)", &["E063"]),
    (
        "feedback p -> p = conv(kernel = 3, max_norm = some)",
        &["E062"],
    ),
    (
        "feedback p -> p = conv(kernel = 3, max_norm = 0)",
        &["E063"],
    ),
    ("feedback p -> p = dense(init = uniform)", &["E064"]),
    ("feedback p -> p = zero(frozen = true)", &["E065"]),
    ("update = sgd(beta1 = 0.9)", &["E065"]),
    ("update = adam(momentum = 0.9)", &["E065"]),
    ("schedule = milestones", &["E064"]),
    ("schedule = milestones(at = 30)", &["E062"]),
    ("schedule = milestones(at = [])", &["E063"]),
    ("schedule = milestones(at = [30, 30])", &["E063"]),
    ("schedule = cosine", &["E064"]),
    ("published = mask", &["E060"]),
    ("published = [weight_decay, mask]", &[]),
    ("published = [maks, 1]", &["E060", "E062"]),
    ("published = [mask, mask]", &["E066"]),
];

#[test]
fn a_wrong_part_is_said_once_and_nothing_that_follows_from_it() {
    let first = |line: &str| line.split(' ').next().map(str::to_string);
    for (line, wanted) in LINES {
        let file = "spidec 1\nnetwork n {
input i [6, 6, 3] = constant(scale = 1)
population p = if
readout r [2] = linear(from = p)
forward i -> p = conv(kernel = 3, stride = 2, channels = 8)
feedback p -> p = dense\n}\ntraining {
update = sgd
schedule = constant
published = none\n}\n";
        let lines = file
            .lines()
            .map(|l| if first(l) == first(line) { line } else { l });
        let text: Vec<&str> = lines.collect();
        let result = check_text("line.fsnn", &text.join("\n"));
        let mut codes: Vec<&str> = { result.diagnostics.iter() }
            .map(|d| d.code.name())
            .collect();
        codes.retain(|code| code.starts_with('E'));
        let said = result.render(&result.diagnostics, false);
        assert_eq!(codes, wanted, "{line}\n{said}");
    }
}

#[test]
fn colors_only_where_they_are_wanted() {
    let result = check_text("empty.fsnn", "");
    assert!(!result.render(&result.diagnostics, false).contains('\u{1b}'));
    assert!(result.render(&result.diagnostics, true).contains('\u{1b}'));
}

#[test]
fn leaky_neurons_are_for_fixed_point_and_not_for_the_array() {
    let codes = |training: &str, array: &str| {
        let text = format!(
            "spidec 1\nnetwork n {{\ninput i [4] = constant(scale = 1/4)\npopulation p [3] = lif(leak = 7/8)\n\
             readout r [2] = linear(from = p)\nforward i -> p = dense\nfeedback p -> p = dense\n}}\n\
             training {{\n{training}\n}}\narray {{\n{array}\n}}\n"
        );
        let result = check_text("leaky.fsnn", &text);
        [
            Engine::Float,
            Engine::Fixed,
            Engine::FixedTraining,
            Engine::Array,
            Engine::ArrayTraining,
        ]
        .map(|engine| {
            let found = result.require(engine).err().unwrap_or_default();
            let line = |place: usize| text[..place].lines().count();
            let all = found
                .iter()
                .map(|d| (d.code.name(), line(d.label.span.start + 1)));
            all.collect::<Vec<_>>()
        })
    };
    let leak = ("E079", 4);
    let none: Vec<(&str, usize)> = Vec::new();
    let [float, fixed, training, array, array_training] = codes("", "");
    assert_eq!(
        [float, fixed, training],
        [none.clone(), none.clone(), none.clone()]
    );
    assert_eq!([array, array_training], [vec![leak], vec![leak]]);
    // A spike in each of 16 or 32 steps comes to 7.05 or 7.9.
    let narrow = ("E088", 13);
    let [float, fixed, training, array, _] = codes("", "trace = fixed(bits = 9, frac = 6)");
    assert_eq!((float, fixed), (none.clone(), vec![narrow]));
    assert_eq!((training, array), (vec![narrow; 2], vec![leak, narrow]));
    let [_, fixed, training, ..] = codes("", "trace = fixed(bits = 9, frac = 5)");
    assert_eq!([fixed, training], [none.clone(), none.clone()]);
    let [_, fixed, training, ..] = codes(
        "forward_stage = stage(steps = 2)",
        "trace = fixed(bits = 8, frac = 5)",
    );
    assert_eq!((fixed, training), (none.clone(), vec![narrow]));
    // What is read and learned from has masks of counts.
    let [float, fixed, training, ..] = codes("published = [mask]", "");
    assert_eq!(
        (float, fixed, training),
        (none.clone(), none, vec![("E079", 10)])
    );
}

#[test]
fn json_counts_lines_and_columns_from_one() {
    let text = "spidec 1\n// ein größeres\nnetwork n {\n  input größe [4] = evnts\n}\n";
    let result = check_text("wide.fsnn", text);
    let value = serde_json::to_value(result.json(&result.diagnostics)).expect("data");
    let of = |code: &str| {
        let all = value.as_array().expect("a list").iter();
        all.into_iter()
            .find(|d| d["code"] == code)
            .expect("the code")
    };
    assert_eq!(of("E007")["severity"], "error");
    assert_eq!(of("E007")["label"]["line"], 4);
    assert_eq!(of("E007")["label"]["column"], 11);
    assert_eq!(of("E007")["label"]["end_column"], 12);
    assert_eq!(of("E060")["label"]["column"], 21);
    assert_eq!(of("E060")["file"], "wide.fsnn");
}

const SMALL: &str = "spidec 1
network n { // x
  input i [4, 2, 1] = constant(scale = 1/4, std = [1])
  population p = lif(leak = 0.5)
  readout r [2] = linear(from = p)
  forward i -> p = conv(kernel = 3, stride = 2, channels = 3)
  feedback p -> p = dense(bias = false, max_norm = none)
}
training { schedule = milestones(at = [3, 4])
 published = [mask] }
array { learning = round(nearest)
}
";

/// A file is accepted, or what is wrong with it is said; both can be shown.
fn survives(bytes: &[u8]) {
    let result = check_bytes("broken.fsnn", bytes);
    let errors = result
        .diagnostics
        .iter()
        .filter(|d| d.severity() == Severity::Error)
        .count();
    assert_eq!(result.checked.is_none(), errors > 0, "{:?}", result.text);
    if let Some(checked) = &result.checked {
        let printed = checked.network.to_string();
        let again = check_text("printed.fsnn", &printed);
        assert_eq!(
            again.checked.map(|c| c.network).as_ref(),
            Some(&checked.network),
            "{printed}"
        );
    }
    let findings = findings(&result);
    assert_eq!(
        result.render(&findings, false).is_empty(),
        findings.is_empty()
    );
    assert_eq!(result.json(&findings).len(), findings.len());
}

#[test]
fn every_prefix_is_answered() {
    assert!(check_text("small", SMALL).checked.is_some());
    for end in 0..=SMALL.len() {
        survives(&SMALL.as_bytes()[..end]);
    }
}

#[test]
fn every_changed_byte_is_answered() {
    for place in 0..SMALL.len() {
        let mut bytes = SMALL.as_bytes().to_vec();
        for byte in 0..=255 {
            bytes[place] = byte;
            survives(&bytes);
        }
    }
}

#[test]
fn hostile_files_are_answered() {
    for text in [
        "(".repeat(100_000),
        "a(".repeat(100_000),
        "a([".repeat(31) + &"x = (\n".repeat(3000),
        "{".repeat(10_000),
        "network a {\n".repeat(2000),
        "spidec 1\n".repeat(2000),
        "\u{feff}spidec 1\r\nnetwork n {\r\n}\r\n".to_string(),
        format!(
            "spidec 1\nnetwork n {{\n{}}}\n",
            "population p [99999999999999999999] = if\n".repeat(2000)
        ),
        format!("x = {}", "9".repeat(100_000)),
    ] {
        survives(text.as_bytes());
    }
}
