//! The canonical text: what a network prints parses back to the same network and prints the same again.

use spidec_compiler::check::{CheckResult, Engine, check_text, defaults, reference};
use spidec_compiler::diagnostics::Code;
use spidec_ir::Network;
use spidec_ir::network::*;
use spidec_tests::any_network::any_network;
use spidec_tests::root;

fn example(name: &str) -> CheckResult {
    let path = root().join("examples").join(name);
    let text = std::fs::read_to_string(&path).expect("the example");
    check_text(name, &text)
}

/// The network files of `examples`, or of a folder inside, by name.
fn examples(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join("examples").join(folder));
    let paths = entries
        .expect("the examples")
        .map(|e| e.expect("an entry").path());
    let names = paths.filter_map(|path| {
        let name = path.file_name()?.to_str()?;
        name.ends_with(".fsnn").then(|| format!("{folder}{name}"))
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn round_trip(network: &Network) {
    let printed = network.to_string();
    let result = check_text("printed.fsnn", &printed);
    let Some(checked) = &result.checked else {
        panic!("{printed}\n{}", result.render(&result.diagnostics, false));
    };
    assert_eq!(&checked.network, network, "{printed}");
    assert_eq!(checked.network.to_string(), printed);
}

#[test]
fn whole_numbers_are_written_in_digits_alone() {
    let text = std::fs::read_to_string(root().join("examples/digits.fsnn")).expect("the example");
    for (steps, said) in [
        ("16.0", "steps is not written as a whole number"),
        ("32/2", "steps is not written as a whole number"),
        ("16.5", "a whole number from 1 to 255"),
        ("256", "steps = 256 is out of range"),
        ("-1.0", "steps = -1 is out of range"),
    ] {
        let text = text.replace("steps = 16", &format!("steps = {steps}"));
        let result = check_text("digits.fsnn", &text);
        let told = result.render(&result.diagnostics, false);
        assert!(result.checked.is_none() && told.contains(said), "{told}");
    }
}

#[test]
fn examples_are_accepted_without_a_warning_and_by_engines_that_have_all_they_ask_for() {
    let mut everywhere = Vec::new();
    for name in [examples(""), examples("paper/")].concat() {
        let result = example(&name);
        assert!(
            result.diagnostics.is_empty(),
            "{}",
            result.render(&result.diagnostics, false)
        );
        let checked = result.require(Engine::Float).expect("accepted");
        round_trip(&checked.network);
        // What stands in the way of others is what the example is about, not a format or a size.
        let mut reasons = Vec::new();
        for engine in [
            Engine::Fixed,
            Engine::Array,
            Engine::FixedTraining,
            Engine::ArrayTraining,
        ] {
            reasons.extend(result.require(engine).err().unwrap_or_default());
        }
        for reason in &reasons {
            let expected = [
                Code::Feature,
                Code::Batch,
                Code::Momentum,
                Code::WeightDecay,
            ];
            assert!(
                expected.contains(&reason.code),
                "{}",
                result.render(&reasons, false)
            );
        }
        if reasons.is_empty() {
            everywhere.push(name);
        }
    }
    assert_eq!(
        everywhere,
        [
            "digits.fsnn",
            "mnist.fsnn",
            "mnist_large.fsnn",
            "three.fsnn",
            "tiny.fsnn"
        ]
    );
}

#[test]
fn shapes_that_are_left_out_are_told_by_projections() {
    let text = |shapes: [&str; 6], told: bool| {
        let [p1, p2, p3, p4, p5, p6] = shapes;
        let channels = |n| {
            if told {
                format!(", channels = {n}")
            } else {
                String::new()
            }
        };
        let (a, b, c) = (channels(16), channels(8), channels(4));
        let text = format!(
            "spidec 1\nnetwork n {{
  input image [28, 20, 3] = constant(scale = 1)
  population p1 {p1} = if
  population p2 {p2} = lif(leak = 0.5)
  population p3 {p3} = if
  population p4 {p4} = if
  population p5 {p5} = if
  population p6 {p6} = if
  readout digit [10] = linear(from = p6)
  forward image -> p1 = conv(kernel = 5, stride = 2{a})
  forward p1 -> p2 = avg_pool(size = 2)
  forward p2 -> p3 = conv(kernel = 4, pad = 0{b})
  forward p3 -> p4 = conv_transpose(kernel = 3, stride = 2{c})
  forward p1 -> p5 = conv_transpose(kernel = 3, stride = 2, output_pad = 1{c})
  forward p5 -> p6 = avg_pool(size = 4)
  feedback p6 -> p1 = dense(bias = false)\n}}\n"
        );
        let result = check_text("shapes.fsnn", &text);
        let said = result.render(&result.diagnostics, false);
        result.checked.unwrap_or_else(|| panic!("{said}")).network
    };
    // By hand: (28 + 4 - 5) / 2 + 1 = 14; 7 and 5 less 3; 2 x 3 + 3 - 2 = 7; doubled; a quarter.
    let given = [
        "[14, 10, 16]",
        "[7, 5, 16]",
        "[4, 2, 8]",
        "[7, 3, 4]",
        "[28, 20, 4]",
        "[7, 5, 4]",
    ];
    let network = text(given, false);
    assert_eq!(text([""; 6], true), network);
    assert_eq!(text(given, true), network);
}

#[test]
fn lines_lead_back_to_the_file() {
    let result = example("mnist.fsnn");
    let checked = result.checked.as_ref().expect("accepted");
    let line = |n: u32| result.text.lines().nth(n as usize - 1).expect("a line");
    let lines = &checked.lines;
    assert!(line(lines.input).contains("input      image"));
    assert!(line(lines.population(PopulationId(0)).unwrap()).contains("population hidden"));
    assert!(line(lines.projection(ProjectionId(0)).unwrap()).contains("image  -> hidden"));
    assert!(line(lines.projection(ProjectionId(1)).unwrap()).contains("hidden -> hidden"));
    assert!(line(lines.readout).contains("readout    digit"));
    assert!(line(lines.entries["forward_stage"]).contains("forward_stage"));
    assert!(line(lines.entries["learning"]).contains("round(stochastic)"));
    assert!(!lines.entries.contains_key("error"));
}

#[test]
fn a_network_without_blocks_has_the_documented_defaults() {
    let text = "spidec 1\nnetwork n {\n input i [4] = constant(scale = 1)\n population p [9] = if\n \
                readout r [2] = linear(from = p)\n forward i -> p = dense\n}\n";
    let result = check_text("defaults.fsnn", text);
    let network = &result.checked.expect("accepted").network;
    assert_eq!(network.training, defaults::training());
    assert_eq!(network.array, defaults::array());
    assert_eq!(network.projections[0].init, defaults::init(4));
    assert_eq!(network.readout.init, defaults::init(9));
    let printed = network.to_string();
    for entry in [reference::training(), reference::array()]
        .into_iter()
        .flatten()
    {
        if !entry.place.contains('(') {
            let default = entry.default.expect("every setting has a default");
            let line = format!("  {} = {default}\n", entry.place);
            assert!(printed.contains(&line), "{line} is not in\n{printed}");
        }
    }
    assert!(printed.contains(
        "init = normal(std = 0.5), bias = true, frozen = false, dropout = 0, max_norm = none)"
    ));
}

#[test]
fn a_shift_has_the_documented_defaults_and_fits_the_picture() {
    let read = |augment: &str| {
        let text = format!(
            "spidec 1\nnetwork n {{\n input i [9, 6, 1] = constant(scale = 1)\n population p [9] = if\n \
             readout r [2] = linear(from = p)\n forward i -> p = dense\n}}\ntraining {{\n augment = {augment}\n}}\n"
        );
        let checked = check_text("shift.fsnn", &text).checked;
        checked.map(|checked| checked.network.training.augment)
    };
    assert_eq!(read("none"), Some(None));
    assert_eq!(read("shift"), Some(Some(defaults::shift())));
    let entries = reference::training();
    let default = |place| {
        let entry = entries.iter().find(|entry| entry.place == place);
        entry.unwrap().default.as_deref().unwrap()
    };
    let (pixels, mirror) = (default("shift(pixels)"), default("shift(mirror)"));
    let explicit = read(&format!("shift(pixels = {pixels}, mirror = {mirror})"));
    assert_eq!(explicit, read("shift"));
    let shift = |pixels| read(&format!("shift(pixels = {pixels}, mirror = true)"));
    let most = Shift {
        pixels: 5,
        mirror: true,
    };
    assert_eq!(shift(5), Some(Some(most)));
    assert_eq!(shift(6), None);
}

#[test]
fn random_networks_print_and_parse_back() {
    let mut kernels = [0; 3];
    for seed in 0..2000 {
        let network = any_network(seed);
        for projection in &network.projections {
            match projection.operator {
                Operator::Convolution { .. } => kernels[0] += 1,
                Operator::ConvolutionTranspose { .. } => kernels[1] += 1,
                Operator::AveragePool { .. } => kernels[2] += 1,
                Operator::Dense | Operator::Zero => {}
            }
        }
        round_trip(&network);
    }
    assert!(kernels.iter().all(|&count| count > 100), "{kernels:?}");
}
