//! The driver that the guide shows: it compiles as C99 and as C++, and drives the simulated hardware.

use rtlsim::{Engine, PowerUp, Project};
use spidec_compiler::emit;
use spidec_compiler::lower::Purpose;
use spidec_ir::program::WeightImage;
use spidec_runtime::array::{ArrayEngine, LearningState};
use spidec_runtime::fixed::FixedEngine;
use spidec_tests::board::{Board, START, WEIGHTS, example};
use spidec_tests::case::Case;
use spidec_tests::{root, skip};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The bus of the driver is its standard input and output: one line an access, one line an answer.
const BUS: &str = r#"
#include <stdio.h>
#include <stdlib.h>
#include <inttypes.h>
uint32_t bus_read(uint32_t address)
{
    uint32_t word = 0;
    printf("read %" PRIu32 " 0\n", address);
    fflush(stdout);
    if (scanf("%" SCNu32, &word) != 1)
        exit(9);
    return word;
}
void bus_write(uint32_t address, uint32_t word)
{
    printf("write %" PRIu32 " %" PRIu32 "\n", address, word);
    fflush(stdout);
}
"#;

/// What the driver is asked to do; what it says is compared with the array engine.
const MAIN: &str = r#"
static int32_t weights[SPIDEC_WEIGHT_WORDS];
int main(void)
{
    uint32_t k, class_, n = sizeof samples / sizeof samples[0];
    int32_t logits[SPIDEC_CLASSES];
    printf("opened %d 0\n", spidec_open());
    for (k = 0; k < n; k++) {
        printf("error %d 0\n", spidec_infer(samples[k], &class_));
        printf("class %" PRIu32 " 0\n", class_);
    }
    spidec_logits(logits);
    for (k = 0; k < SPIDEC_CLASSES; k++)
        printf("logit %" PRId32 " 0\n", logits[k]);
    spidec_save(weights);
#if SPIDEC_LEARNING
    for (uint32_t epoch = 0; epoch < 2; epoch++) {
        spidec_begin_epoch(epoch);
        for (k = 0; k < n; k++) {
            printf("error %d 0\n", spidec_train(samples[k], labels[k], &class_));
            printf("class %" PRIu32 " 0\n", class_);
        }
    }
    printf("samples %" PRIu64 " 0\n", spidec_samples());
    printf("trained 0 0\n");
    spidec_set_samples(5);
    printf("samples %" PRIu64 " 0\n", spidec_samples());
#else
    (void)labels;
    bus_write(SPIDEC_REGION_WEIGHTS, 1);
#endif
    spidec_restore(weights);
    printf("restored 0 0\n");
    return 0;
}
"#;

/// The C of the page.
fn page() -> String {
    let path = root().join("compiler/guide/src/integrate.md");
    let text = std::fs::read_to_string(path).expect("the page");
    let blocks = text.split("\n```").skip(1).step_by(2);
    let code = blocks.filter_map(|block| block.strip_prefix("c\n"));
    let code: String = code.map(|code| format!("{code}\n")).collect();
    assert!(code.contains("spidec_train"), "the driver is not there");
    code
}

/// A program made of the page's driver; `None`, loudly, where there is no C compiler.
fn compile(folder: &Path, case: &Case, driver: &str) -> Option<PathBuf> {
    let files = emit::project(&case.network, &case.program, &case.image, START).expect("renders");
    let header = files
        .iter()
        .find(|file| file.path == "spidec.h")
        .expect("a header");
    std::fs::write(folder.join("spidec.h"), &header.text).expect("writes");
    let list = |values: &mut dyn Iterator<Item = String>| values.collect::<Vec<_>>().join(", ");
    let samples = case
        .samples
        .iter()
        .map(|sample| format!("{{ {} }}", list(&mut sample.iter().map(u8::to_string))));
    let labels = (0..case.samples.len()).map(|k| case.label(k).to_string());
    let data = format!(
        "static const uint8_t samples[][SPIDEC_INPUT_VALUES] = {{ {} }};\n\
         static const uint32_t labels[] = {{ {} }};\n",
        list(&mut samples.into_iter()),
        list(&mut labels.into_iter())
    );
    // As C++ the driver alone: it is a user's, the test's frame is not.
    for (name, text) in [
        ("driver.cpp", driver.to_string()),
        ("main.c", format!("{driver}{BUS}{data}{MAIN}")),
    ] {
        std::fs::write(folder.join(name), text).expect("writes");
    }
    let strict = ["-Wall", "-Wextra", "-Werror", "-pedantic"];
    for (compiler, arguments) in [
        ("c++", ["-fsyntax-only", "driver.cpp", "-std=c++11", "-I."]),
        ("cc", ["-odriver", "main.c", "-std=c99", "-I."]),
    ] {
        let mut command = Command::new(compiler);
        let output = command
            .args(strict)
            .args(arguments)
            .current_dir(folder)
            .output();
        let Ok(output) = output else {
            skip(&format!("no {compiler}"));
            return None;
        };
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{compiler}: {said}");
    }
    Some(folder.join("driver"))
}

/// Lets the driver drive the hardware; the lines that are no accesses, and the weights at `trained` and `restored`.
fn drive(program: &Path, board: &mut Board, words: usize) -> (Vec<String>, Vec<Vec<i32>>) {
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("runs");
    let mut answers = child.stdin.take().expect("a pipe");
    let (mut said, mut weights) = (Vec::new(), Vec::new());
    for line in BufReader::new(child.stdout.take().expect("a pipe")).lines() {
        let line = line.expect("text");
        let parts: Vec<&str> = line.split(' ').collect();
        let number = |k: usize| parts[k].parse::<u32>().expect("a number");
        match parts[0] {
            "read" => writeln!(answers, "{}", board.read(number(1))).expect("a reader"),
            "write" => board.write(number(1), number(2)),
            "trained" | "restored" => {
                let all = (0..words as u32).map(|k| board.read(WEIGHTS + k) as i32);
                weights.push(all.collect());
            }
            _ => said.push(format!("{} {}", parts[0], parts[1])),
        }
    }
    assert!(child.wait().expect("ends").success(), "{said:?}");
    (said, weights)
}

/// What the driver should say.
fn wanted(case: &Case) -> (Vec<String>, Option<WeightImage>) {
    let mut array = ArrayEngine::new(&case.program, &case.parameters).expect("verifies");
    let mut said = vec!["opened 0".to_string()];
    let mut logits = Vec::new();
    for sample in &case.samples {
        let trace = array.trace(sample);
        said.extend(["error 0".into(), format!("class {}", trace.prediction)]);
        logits = trace.logits;
    }
    said.extend(logits.iter().map(|logit| format!("logit {logit}")));
    if !case.program.machine.learning {
        return (said, None);
    }
    let fixed = FixedEngine::new(&case.network).expect("fixed point takes it");
    let constants = |epoch| {
        fixed
            .learning(START.epochs + epoch)
            .expect("it learns")
            .constants
    };
    array.learning = LearningState {
        seed: case.network.training.seed,
        samples: START.samples,
        constants: constants(0),
    };
    for epoch in 0..2 {
        array.learning.constants = constants(epoch);
        for (k, sample) in case.samples.iter().enumerate() {
            let trace = array.train_trace(sample, case.label(k));
            said.extend(["error 0".into(), format!("class {}", trace.prediction)]);
        }
    }
    said.extend([
        format!("samples {}", array.learning.samples),
        "samples 5".into(),
    ]);
    (
        said,
        Some(WeightImage::new(&case.program, &array.parameters())),
    )
}

fn check(case: &Case, project: &Project, driver: &str) -> Option<Result<(), String>> {
    let folder = tempfile::tempdir().expect("a folder");
    let program = compile(folder.path(), case, driver)?;
    let mut board = Board::open(Engine::Verilator, project, PowerUp::Random(7))?;
    let (said, weights) = drive(&program, &mut board, case.image.words.len());
    let (wanted, trained) = wanted(case);
    let images = trained.iter().chain([&case.image]);
    let expected: Vec<Vec<i32>> = images.map(|image| image.words.clone()).collect();
    Some(match (said == wanted, weights == expected) {
        (true, true) => Ok(()),
        (false, _) => Err(format!("it said {said:?} instead of {wanted:?}")),
        (true, false) => Err("other weights".into()),
    })
}

#[test]
fn the_guides_driver_drives_the_hardware() {
    for purpose in [Purpose::Inference, Purpose::Learning] {
        let (case, project, _) = example("tiny.fsnn", purpose);
        let driver = page();
        let Some(result) = check(&case, &project, &driver) else {
            return;
        };
        assert_eq!(result, Ok(()), "{purpose:?}");
        // One that forgets the upper values of each word is found out.
        let broken = driver.replace("for (n = 0; n < 4; n++)", "for (n = 0; n < 3; n++)");
        assert_ne!(broken, driver);
        assert!(check(&case, &project, &broken).is_some_and(|result| result.is_err()));
    }
}
