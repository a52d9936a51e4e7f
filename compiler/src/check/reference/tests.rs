//! Table and check agree: every range, every word, every argument, at its edges.

use super::*;
use crate::check::{ARRAY, TRAINING, check_text, declarations};

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
    let bits = if argument == "bits" {
        ""
    } else {
        "bits = 12, "
    };
    let call = match word {
        "fixed" => format!("fixed({bits}{argument} = {value})"),
        "" => return None,
        _ => format!("{word}({argument} = {value})"),
    };
    match (setting, word) {
        ("", "constant") => lines[0].1 = format!("input i [4] = {call}"),
        ("", "linear") => {
            lines[1].1 = format!("readout r [2] = linear(from = p, {argument} = {value})")
        }
        ("", "dense") => lines[2].1 = format!("forward i -> p = {call}"),
        ("", "normal") => lines[2].1 = format!("forward i -> p = dense(init = {call})"),
        ("", "stage") => training = format!("forward_stage = {call}"),
        ("", "cross_entropy" | "mean_squared_error") => training = format!("loss = {call}"),
        ("", "sgd") => training = format!("update = {call}"),
        ("", "step") => training = format!("schedule = {call}"),
        ("", _) if TRAINING.contains(&word) => training = format!("{word} = {value}"),
        ("", _) if ARRAY.contains(&word) => array = format!("{word} = {value}"),
        ("", _) => return None,
        _ => array = format!("{setting} = {call}"),
    }
    let [(_, input), (_, readout), (_, forward)] = lines;
    let text = format!(
        "spidec 1\nnetwork n {{\n{input}\npopulation p [3] = if\n{readout}\n{forward}\n}}\n\
         training {{\n{training}\n}}\narray {{\n{array}\n}}\n"
    );
    let found = check_text("entry", &text).diagnostics;
    let errors = found.iter().map(|d| d.code.name());
    Some(errors.filter(|name| name.starts_with('E')).collect())
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
            Takes::Number(range) if range.text != BELOW_THRESHOLD.text => {
                ranges += 1;
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
    let most = declarations::MAX_SIZE.to_string();
    assert!(
        crate::diagnostics::Code::TooLarge
            .explanation()
            .contains(&most)
    );
}
