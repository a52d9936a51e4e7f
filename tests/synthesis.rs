//! The emitted Verilog in the tools that take it: lint without a warning, memories and multipliers
//! where they are meant on three FPGA families, and no logic that grows with the network.

use rtlsim::{Engine, Options, Project, Tools};
use spidec_compiler::emit::{self, ProjectFile};
use spidec_compiler::lower::Purpose;
use spidec_ir::program::Machine;
use spidec_tests::synthesis::{
    Cells, Family, cells, faults, is_block_ram, is_flip_flop, is_lut_ram, output_bits, project,
    sum, without_identity, words,
};
use spidec_tests::work::in_two_threads;
use spidec_tests::{root, simulator, skip};
use std::sync::OnceLock;
use tempfile::TempDir;

fn example(name: &str) -> String {
    let path = root().join("examples").join(name);
    std::fs::read_to_string(path).expect("an example")
}

/// Tools with a Yosys; `None`, loudly, where it is missing.
fn yosys() -> Option<Tools> {
    let tools = spidec_verify::toolbox::tools();
    match tools.yosys() {
        Ok(_) => Some(tools),
        Err(e) => {
            skip(&format!("no yosys ({e})"));
            None
        }
    }
}

/// Writes a project and synthesizes it from a module down.
fn synthesize_below(tools: &Tools, files: &[ProjectFile], top: &str, family: Family) -> Cells {
    let dir = TempDir::new().expect("a folder");
    let folder = dir.path().join("project");
    emit::write(files, &folder).expect("writes");
    cells(tools, &folder, top, family).expect("synthesizes")
}

/// Writes a project and synthesizes all of it.
fn synthesize(tools: &Tools, files: &[ProjectFile], family: Family) -> Cells {
    synthesize_below(tools, files, "spidec_top", family)
}

/// The smallest example, for inference, without what identifies it.
fn tiny() -> (Vec<ProjectFile>, Machine) {
    let (mut files, machine) = project(&example("tiny.fsnn"), Purpose::Inference);
    without_identity(&mut files);
    (files, machine)
}

/// Its cells on an ECP5, synthesized once for all tests.
fn tiny_on_ecp5(tools: &Tools) -> &'static Cells {
    static CELLS: OnceLock<Cells> = OnceLock::new();
    CELLS.get_or_init(|| synthesize(tools, &tiny().0, Family::Ecp5))
}

/// One multiplier a lane, one for an event's value and one for its block.
fn multipliers(machine: &Machine) -> u64 {
    u64::from(machine.lanes) + 2
}

fn file<'a>(files: &'a mut [ProjectFile], path: &str) -> &'a mut ProjectFile {
    files.iter_mut().find(|f| f.path == path).expect("a file")
}

#[test]
fn tiny_maps_to_memories_and_multipliers_on_every_family() {
    let Some(tools) = yosys() else { return };
    let (files, machine) = tiny();
    let families = [Family::Ecp5, Family::Xilinx, Family::Ice40];
    let found = in_two_threads(&families, |&family| match family {
        Family::Ecp5 => tiny_on_ecp5(&tools).clone(),
        _ => synthesize(&tools, &files, family),
    });
    for (cells, family) in found.iter().zip(families) {
        // The factor of an event has 18 bits; an iCE40's multiplier takes 16, so that it takes two.
        let wanted = multipliers(&machine) + u64::from(family == Family::Ice40);
        let wrong = faults(cells, family, output_bits(&machine), wanted);
        assert!(wrong.is_empty(), "{family:?}: {wrong:#?}");
        // Four memories a lane; spikes, program and input once.
        let memories: u64 = cells.memories.iter().map(|(times, _)| times).sum();
        assert_eq!(memories, u64::from(machine.lanes) * 4 + 3, "{family:?}");
    }
    // An iCE40 UP5K has 5,280 logic cells.
    let ice = &found[2].logic;
    assert!(ice["SB_LUT4"] < 5280, "{ice:?}");
}

#[test]
fn a_learning_tiny_maps_to_memories_and_multipliers() {
    let Some(tools) = yosys() else { return };
    let (files, machine) = project(&example("tiny.fsnn"), Purpose::Learning);
    let families = [Family::Ecp5, Family::Xilinx];
    let found = in_two_threads(&families, |&family| synthesize(&tools, &files, family));
    for (cells, family) in found.iter().zip(families) {
        let wrong = faults(cells, family, output_bits(&machine), multipliers(&machine));
        assert!(wrong.is_empty(), "{family:?}: {wrong:#?}");
        // Five memories a lane; spikes, program, input, learning constants and the loss's entries once.
        let memories: u64 = cells.memories.iter().map(|(times, _)| times).sum();
        assert_eq!(memories, u64::from(machine.lanes) * 5 + 5, "{family:?}");
    }
}

#[test]
fn logic_does_not_grow_with_the_network() {
    let Some(tools) = yosys() else { return };
    let small = example("tiny.fsnn");
    let large = small.replace("hidden [8] ", "hidden [80]");
    assert_ne!(small, large);
    for purpose in [Purpose::Inference, Purpose::Learning] {
        let mut projects = [project(&small, purpose), project(&large, purpose)];
        let [a, b] = [&projects[0].1, &projects[1].1];
        assert!(b.chunks > a.chunks && b.weight_rows() > a.weight_rows());
        for (files, _) in &mut projects {
            without_identity(files);
        }
        let before_mapping = in_two_threads(&projects, |(files, _)| {
            let dir = TempDir::new().expect("a folder");
            let folder = dir.path().join("project");
            emit::write(files, &folder).expect("writes");
            words(&tools, &folder).expect("reads")
        });
        assert_eq!(before_mapping[0], before_mapping[1], "{purpose:?}");
        assert!(before_mapping[0].len() > 20, "{:?}", before_mapping[0]);
        // Mapped too: of a learning build that takes a minute and says no more.
        if purpose == Purpose::Inference {
            let small = tiny_on_ecp5(&tools);
            let large = synthesize(&tools, &projects[1].0, Family::Ecp5);
            assert_eq!(small.logic, large.logic);
            assert_ne!(small.memories, large.memories);
        }
    }
}

#[test]
fn lost_multipliers_are_found() {
    let Some(tools) = yosys() else { return };
    let (mut files, machine) = tiny();
    let mut wrong = |new: &str| {
        let lane = file(&mut files, "rtl/spidec_lane.v");
        let product = "s3_operand * s3_value_i";
        assert_eq!(lane.text.matches(product).count(), 1);
        lane.text = lane.text.replace(product, new);
        let cells = synthesize_below(&tools, &files, "spidec_lane", Family::Ecp5);
        faults(&cells, Family::Ecp5, output_bits(&machine), 1)
    };
    assert_eq!(wrong("s3_operand * s3_value_i"), [""; 0]);
    assert_eq!(
        wrong("s3_operand + s3_value_i"),
        ["0 MULT18X18D, expected 1"]
    );
}

/// A module of three memories: a weight bank, states, counts of many chunks.
const MEMORIES: &str = "
module memories(
    input wire clk_i, input wire write_i, input wire read_i, input wire [13:0] addr_i,
    input wire [31:0] data_i, output wire [11:0] a_o, output wire [31:0] b_o, output wire [7:0] c_o,
    output wire more_o
);
  spidec_ram #(.WIDTH(12), .DEPTH(16384), .ADDR(14), .INIT(\"images/bank.hex\")) u_a (
      clk_i, write_i, addr_i, data_i[11:0], read_i, addr_i, a_o);
  spidec_ram #(.WIDTH(32), .DEPTH(16), .ADDR(14)) u_b (
      clk_i, write_i, addr_i, data_i, read_i, addr_i, b_o);
  spidec_ram #(.WIDTH(8), .DEPTH(1024), .ADDR(14)) u_c (
      clk_i, write_i, addr_i, data_i[7:0], read_i, addr_i, c_o);
  // more
endmodule
";

/// Synthesizes [`MEMORIES`] with an edit of the memory and more in the module.
fn memories(
    tools: &Tools,
    memory: (&str, &str),
    more: &str,
    family: Family,
) -> Result<Cells, String> {
    let (mut files, _) = project(&example("tiny.fsnn"), Purpose::Inference);
    let ram = &mut file(&mut files, "rtl/spidec_ram.v").text;
    assert!(ram.contains(memory.0));
    let ram = ram.replace(memory.0, memory.1);
    let dir = TempDir::new().expect("a folder");
    for (path, text) in [
        ("rtl/spidec_ram.v", ram),
        ("rtl/memories.v", MEMORIES.replace("// more", more)),
        ("images/bank.hex", "5a5\n".repeat(16384)),
    ] {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("creates");
        std::fs::write(path, text).expect("writes");
    }
    cells(tools, dir.path(), "memories", family)
}

/// No edit, and nothing more.
const AS_IT_IS: (&str, &str) = ("", "");
const NOTHING: &str = "assign more_o = 1'b0;";

#[test]
fn a_weight_bank_becomes_blocks_and_states_become_lut_ram() {
    let Some(tools) = yosys() else { return };
    for (family, blocks, output) in [(Family::Ecp5, 12 + 1, 32), (Family::Xilinx, 6 + 1, 32)] {
        let cells = memories(&tools, AS_IT_IS, NOTHING, family).expect("synthesizes");
        assert_eq!(faults(&cells, family, output, 0), [""; 0], "{family:?}");
        let all = cells.in_memories();
        assert_eq!(sum(&all, is_block_ram), blocks, "{family:?}: {all:?}");
        assert_eq!(sum(&all, is_flip_flop), output, "{family:?}: {all:?}");
        assert!(sum(&all, is_lut_ram) > 0, "{family:?}: {all:?}");
    }
}

#[test]
fn memories_of_flip_flops_are_found() {
    let Some(tools) = yosys() else { return };
    // A memory that can be cleared at once is none.
    let cleared = (
        "if (read_i)",
        "if (DEPTH == 16 && write_i && read_i) begin : clear\n\
           integer k; for (k = 0; k < 16; k = k + 1) mem[k] <= {WIDTH{1'b0}};\n\
         end else if (read_i)",
    );
    let cells = memories(&tools, cleared, NOTHING, Family::Ecp5).expect("synthesizes");
    let wrong = faults(&cells, Family::Ecp5, 32, 0);
    assert_eq!(wrong.len(), 2, "{wrong:#?}");
    assert!(wrong[0].contains("no memory cell"), "{wrong:#?}");
    assert!(wrong[1].contains("544 flip-flops"), "{wrong:#?}");
}

#[test]
fn latches_and_wires_without_one_driver_are_found() {
    let Some(tools) = yosys() else { return };
    let broken = |more: &str| memories(&tools, AS_IT_IS, more, Family::Ecp5).expect_err("refused");
    let said = broken("reg l; always @* if (write_i) l = data_i[0]; assign more_o = l;");
    assert!(said.contains("selection is not empty"), "{said}");
    let said = broken("wire open; assign more_o = open;");
    assert!(said.contains("check -assert"), "{said}");
    let said = broken("assign more_o = 1'b0; assign more_o = data_i[0];");
    assert!(said.contains("check -assert"), "{said}");
}

/// Networks of every number of lanes, with formats of all sizes.
fn formats() -> Vec<String> {
    let tiny = example("tiny.fsnn");
    let array = &tiny[tiny.find("array {").expect("a block")..];
    let formats = [
        (4, 8, 5, 16, 5),
        (8, 5, 3, 12, 6),
        (16, 16, 12, 24, 12),
        (32, 12, 9, 20, 9),
        (32, 4, 2, 8, 2),
    ];
    let network = |(lanes, bits, frac, membrane, membrane_frac): (u32, u32, u32, u32, u32)| {
        let new = format!(
            "array {{\n  lanes = {lanes}\n  \
             weight = fixed(bits = {bits}, frac = {frac}, overflow = saturate)\n  \
             membrane = fixed(bits = {membrane}, frac = {membrane_frac})\n}}\n"
        );
        tiny.replace(array, &new)
    };
    formats.into_iter().map(network).collect()
}

fn simulated(files: &[ProjectFile]) -> Project {
    let mut project = Project::new("spidec_top");
    project.clock = "clk_i".into();
    for file in files {
        if file.path.ends_with(".v") {
            project.add_source(file.path.clone(), file.text.clone());
        } else if file.path.ends_with(".hex") {
            project
                .images
                .push((file.path.clone(), file.text.clone().into_bytes()));
        } else if file.path.ends_with(".vlt") {
            project.lint_waivers = Some(file.text.clone());
        }
    }
    project
}

#[test]
fn verilator_has_no_warning() {
    let Some(tools) = simulator(Engine::Verilator) else {
        return;
    };
    let both = [Purpose::Inference, Purpose::Learning];
    let all = formats();
    let builds = all
        .iter()
        .flat_map(|text| both.map(|purpose| (text, purpose)));
    for (text, purpose) in builds {
        let (files, machine) = project(text, purpose);
        let warnings = rtlsim::lint(&simulated(&files), &tools).expect("lints");
        assert_eq!(warnings, "", "{machine:?}");
    }
    // The linter sees what is wrong.
    let (mut files, _) = tiny();
    let scanner = file(&mut files, "rtl/spidec_scanner.v");
    let addr = "addr_q    <= addr_q + 16'd1;";
    assert_eq!(scanner.text.matches(addr).count(), 1);
    scanner.text = scanner.text.replace(addr, "addr_q <= addr_q + 17'd1;");
    let warnings = rtlsim::lint(&simulated(&files), &tools).expect("lints");
    assert!(warnings.contains("WIDTH"), "{warnings}");
}

#[test]
fn icarus_accepts_every_format() {
    let Some(tools) = simulator(Engine::Icarus) else {
        return;
    };
    let purposes = [Purpose::Inference, Purpose::Learning];
    let builds = formats()
        .into_iter()
        .flat_map(|text| purposes.map(|purpose| (text.clone(), purpose)));
    for (text, purpose) in builds {
        let (mut files, machine) = project(&text, purpose);
        let prepare = |files: &[ProjectFile]| {
            let project = simulated(files);
            rtlsim::prepare(Engine::Icarus, &project, &tools, &Options::default())
        };
        prepare(&files).unwrap_or_else(|e| panic!("{machine:?}: {e}"));
        file(&mut files, "rtl/spidec_issue.v")
            .text
            .push_str("module");
        assert!(prepare(&files).is_err());
    }
}

/// Names that a module uses before it declares them: some tools make single bits of such.
fn used_early(text: &str) -> Vec<String> {
    let code: Vec<&str> = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""))
        .collect();
    let code = code.join("\n");
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut tokens: Vec<&str> = Vec::new();
    for piece in code.split_inclusive(|c: char| !word(c)) {
        let (name, rest) = piece.split_at(piece.trim_end_matches(|c: char| !word(c)).len());
        tokens.extend([name, rest.trim()].into_iter().filter(|t| !t.is_empty()));
    }
    let (mut seen, mut early) = (std::collections::BTreeSet::new(), Vec::new());
    // In a declaration; how deep in brackets; whether the next name there is one that is declared.
    let (mut declares, mut depth, mut fresh) = (false, 0, false);
    for (k, token) in tokens.iter().enumerate() {
        match *token {
            "wire" | "reg" | "integer" | "genvar" | "localparam" | "parameter" => {
                (declares, depth, fresh) = (true, 0, true);
            }
            "signed" => {}
            ";" => declares = false,
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => {
                depth -= 1;
                declares &= depth >= 0;
            }
            "," if depth == 0 => fresh = true,
            "input" | "output" => declares = false,
            name if name.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                if declares && fresh && depth == 0 {
                    if seen.contains(name) {
                        early.push(name.to_string());
                    }
                    fresh = false;
                // `.port` of an instance is another module's name, `8'hff` a number.
                } else if k == 0 || !tokens[k - 1].ends_with(['.', '\'']) {
                    seen.insert(name);
                }
            }
            _ => {}
        }
    }
    early
}

#[test]
fn names_are_declared_before_they_are_used() {
    for purpose in [Purpose::Inference, Purpose::Learning] {
        let (files, _) = project(&example("tiny.fsnn"), purpose);
        let modules = files.iter().filter(|file| file.path.ends_with(".v"));
        for module in modules {
            assert_eq!(used_early(&module.text), [""; 0], "{}", module.path);
        }
    }
    let early =
        "module m (input wire a);\n  assign b = a;\n  wire [1:0] c = {a, b}, b;\nendmodule\n";
    assert_eq!(used_early(early), ["b"]);
}
