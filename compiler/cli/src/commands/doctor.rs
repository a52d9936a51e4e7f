//! `spidec doctor`.

use crate::failure::Failure;
use crate::output::say;
use crate::survey::{self, Found, Kept};
use clap::Args;
use serde_json::{Value, json};

#[derive(Args)]
pub(crate) struct Doctor {
    /// Print what was found as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Doctor) -> Result<(), Failure> {
    let tools = survey::tools();
    let folders = survey::folders();
    if arguments.json {
        let tools: Vec<Value> = tools.iter().map(tool_json).collect();
        let folders: Vec<Value> = folders.iter().map(folder_json).collect();
        say!("{:#}", json!({ "tools": tools, "folders": folders }))?;
    } else {
        tools.iter().try_for_each(print_tool)?;
        folders.iter().try_for_each(print_folder)?;
    }
    // What `verify` needs by default; the rest is optional.
    let missing = tools.iter().filter(|f| f.by_verify && f.answer.is_err());
    let missing: Vec<String> = missing
        .map(|f| {
            let way = f.answer.as_ref().err().and_then(|bad| bad.ways.first());
            format!("{} (`{}`)", f.name, way.map_or("", String::as_str))
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::Tool(format!(
        "verify needs {}",
        missing.join(" and ")
    )))
}

fn tool_json(found: &Found) -> Value {
    match &found.answer {
        Ok(good) => json!({
            "tool": found.name, "needed_for": found.needed_for, "found": true,
            "place": good.place, "version": good.version,
        }),
        Err(bad) => json!({
            "tool": found.name, "needed_for": found.needed_for, "found": false,
            "problem": bad.problem, "ways": bad.ways,
        }),
    }
}

fn print_tool(found: &Found) -> Result<(), Failure> {
    let bad = match &found.answer {
        Ok(good) => return say!("{:<15} {}, {}", found.name, good.version, good.place),
        Err(bad) => bad,
    };
    say!(
        "{:<15} {} (for {})",
        found.name,
        bad.problem,
        found.needed_for
    )?;
    for (k, way) in bad.ways.iter().enumerate() {
        let lead = if k == 0 { "get it:" } else { "or:" };
        say!("{:<15} {lead:<7} {way}", "")?;
    }
    Ok(())
}

fn folder_json(kept: &Kept) -> Value {
    json!({
        "keeps": kept.what, "place": kept.place, "bytes": kept.bytes,
        "writable": kept.problem.is_none(), "problem": kept.problem,
        "temporary": kept.temporary, "variable": kept.variable,
    })
}

fn print_folder(kept: &Kept) -> Result<(), Failure> {
    let state = match &kept.problem {
        Some(problem) => format!("; cannot be written to ({problem})"),
        None if kept.temporary => "; no cache folder can be written to, so it may not last".into(),
        None => String::new(),
    };
    let other = match state.is_empty() {
        true => String::new(),
        false => format!("; ${} names another", kept.variable),
    };
    say!(
        "{:<15} {} MB in {}{state}{other}",
        kept.what,
        kept.bytes.div_ceil(1 << 20),
        kept.place.display()
    )
}
