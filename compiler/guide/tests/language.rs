//! The reference of the language is the compiler's: its tables are made from the compiler's, its examples give what
//! they say.

use spidec_compiler::check::reference::{self, Entry};
use spidec_compiler::check::{
    CLASSES, MAX_NEURONS, MAX_PRODUCTS, MAX_SIZE, MAX_WEIGHTS, check_text,
};
use spidec_compiler::diagnostics::Code;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const BEGIN: &str =
    "<!-- made from the compiler's tables; UPDATE=1 cargo test -p spidec-guide writes it -->\n";
const END: &str = "<!-- end -->";

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// A table of the reference.
fn rows(title: &str, entries: Vec<Entry>) -> String {
    let mut text =
        format!("\n## {title}\n\n| place | takes | default | meaning |\n|---|---|---|---|\n");
    for entry in entries {
        let place = match entry.place.strip_suffix(" = ") {
            Some(keyword) => format!("the value of `{keyword}`"),
            None => format!("`{}`", entry.place),
        };
        let default = match &entry.default {
            None => "needed".to_string(),
            // Words, or text of the language.
            Some(words) if words.starts_with("the ") || words == "none" => words.clone(),
            Some(value) => format!("`{value}`"),
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {place} | {} | {default} | {} |",
            entry.takes.text(),
            entry.meaning
        );
    }
    text
}

fn tables() -> String {
    let mut text = rows("network", reference::network());
    let _ = writeln!(
        text,
        "\nAn input or a population has at most {MAX_SIZE} values, all populations together {MAX_NEURONS}, a readout {} to {} \
         classes. All\nlayers together have at most {MAX_WEIGHTS} weights, of which training holds 10 to 24 copies; and a \
         kernel's weights times\nthe places that it stands over are at most {MAX_PRODUCTS}.",
        CLASSES.start(),
        CLASSES.end()
    );
    text += &rows("training", reference::training());
    text += &rows("array", reference::array());
    text += "\n# Codes\n\nEvery finding has a code: `E` an error, `W` a warning. Engines add those of what they cannot do.\n\n\
             | code | what | rule |\n|---|---|---|\n";
    for code in Code::ALL {
        let explanation = code.explanation().replace('|', "\\|");
        let _ = writeln!(
            text,
            "| {} | {} | {explanation} |",
            code.name(),
            code.title()
        );
    }
    text + "\n"
}

#[test]
fn the_tables_are_the_compilers() {
    let path = source().join("language.md");
    let text = std::fs::read_to_string(&path).expect("the reference");
    let (head, rest) = text.split_once(BEGIN).expect("the tables begin");
    let (_, tail) = rest.split_once(END).expect("the tables end");
    let wanted = format!("{head}{BEGIN}{}{END}{tail}", tables());
    if std::env::var_os("UPDATE").is_some() {
        // In one: other tests read the page meanwhile.
        let part = path.with_extension("part");
        std::fs::write(&part, &wanted).expect("writes");
        std::fs::rename(&part, &path).expect("replaces");
    }
    let found = std::fs::read_to_string(&path).expect("the reference");
    assert!(
        found == wanted,
        "language.md is not what the compiler says: UPDATE=1 cargo test -p spidec-guide"
    );
}

/// Fenced text of a language, with what stands behind the language.
fn fenced<'a>(text: &'a str, language: &str) -> Vec<(&'a str, &'a str)> {
    let blocks = text.split("\n```").skip(1).step_by(2);
    let blocks = blocks.filter_map(|block| block.split_once('\n'));
    blocks
        .filter_map(|(info, body)| Some((info.strip_prefix(language)?, body)))
        .collect()
}

#[test]
fn examples_give_what_they_say() {
    let mut checked = 0;
    for entry in std::fs::read_dir(source()).expect("the pages") {
        let path = entry.expect("a page").path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("text");
        for (wanted, body) in fenced(&text, "fsnn") {
            let result = check_text("example.fsnn", body);
            let mut codes: Vec<&str> = result.diagnostics.iter().map(|d| d.code.name()).collect();
            codes.dedup();
            let shown = result.render(&result.diagnostics, false);
            let wanted = wanted.strip_prefix(',').into_iter();
            assert_eq!(
                codes,
                wanted.collect::<Vec<_>>(),
                "{}:\n{body}\n{shown}",
                path.display()
            );
            checked += 1;
        }
    }
    assert!(checked >= 5, "{checked}");
}
