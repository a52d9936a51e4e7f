//! `spidec explain`.

use crate::failure::{Failure, usage};
use crate::output::say;
use clap::Args;
use serde_json::{Value, json};
use spidec_compiler::diagnostics::{Code, Severity, one_of};
use spidec_compiler::explain::{Example, example};
use spidec_data::code::{CodeEntry, entry};
use spidec_report::LOG_CODES;
use spidec_runtime::{spide, state};
use std::io::IsTerminal;

#[derive(Args)]
pub(crate) struct Explain {
    /// The codes, in capitals or not; a list of all without one.
    #[arg(value_name = "CODE")]
    codes: Vec<String>,
    /// Print a JSON list.
    #[arg(long)]
    json: bool,
}

/// The codes of a training's log.
static LOG: [CodeEntry; 2] = [log_entry(0), log_entry(1)];

const fn log_entry(k: usize) -> CodeEntry {
    let [name, title, explanation, before, after] = LOG_CODES[k];
    entry(name, title, explanation, [before, after])
}

/// A code of any of the tables.
enum Entry {
    /// Of network files.
    Network(Code),
    /// Of data, states, logs, golden vectors, and what floating point cannot compute.
    File(&'static CodeEntry),
}

impl Entry {
    fn all() -> Vec<Entry> {
        let network = Code::ALL.iter().map(|&code| Entry::Network(code));
        let files = spidec_data::CODES
            .iter()
            .chain(state::CODES)
            .chain(&LOG)
            .chain(spidec_golden::CODES)
            .chain(spide::CODES)
            .map(Entry::File);
        network.chain(files).collect()
    }

    fn name(&self) -> &'static str {
        match self {
            Entry::Network(code) => code.name(),
            Entry::File(entry) => entry.name,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Entry::Network(code) => code.title(),
            Entry::File(entry) => entry.title,
        }
    }

    fn explanation(&self) -> &'static str {
        match self {
            Entry::Network(code) => code.explanation(),
            Entry::File(entry) => entry.explanation,
        }
    }

    fn severity(&self) -> Severity {
        match self {
            Entry::Network(code) => code.severity(),
            Entry::File(_) => Severity::Error,
        }
    }

    fn json(&self) -> Value {
        json!({
            "code": self.name(), "severity": self.severity(), "title": self.title(),
            "explanation": self.explanation(),
        })
    }

    fn json_with_example(&self) -> Value {
        let mut told = self.json();
        match self {
            Entry::Network(code) => match example(*code) {
                Ok(example) => {
                    told["findings"] = json!(example.before.json(&example.findings));
                    told["before"] = json!(example.before.text);
                    told["after"] = json!(example.after.text);
                }
                Err(instead) => told["example"] = json!(instead),
            },
            Entry::File(entry) => {
                told["before"] = json!(entry.before);
                told["after"] = json!(entry.after);
            }
        }
        told
    }
}

pub(crate) fn run(arguments: &Explain) -> Result<(), Failure> {
    let all = Entry::all();
    if arguments.codes.is_empty() {
        return list(&all, arguments.json);
    }
    let found = |code: &String| all.iter().find(|entry| entry.name() == code.to_uppercase());
    let asked: Vec<&Entry> = arguments.codes.iter().filter_map(found).collect();
    let others = arguments.codes.iter().filter(|code| found(code).is_none());
    let others: Vec<String> = others.map(|code| unknown(code, &all)).collect();
    match asked.is_empty() {
        true => {}
        false if arguments.json => {
            let told = { asked.iter() }.map(|entry| entry.json_with_example());
            say!("{:#}", Value::from(told.collect::<Vec<_>>()))?;
        }
        false => {
            for (k, entry) in asked.iter().enumerate() {
                if k > 0 {
                    say!("")?;
                }
                tell(entry)?;
            }
        }
    }
    match others.is_empty() {
        true => Ok(()),
        false => Err(usage(format!(
            "{}\n`spidec explain` lists all codes",
            others.join("\n")
        ))),
    }
}

fn list(entries: &[Entry], json: bool) -> Result<(), Failure> {
    if json {
        let all: Vec<Value> = entries.iter().map(Entry::json).collect();
        return say!("{:#}", Value::from(all));
    }
    for entry in entries {
        say!("{}  {}", entry.name(), entry.title())?;
    }
    Ok(())
}

fn tell(entry: &Entry) -> Result<(), Failure> {
    say!("{}: {}\n", entry.name(), entry.title())?;
    say!("{}", wrapped(entry.explanation()))?;
    match entry {
        Entry::Network(code) => match example(*code) {
            Ok(example) => show(&example),
            Err(instead) => say!("\n{}", instead.trim_end()),
        },
        Entry::File(entry) => {
            say!("\nFor example:\n\n{}\n", indented(entry.before))?;
            say!("Mended:\n\n{}", indented(entry.after))
        }
    }
}

/// The mistake as the compiler reports it, and the lines that mend it.
fn show(example: &Example) -> Result<(), Failure> {
    let color = std::io::stdout().is_terminal();
    let findings = example.before.render(&example.findings, color);
    say!("\nFor example:\n\n{}\n", findings.trim_end())?;
    say!("Mended:\n\n{}", indented(&example.change))
}

/// What is said of a code that is none, with those that look like it: of its kind, another digit.
fn unknown(asked: &str, entries: &[Entry]) -> String {
    let upper = asked.to_uppercase();
    let near = |entry: &&Entry| {
        let distance = strsim::damerau_levenshtein(&upper, entry.name());
        distance <= 1 && upper.get(..1) == entry.name().get(..1)
    };
    let nearest: Vec<&str> = entries
        .iter()
        .filter(near)
        .map(Entry::name)
        .take(3)
        .collect();
    match nearest.is_empty() {
        true => format!("there is no code `{asked}`"),
        false => format!(
            "there is no code `{asked}`; did you mean {}?",
            one_of(&nearest)
        ),
    }
}

/// The text in lines of at most 100 characters, broken at spaces.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 100;
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_string()),
        }
    }
    lines.join("\n")
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}
