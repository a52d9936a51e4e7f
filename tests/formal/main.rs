//! Proofs about cells of the RTL, by SymbiYosys with z3. The properties are Verilog beside this file,
//! around the modules as they are rendered; the shipped modules know nothing of them.
//!
//! Each proof is run again on modules with a planted fault, and must then fail, at an assertion that the fault can break.
//! Logs and counterexamples stay in `target/tmp/formal`, a folder a run.

mod proofs;

use proofs::{PROOFS, Proof, Reach};
use rtlsim::{Project, Tools};
use spidec_ir::random::NOISE_INDEX_BITS;
use spidec_tests::rtl::{project, replace};
use spidec_tests::skip;
use spidec_tests::work::in_two_threads;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Runs one proof; the assertions that failed, if any did.
fn prove(tools: &Tools, run: &str, proof: &Proof, project: &Project) -> Result<(), String> {
    let folder = folder().join(run);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let names: Vec<&str> = project.sources.iter().map(|s| s.name.as_str()).collect();
    for source in &project.sources {
        fs::write(folder.join(&source.name), &source.text).expect("writes");
    }
    fs::write(
        folder.join("proof.sby"),
        script(proof, &project.top, &names),
    )
    .expect("writes");
    let mut command = tools.sby().expect("it was there");
    let output = command
        .args(["-f", "proof.sby"])
        .current_dir(&folder)
        .output()
        .expect("sby runs");
    let log = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.code() {
        Some(0) => Ok(()),
        Some(2) => {
            let lines = log
                .lines()
                .filter(|line| line.contains("Assert failed in "));
            let failed = lines.filter_map(|line| Some(line.rsplit_once(": ")?.1));
            Err(failed.collect::<Vec<_>>().join(", "))
        }
        _ => panic!("{run}: {log}\n{}", String::from_utf8_lossy(&output.stderr)),
    }
}

fn script(proof: &Proof, top: &str, names: &[&str]) -> String {
    let (mode, depth) = match proof.reach {
        Reach::Complete => ("bmc", 1),
        Reach::Unbounded(depth) => ("prove", depth),
        Reach::Cycles(depth) => ("bmc", depth),
    };
    let numbers = proof.parameters.iter();
    let numbers = numbers.map(|(name, value)| (name, value.to_string()));
    let tables = proof.contract.iter().map(|(name, of)| {
        let words = (0..NOISE_INDEX_BITS).rev();
        let words: String = words.map(|bit| format!("{:08x}", of(1 << bit))).collect();
        (name, format!("{}'h{words}", 32 * NOISE_INDEX_BITS))
    });
    let parameters: String = numbers
        .chain(tables)
        .map(|(name, value)| format!("chparam -set {name} {value} {top}\n"))
        .collect();
    format!(
        "[options]\nmode {mode}\ndepth {depth}\ntimeout 300\n[engines]\nsmtbmc z3\n[script]\n\
         read_verilog -formal {}\n{parameters}prep -top {top}\n[files]\n{}\n",
        names.join(" "),
        names.join("\n")
    )
}

/// The modules as rendered, the first with what the properties see of it as outputs.
fn cell(proof: &Proof, top: &str) -> Project {
    let mut cell = project(top, proof.properties, proof.modules);
    let text = &mut cell.sources[0].text;
    for (name, bits, expression) in proof.shown {
        assert_eq!(text.matches("\n) (\n").count(), 1, "one list of ports");
        *text = text.replace(
            "\n) (\n",
            &format!("\n) (\n    output wire [{bits}-1:0] shown_{name},\n"),
        );
        *text = text.replace(
            "endmodule",
            &format!("  assign shown_{name} = {expression};\nendmodule"),
        );
    }
    cell
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("formal")
}

#[test]
fn every_proof_holds_and_fails_where_a_fault_is_planted() {
    let tools = spidec_verify::toolbox::tools();
    if let Err(e) = tools.sby() {
        skip(&format!("no sby with z3 ({e})"));
        return;
    }
    // The faults of all proofs beside the proofs themselves: what is slow comes first.
    let mut runs = Vec::new();
    for proof in PROOFS {
        let name = proof.name.split('_').next().unwrap_or_default();
        let top = format!("{name}_properties");
        let cell = cell(proof, &top);
        for (k, &(module, old, new, _)) in proof.faults.iter().enumerate() {
            let planted = replace(&cell, module, &[(old, new)]);
            runs.push((format!("{}_fault_{k}", proof.name), proof, planted));
        }
        runs.push((proof.name.to_owned(), proof, cell));
    }
    runs.reverse();
    let results = in_two_threads(&runs, |(run, proof, project)| {
        let start = Instant::now();
        (prove(&tools, run, proof, project), start.elapsed())
    });
    let mut wrong = Vec::new();
    for ((run, proof, _), (result, time)) in runs.iter().zip(&results).rev() {
        let seconds = time.as_secs_f64();
        let fault = run.rsplit_once("_fault_").map(|(_, k)| k);
        let (what, passed) =
            match fault.map(|k| proof.faults[k.parse::<usize>().expect("a number")]) {
                None => (format!("{:?}", proof.reach), result.is_ok()),
                Some((_, old, new, assertions)) => {
                    let named =
                        |failed: &String| failed.split(", ").any(|name| assertions.contains(&name));
                    let found = result.as_ref().is_err_and(named);
                    (format!("`{old}` to `{new}`"), found)
                }
            };
        eprintln!("| {run} | {what} | {result:?} | {seconds:.1} s |");
        if !passed {
            wrong.push(run);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    eprintln!("logs: {}", folder().display());
}
