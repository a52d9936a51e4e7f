//! How to get a tool: rtlsim knows the system's ways, spidec has one of its own.

use rtlsim::Error;
use rtlsim::tools::{Group, Obstacle, package};
use spidec_verify::toolbox;
use std::env::consts::{ARCH, OS};

/// The lines that get a tool, one for each way; a way is a command or a sentence.
pub(crate) fn ways(tool: &str) -> Vec<String> {
    let mut ways = Vec::new();
    if let Some(group) = Group::of(tool) {
        match group.has_wheels(OS, ARCH) {
            true => ways.push(format!("spidec tools install {}", group.name())),
            false => ways.push(format!("there is no wheel for {OS} on {ARCH}")),
        }
    }
    if let Some(package) = package(tool, OS) {
        let way = match (package.line, package.note) {
            (line, "") => line.to_string(),
            ("", note) => note.to_string(),
            (line, note) => format!("{line}  ({note})"),
        };
        ways.push(way);
    }
    ways
}

/// The variable that names the tool to be used, where one does: nothing that is installed goes before that.
pub(crate) fn named(tool: &str) -> Option<&'static str> {
    let variable = match tool {
        "verilator" => "RTLSIM_VERILATOR",
        "z3" => "RTLSIM_Z3",
        _ => return None,
    };
    let value = std::env::var_os(variable)?;
    (!value.is_empty()).then_some(variable)
}

/// The lines that get another tool than one that was found and is of no use.
pub(crate) fn instead(tool: &str) -> Vec<String> {
    match named(tool) {
        Some(variable) => vec![format!("unset {variable}, or name another program with it")],
        None => ways(tool),
    }
}

/// A missing, old or broken tool, with spidec's own way to get it.
pub(crate) fn with_own_way(tool: &str, error: &Error) -> String {
    if let Some(variable) = named(tool) {
        return format!("{error}; ${variable} names it: unset it, or name another program");
    }
    let Some(group) = Group::of(tool).filter(|group| group.has_wheels(OS, ARCH)) else {
        return error.to_string();
    };
    let line = format!("spidec tools install {}", group.name());
    let own = toolbox::tools().installed(group);
    match error {
        Error::ToolBroken { path, .. } => match own.filter(|folder| path.starts_with(folder)) {
            Some(folder) => format!("{error}; remove {}, then `{line}`", folder.display()),
            None => format!("{error}; `{line}` gets one without root, which goes before it"),
        },
        _ => format!("{error}, or get it without root by `{line}`"),
    }
}

/// What to do where tools to do something (`what`) could not be installed.
pub(crate) fn beside(what: &str, obstacle: Obstacle) -> String {
    match obstacle {
        Obstacle::Network => format!(
            "Without network: `spidec tools download DIR {what}` where there is one, then \
             `spidec tools install {what} --from DIR` here.\n\
             A mirror: set PIP_INDEX_URL, or `python3 -m pip config set global.index-url URL`; a proxy: \
             set HTTPS_PROXY."
        ),
        Obstacle::NoWheel | Obstacle::OldPython => {
            let group = Group::ALL.into_iter().find(|group| group.name() == what);
            let tools = group.map_or(&[][..], Group::tools).iter();
            let lines = tools.filter_map(|tool| {
                let way = ways(tool).pop()?;
                Some(format!("{tool}: {way}"))
            });
            let lines: Vec<String> = lines.collect();
            format!("Without wheels:\n  {}", lines.join("\n  "))
        }
        Obstacle::NotOffered => format!(
            "A folder for --from is filled by `spidec tools download DIR {what}` on a machine of the same \
             kind; a mirror has to hold the pinned version."
        ),
        Obstacle::Hash => {
            "The file is damaged or not the published one: get it again, from PyPI itself.".into()
        }
        Obstacle::Folder => "$SPIDEC_TOOLS names another folder for the tools.".into(),
        _ => String::new(),
    }
}
