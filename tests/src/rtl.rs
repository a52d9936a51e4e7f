//! Single modules of the RTL, and edits of their text.

use rtlsim::Project;
use spidec_ir::program::Machine;

/// A machine that learns. Modules take their sizes as parameters, so its own are of no account, but
/// that the array has a noise constant for each of the most lanes.
pub fn machine() -> Machine {
    Machine {
        learning: true,
        lanes: 32,
        weight_bits: 12,
        membrane_bits: 20,
        accumulator_bits: 32,
        count_bits: 8,
        error_bits: 10,
        operand_bits: 12,
        blocks: 4,
        chunks: 16,
        input_rows: 16,
        instructions: 64,
        layers: 4,
    }
}

/// A module of [`machine`], as it is rendered.
///
/// # Panics
/// Where there is no such module.
pub fn module(name: &str) -> rtlsim::Source {
    let name = format!("spidec_{name}.v");
    let files = spidec_rtl::core(&machine()).expect("templates render");
    let file = files.into_iter().find(|file| file.name == name);
    rtlsim::Source {
        text: file.unwrap_or_else(|| panic!("no {name}")).text,
        name,
    }
}

/// A project of some modules below a top module of the test's own, which is called as its file.
pub fn project(top: &str, text: &str, modules: &[&str]) -> Project {
    let mut project = Project::new(top);
    project.clock = "clk_i".into();
    project.sources = modules.iter().map(|name| module(name)).collect();
    project.add_source(format!("{top}.v"), text);
    project
}

/// The project with words of one module replaced, each of which stands there exactly once.
///
/// # Panics
/// Where they do not.
pub fn replace(project: &Project, module: &str, edits: &[(&str, &str)]) -> Project {
    let mut planted = project.clone();
    let name = format!("spidec_{module}.v");
    let mut sources = planted.sources.iter_mut();
    let source = sources.find(|s| s.name == name).expect("a module");
    for (old, new) in edits {
        assert_eq!(source.text.matches(old).count(), 1, "{module}: {old}");
        source.text = source.text.replace(old, new);
    }
    planted
}
