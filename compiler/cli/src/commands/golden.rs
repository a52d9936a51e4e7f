//! `spidec golden`.

use crate::failure::{Failure, coded, finding};
use crate::output::{note, say, write_out};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use spidec_golden::{Case, GoldenError, Kind, NotExecuted, Row, table};
use std::path::{Path, PathBuf};

/// The engine that executes the cases.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    /// Floating point, f64.
    Float,
    /// Fixed point with enough bits, exact cases alone.
    Fixed,
}

#[derive(Args)]
pub(crate) struct Golden {
    /// Folders of cases (case.json, arrays.npz), or folders that hold such folders. Other files among them are passed over.
    #[arg(value_name = "DIR", required = true)]
    directories: Vec<PathBuf>,
    /// Which engine executes them.
    #[arg(long, value_enum, value_name = "float|fixed", default_value = "float")]
    engine: Engine,
    /// Print the results as a JSON list.
    #[arg(long)]
    json: bool,
}

/// What one folder came to.
type Outcome = Result<(String, Result<Row, NotExecuted>), GoldenError>;

pub(crate) fn run(arguments: &Golden) -> Result<(), Failure> {
    // As a shell writes `golden/*` out, a README may be among them.
    let (files, directories): (Vec<&PathBuf>, Vec<&PathBuf>) = { arguments.directories.iter() }
        .partition(|directory| directory.is_file() && !is_of_a_case(directory));
    for file in files {
        note!(
            "spidec: note: {} is a file, no folder of a case; passed over",
            file.display()
        );
    }
    let folders = directories
        .into_iter()
        .flat_map(|directory| cases(directory));
    let outcomes: Vec<Outcome> = folders.map(|f| execute(&f, arguments.engine)).collect();
    if arguments.json {
        let list: Vec<Value> = outcomes.iter().map(as_json).collect();
        say!("{:#}", Value::from(list))?;
    }
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Ok(row) => rows.push(row),
            Err(error) => errors.push(error),
        }
    }
    if !arguments.json && !rows.is_empty() {
        write_out(&table(&rows))?;
    }
    if !errors.is_empty() {
        let told = errors.iter().map(|e| coded(e.code(), e).text().to_string());
        return Err(finding(told.collect::<Vec<_>>().join("\n")));
    }
    let executed: Vec<&Row> = rows
        .iter()
        .filter_map(|(_, row)| row.as_ref().ok())
        .collect();
    let differing = executed.iter().filter(|row| !row.passes()).count();
    match (executed.len(), differing) {
        (0, _) => Err(finding("no case was executed, so nothing was compared")),
        (_, 0) => Ok(()),
        (all, some) => Err(finding(format!("{some} of {all} cases differ"))),
    }
}

/// Whether a file is one that a case's folder holds: the folder was meant.
fn is_of_a_case(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default();
    name == "case.json" || name == "arrays.npz"
}

/// The folder itself where it is a case, else the cases in it; without any, the folder, whose
/// missing file is then told.
fn cases(directory: &Path) -> Vec<PathBuf> {
    let is_case = |folder: &PathBuf| folder.join("case.json").is_file();
    let inside = std::fs::read_dir(directory).into_iter().flatten();
    let mut folders: Vec<PathBuf> = inside.flatten().map(|entry| entry.path()).collect();
    folders.retain(is_case);
    folders.sort();
    if folders.is_empty() || is_case(&directory.to_path_buf()) {
        folders = vec![directory.into()];
    }
    folders
}

fn execute(folder: &Path, engine: Engine) -> Outcome {
    let case = Case::read(folder)?;
    let row = match engine {
        Engine::Float => Ok(case.run()?),
        Engine::Fixed => case.run_fixed()?,
    };
    Ok((case.name().to_string(), row))
}

fn as_json(outcome: &Outcome) -> Value {
    match outcome {
        Err(error) => json!({ "code": error.code(), "error": error.to_string() }),
        Ok((case, Err(why))) => json!({ "case": case, "not_executed": why.to_string() }),
        Ok((case, Ok(row))) => {
            let tallies = Kind::ALL.map(|kind| (kind.name().into(), json!(row.tally(kind))));
            json!({
                "case": case,
                "passes": row.passes(),
                "compared": Map::from_iter(tallies),
                "masks_taken": row.masks_taken,
                "couples_not_computed": row.silent,
                "trace_resolution": row.resolution,
                "first_difference": row.first,
                "arrays_not_compared": row.unread,
            })
        }
    }
}
