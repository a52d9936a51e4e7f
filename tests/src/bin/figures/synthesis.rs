//! The MNIST design in FPGAs: cells for ECP5 and Xilinx at 240 and 480 neurons; frequency after place and
//! route.

use crate::Outcome;
use spidec_compiler::emit;
use spidec_compiler::lower::Purpose;
use spidec_tests::root;
use spidec_tests::synthesis::{self, Count, Family, by_module, cells, place, without_identity};
use spidec_tests::work::in_two_threads;
use std::time::Instant;

/// The frequency that the router aims at, in MHz.
const TARGET: u32 = 80;

const PURPOSES: [Purpose; 2] = [Purpose::Inference, Purpose::Learning];

/// The text of examples/mnist.fsnn.
fn mnist() -> std::io::Result<String> {
    std::fs::read_to_string(root().join("examples/mnist.fsnn"))
}

pub(crate) fn cells_of_both() -> Outcome {
    let tools = spidec_verify::toolbox::tools();
    let small = mnist()?;
    let large = small.replace("hidden [240]", "hidden [480]");
    let dir = tempfile::tempdir()?;
    let builds = PURPOSES
        .iter()
        .flat_map(|&purpose| [(purpose, 240), (purpose, 480)]);
    let builds: Vec<(Purpose, u32)> = builds.collect();
    let folder = |purpose: Purpose, neurons: u32| dir.path().join(format!("{purpose:?}-{neurons}"));
    for &(purpose, neurons) in &builds {
        let text = if neurons == 240 { &small } else { &large };
        let (mut files, _) = synthesis::project(text, purpose);
        without_identity(&mut files);
        emit::write(&files, &folder(purpose, neurons))?;
    }
    let words = in_two_threads(&builds, |&(purpose, neurons)| {
        synthesis::words(&tools, &folder(purpose, neurons))
    });
    let words = words.into_iter().collect::<Result<Vec<_>, _>>()?;
    for (purpose, words) in PURPOSES.iter().zip(words.chunks(2)) {
        let count: u64 = words[0].values().sum();
        if words[0] != words[1] {
            return Err(format!("{purpose:?}: other cells at 480 neurons").into());
        }
        println!(
            "{purpose:?}: the same {count} cells of the Verilog at 240 and 480 neurons, memories aside"
        );
    }
    let modules = in_two_threads(&PURPOSES, |&purpose| {
        by_module(&tools, &folder(purpose, 240))
    });
    for (purpose, modules) in PURPOSES.iter().zip(modules) {
        println!("{purpose:?}, ECP5 by module, 240 neurons:");
        for (module, count) in modules? {
            println!("  {module}: {}", list(&count));
        }
    }
    for (purpose, neurons) in builds {
        let families = [Family::Ecp5, Family::Xilinx];
        let mapped = in_two_threads(&families, |&family| {
            cells(&tools, &folder(purpose, neurons), "spidec_top", family)
        });
        for (family, found) in families.iter().zip(mapped) {
            let found = found?;
            println!(
                "{purpose:?}, {family:?}, {neurons} neurons: {}\n  memories: {}",
                list(&found.logic),
                list(&found.in_memories())
            );
        }
    }
    Ok(())
}

pub(crate) fn placement() -> Outcome {
    let tools = spidec_verify::toolbox::tools();
    let small = mnist()?;
    let dir = tempfile::tempdir()?;
    let all = in_two_threads(&PURPOSES, |&purpose| {
        let start = Instant::now();
        let folder = dir.path().join(format!("{purpose:?}"));
        let files = synthesis::project(&small, purpose).0;
        emit::write(&files, &folder).map_err(|e| e.to_string())?;
        let placed = place(&tools, &folder, TARGET)?;
        Ok::<_, String>((placed, start.elapsed().as_secs_f64()))
    });
    for (purpose, result) in PURPOSES.iter().zip(all) {
        let (placed, seconds) = result?;
        println!(
            "{purpose:?}, LFE5U-85F, speed grade 6, 240 neurons, placed and routed: {:.1} MHz",
            placed.megahertz
        );
        for (resource, (used, available)) in &placed.resources {
            println!("  {resource}: {used} of {available}");
        }
        println!("  synthesis, place and route: {seconds:.0} s");
    }
    Ok(())
}

fn list(count: &Count) -> String {
    let cells: Vec<String> = count
        .iter()
        .map(|(cell, n)| format!("{n} {cell}"))
        .collect();
    cells.join(", ")
}
