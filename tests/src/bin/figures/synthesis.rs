//! The MNIST design in FPGAs: cells for ECP5 and Xilinx at 240 and 480 neurons, frequency after
//! place and route.

use crate::Outcome;
use spidec_compiler::emit;
use spidec_compiler::lower::Purpose;
use spidec_tests::root;
use spidec_tests::synthesis::{self, Count, Family, by_module, cells, place, without_identity};
use std::time::Instant;

/// The frequency that the router aims at, in MHz.
const TARGET: u32 = 80;

pub(crate) fn print() -> Outcome {
    let tools = spidec_verify::toolbox::tools();
    let small = std::fs::read_to_string(root().join("examples/mnist.fsnn"))?;
    let large = small.replace("hidden [240]", "hidden [480]");
    let dir = tempfile::tempdir()?;

    for purpose in [Purpose::Inference, Purpose::Learning] {
        println!("{purpose:?}:");
        for family in [Family::Ecp5, Family::Xilinx] {
            for (neurons, text) in [(240, &small), (480, &large)] {
                let (mut files, _) = synthesis::project(text, purpose);
                without_identity(&mut files);
                let folder = dir.path().join(format!("{purpose:?}-{family:?}-{neurons}"));
                emit::write(&files, &folder)?;
                let found = cells(&tools, &folder, "spidec_top", family)?;
                println!(
                    "{family:?}, {neurons} neurons, cells outside of memories: {}",
                    list(&found.logic)
                );
                println!(
                    "{family:?}, {neurons} neurons, cells of memories: {}",
                    list(&found.in_memories())
                );
            }
        }

        let folder = dir.path().join(format!("{purpose:?}-placed"));
        emit::write(&synthesis::project(&small, purpose).0, &folder)?;
        println!("ECP5 by module, 240 neurons:");
        for (module, count) in by_module(&tools, &folder)? {
            println!("  {module}: {}", list(&count));
        }
        let start = Instant::now();
        let placed = place(&tools, &folder, TARGET)?;
        println!(
            "LFE5U-85F, speed grade 6, 240 neurons, placed and routed: {:.1} MHz",
            placed.megahertz
        );
        for (resource, (used, available)) in &placed.resources {
            println!("  {resource}: {used} of {available}");
        }
        println!(
            "  synthesis, place and route: {:.0} s",
            start.elapsed().as_secs_f64()
        );
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
