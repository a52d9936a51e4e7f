//! Table and check agree: every range, every word, every argument, at its edges.

use super::*;
use crate::check::network::KEYWORDS;
use crate::check::vocabulary::BELOW_THRESHOLD;
use crate::check::{ARRAY, MAX_NEURONS, MAX_PRODUCTS, MAX_SIZE, MAX_WEIGHTS, TRAINING, check_text};
use spidec_ir::network::Quirk;

/// The codes of a file in which a value stands in a place; `None` where it cannot be put there so simply.
fn codes(place: &str, value: &str) -> Option<Vec<&'static str>> {
    let mut lines = [
        ("constant", "input i [4] = constant(scale = 1)"),
        ("linear", "readout r [2] = linear(from = p)"),
        ("dense", "forward i -> p = dense"),
    ]
    .map(|(word, line)| (word, line.to_string()));
    let (mut training, mut array) = (String::new(), String::new());
    let (setting, call) = place.split_once(" = ").unwrap_or(("", place));
    let (word, argument) = match call.split_once('(') {
        Some((word, argument)) => (word, argument.trim_end_matches(')')),
        None => (call, ""),
    };
    // What the word cannot do without.
    let needed = match word {
        "constant" => "scale = 1",
        "linear" => "from = p",
        "lif" => "leak = 0.5",
        "conv" | "conv_transpose" => "kernel = 3",
        "uniform" => "bound = 1",
        "milestones" => "at = [1]",
        "fixed" => "bits = 12",
        "" => return None,
        _ => "",
    };
    let call = match needed {
        "" => format!("{word}({argument} = {value})"),
        _ if needed.starts_with(&format!("{argument} =")) => {
            format!("{word}({argument} = {value})")
        }
        _ => format!("{word}({needed}, {argument} = {value})"),
    };
    let mut population = "population p [3] = if".to_string();
    match (setting, word) {
        ("", "constant") => lines[0].1 = format!("input i [4] = {call}"),
        ("", "lif") => population = format!("population p [3] = {call}"),
        ("", "linear") => lines[1].1 = format!("readout r [2] = {call}"),
        ("", "dense" | "conv" | "conv_transpose" | "avg_pool") => {
            lines[2].1 = format!("forward i -> p = {call}")
        }
        ("", "normal" | "uniform" | "kaiming" | "unit") => {
            lines[2].1 = format!("forward i -> p = dense(init = {call})")
        }
        ("", "stage") => training = format!("forward_stage = {call}"),
        ("", "cross_entropy" | "mean_squared_error") => training = format!("loss = {call}"),
        ("", "sgd" | "adam") => training = format!("update = {call}"),
        ("", "step" | "milestones" | "cosine") => training = format!("schedule = {call}"),
        ("", "shift") => training = format!("augment = {call}"),
        ("", _) if TRAINING.contains(&word) => training = format!("{word} = {value}"),
        ("", _) if ARRAY.contains(&word) => array = format!("{word} = {value}"),
        ("", _) => return None,
        _ => array = format!("{setting} = {call}"),
    }
    let [(_, input), (_, readout), (_, forward)] = lines;
    let text = format!(
        "spidec 1\nnetwork n {{\n{input}\n{population}\n{readout}\n{forward}\n}}\n\
         training {{\n{training}\n}}\narray {{\n{array}\n}}\n"
    );
    let found = check_text("entry", &text).diagnostics;
    let errors = found.iter().map(|d| d.code.name());
    // Whether shapes fit is another question.
    let errors = errors.filter(|name| name.starts_with('E') && !["E053", "E054"].contains(name));
    Some(errors.collect())
}

/// Whether a value is accepted, and what else could be said of it.
fn expect(place: &str, value: &str, wanted: &[&str]) {
    assert_eq!(
        codes(place, value).expect("a place"),
        wanted,
        "{place}: {value}"
    );
}

#[test]
fn the_check_keeps_every_range_of_the_table() {
    let mut ranges = 0;
    for Entry { place, takes, .. } in all() {
        match takes {
            Takes::Whole(range) => {
                ranges += 1;
                expect(place, &range.start().to_string(), &[]);
                expect(place, &range.end().to_string(), &[]);
                let below = range.start().checked_sub(1).map(|below| below.to_string());
                expect(place, &below.unwrap_or("-1".into()), &["E063"]);
                if let Some(above) = range.end().checked_add(1) {
                    expect(place, &above.to_string(), &["E063"]);
                }
            }
            Takes::Number(range) | Takes::NumberOrNone(range) | Takes::Channels(range)
                if range.text != BELOW_THRESHOLD.text =>
            {
                ranges += 1;
                let other: &[&str] = match takes {
                    Takes::NumberOrNone(_) => &[],
                    _ => &["E062"],
                };
                expect(place, "none", other);
                let list: &[&str] = match takes {
                    // The input of these files has four channels.
                    Takes::Channels(_) => &[],
                    _ => &["E062"],
                };
                expect(place, "[1, 1, 1, 1]", list);
                for value in ["-1", "0", "1e-9", "0.5", "1", "2"] {
                    let number: f64 = value.parse().expect("a number");
                    let wanted: &[&str] = if (range.holds)(number) {
                        &[]
                    } else {
                        &["E063"]
                    };
                    expect(place, value, wanted);
                }
            }
            Takes::Words(words) if codes(place, "zeros").is_some() => {
                expect(place, "unheard_of", &["E060"]);
                for (word, arguments) in words {
                    if arguments.is_empty() {
                        expect(place, word, &[]);
                    }
                    let other: String = match arguments {
                        [] => format!("{word}(nothing = 1)"),
                        _ => format!("{word}({} = 1, nothing = 1)", arguments[0]),
                    };
                    let found = codes(place, &other).expect("a place");
                    assert!(found.contains(&"E065"), "{place}: {other}: {found:?}");
                }
            }
            _ => {}
        }
    }
    assert!(ranges > 15, "{ranges}");
}

/// What codes explain in words, the vocabulary has.
#[test]
fn explanations_name_every_word() {
    use crate::diagnostics::Code;
    let names = |code: Code, word: &str| {
        let found = code.explanation().contains(&format!("`{word}`"));
        assert!(found, "{}: {word}", code.name());
    };
    for word in KEYWORDS.iter().chain(&TRAINING).chain(&ARRAY) {
        names(Code::UnknownKeyword, word);
    }
    for entry in all().iter().filter(|entry| entry.default.is_none()) {
        // Declarations have parts, which other codes are for.
        if let Some((word, argument)) = entry.place.split_once('(') {
            names(
                Code::MissingArgument,
                word.rsplit(' ').next().unwrap_or(word),
            );
            names(Code::MissingArgument, argument.trim_end_matches(')'));
        }
    }
    for most in [MAX_SIZE, MAX_NEURONS, MAX_WEIGHTS, MAX_PRODUCTS] {
        let explanation = Code::TooLarge.explanation();
        assert!(explanation.contains(&most.to_string()), "{most}");
    }
}

#[test]
fn every_setting_word_and_argument_is_in_the_table() {
    let places: Vec<&str> = all().iter().map(|entry| entry.place).collect();
    for setting in TRAINING.iter().chain(&ARRAY) {
        assert!(places.contains(setting), "{setting}");
    }
    for Entry { takes, .. } in all() {
        let Takes::Words(words) = takes else { continue };
        for (word, arguments) in words {
            for argument in *arguments {
                let place = format!("{word}({argument})");
                assert!(places.iter().any(|p| p.ends_with(&place)), "{place}");
            }
        }
    }
    for entry in all() {
        assert!(!entry.meaning.is_empty(), "{}", entry.place);
    }
    let quirks = training()
        .into_iter()
        .find(|entry| entry.place == "published");
    let quirks = quirks.expect("an entry").takes.text();
    for quirk in Quirk::ALL {
        assert!(quirks.contains(&format!("`{}`", quirk.name())), "{quirk:?}");
    }
}
