//! The formatter keeps what it formats: every word, number and comment, in order.

use spidec_compiler::check::{Engine, check_text};
use spidec_compiler::format::format;
use spidec_compiler::syntax::parse;
use spidec_ir::random::hash;
use spidec_tests::any_network::any_network;
use spidec_tests::random_network::{GROUPS, LEARNING_GROUPS, learner, network};
use spidec_tests::root;
use std::fmt::Write;

/// All network files of a folder.
fn files(folder: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(root().join(folder)).expect("the folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|e| e == "fsnn"))
        .filter_map(|path| {
            let text = String::from_utf8(std::fs::read(&path).expect("a file")).ok()?;
            Some((path.display().to_string(), text))
        })
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

/// Code without spaces and without commas before a closing bracket, and the comments.
fn parts(text: &str) -> (String, Vec<String>) {
    let mut code = String::new();
    let mut comments = Vec::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let (before, comment) = line.split_at(line.find("//").unwrap_or(line.len()));
        code.extend(before.chars().filter(|c| !c.is_whitespace()));
        if !comment.is_empty() {
            comments.push(comment.trim_end().to_string());
        }
    }
    (code.replace(",)", ")").replace(",]", "]"), comments)
}

/// What the check says of a text, places aside.
fn meaning(text: &str) -> (Option<String>, Vec<String>) {
    let result = check_text("text.fsnn", text);
    let mut said = result.diagnostics.clone();
    if result.checked.is_some() {
        said.extend(
            result
                .require(Engine::ArrayTraining)
                .err()
                .unwrap_or_default(),
        );
    }
    let said = said
        .iter()
        .map(|d| format!("{}: {}", d.code.name(), d.message));
    let network = result.checked.as_ref().map(|c| c.network.to_string());
    (network, said.collect())
}

/// Formats a text that can be read, and compares.
#[track_caller]
fn keeps(text: &str) -> String {
    let once = format(text).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"));
    assert_eq!(parts(&once), parts(text), "{text}\n->\n{once}");
    assert_eq!(meaning(&once), meaning(text), "{text}\n->\n{once}");
    let twice = format(&once).expect("formatted text");
    assert_eq!(twice, once, "{text}");
    assert!(once.is_empty() || once.ends_with('\n'));
    assert!(!once.contains("\n\n\n") && !once.lines().any(|line| line.ends_with(' ')));
    once
}

#[test]
fn examples_are_formatted() {
    for (name, text) in [files("examples"), files("examples/paper")].concat() {
        assert_eq!(keeps(&text), text, "{name}");
    }
}

#[test]
fn files_with_errors_that_can_be_read_keep_them() {
    let (mut formatted, mut refused) = (0, 0);
    for (name, text) in files("tests/diagnostics") {
        let (_, errors) = parse(&text);
        if errors.is_empty() && !name.contains("E011") {
            keeps(&text);
            formatted += 1;
        } else {
            let said = format(&text).expect_err(&name);
            assert!(!said.is_empty(), "{name}");
            refused += 1;
        }
    }
    assert!(formatted > 30 && refused >= 6, "{formatted} {refused}");
}

#[test]
fn random_networks_stay_what_they_are() {
    for text in networks() {
        keeps(&text);
    }
}

/// Canonical texts of random networks.
fn networks() -> Vec<String> {
    let inferring = GROUPS
        .iter()
        .flat_map(|group| (0..4).map(|k| network(group, k).0));
    let learning = LEARNING_GROUPS.iter().map(|group| learner(group, 4).0);
    let any = (0..10).map(|seed| any_network(seed).to_string());
    inferring
        .chain(learning)
        .map(|network| network.to_string())
        .chain(any)
        .collect()
}

/// The same tokens with other spaces, line breaks and comments.
struct Mangler {
    seed: u64,
    asked: u64,
    comments: u64,
    text: String,
}

impl Mangler {
    fn below(&mut self, limit: u64) -> u64 {
        self.asked += 1;
        (hash(&[self.seed, self.asked]) >> 32) % limit
    }

    fn spaces(&mut self) {
        for _ in 0..self.below(4) {
            let space = [" ", "  ", "\t"][self.below(3) as usize];
            self.text += space;
        }
    }

    /// Line breaks, some with comments; at least one.
    fn lines(&mut self) {
        for _ in 0..=self.below(3) {
            self.spaces();
            if self.below(3) == 0 {
                let number = self.comments;
                self.comments += 1;
                let odd = ["", " }", " = {", " // twice", " ünï \t"][self.below(5) as usize];
                write!(self.text, "//{odd} {number}").expect("text");
            }
            self.text += "\n";
        }
        self.spaces();
    }

    fn token(&mut self, token: &str, brackets: usize) {
        let word = |c: char| !"()[]{},=".contains(c);
        let apart = self
            .text
            .chars()
            .last()
            .is_some_and(|c| word(c) && !c.is_whitespace())
            && token.starts_with(word);
        // The brace of a block, and what stands in brackets, may stand on a later line; the name and the
        // bracket of a call, and the parts of `name = value`, may not.
        let after = self.text.trim_end().ends_with(['(', '[', ',']);
        let breaks = brackets > 0 && (after || [")", "]", ","].contains(&token));
        if (breaks || token == "{") && self.below(3) == 0 {
            self.lines();
        } else {
            self.spaces();
            if apart {
                self.text += " ";
            }
        }
        self.text += token;
    }

    fn mangle(&mut self, text: &str) {
        let mut brackets = 0;
        for line in text.lines() {
            let spaced = "()[]{},=".chars().fold(line.to_string(), |line, c| {
                line.replace(c, &std::format!(" {c} "))
            });
            for token in spaced.split_whitespace() {
                let closes = [")", "]"].contains(&token);
                self.token(token, brackets);
                match token {
                    "(" | "[" => brackets += 1,
                    _ if closes => brackets -= 1,
                    _ => {}
                }
            }
            self.lines();
        }
    }
}

#[test]
fn mangled_texts_keep_words_numbers_and_comments() {
    let examples = files("examples").into_iter().map(|(_, text)| {
        let canonical = check_text("example", &text).checked.expect("a network");
        canonical.network.to_string()
    });
    let mut comments = 0;
    for (k, text) in examples.chain(networks()).enumerate() {
        let formatted = keeps(&text);
        for variant in 0..20 {
            let mut mangler = Mangler {
                seed: k as u64 * 1000 + variant,
                asked: 0,
                comments: 0,
                text: String::new(),
            };
            mangler.mangle(&text);
            let mangled = mangler.text;
            comments += mangler.comments;
            assert_eq!(meaning(&mangled).0, meaning(&text).0, "{mangled}");
            keeps(&mangled);
            // Windows' line ends change nothing but line ends.
            let windows = mangled.replace('\n', "\r\n");
            let unix = format(&mangled).expect("a text that can be read");
            let formatted = format(&windows).expect("a text that can be read");
            assert_eq!(formatted, unix.replace('\n', "\r\n"));
        }
        assert_eq!(parts(&formatted).1.len(), 0);
    }
    assert!(comments > 1000, "{comments}");
}

/// Comments, line breaks and parts in odd places.
const ODD: &str = "spidec 1 // a
network n // b
{ // c
  input x [ // d
    2, 1, // e

    // f
    1 ] = constant(scale = 1 / 4)

  population p [3] = if
  // g
  forward x -> p = dense(init = normal( // h
    std = 0.50 // i
    , ))
  spidec 1
}
training { seed = 1 }
array {

}
";

/// A text is refused, or kept; never does the formatter break.
fn survives(text: &str) -> bool {
    let Ok(once) = format(text) else {
        return false;
    };
    assert_eq!(parts(&once), parts(text), "{text}\n->\n{once}");
    assert_eq!(format(&once).as_ref(), Ok(&once), "{text}");
    true
}

#[test]
fn every_prefix_and_every_changed_character_is_answered() {
    assert!(survives(ODD));
    let (mut kept, mut refused) = (0, 0);
    let mut count = |text: &str| match survives(text) {
        true => kept += 1,
        false => refused += 1,
    };
    for end in 0..ODD.len() {
        count(&ODD[..end]);
        for other in " \t\r\n/()[]{},=-.>a1ü\u{feff}".chars() {
            let mut text = ODD.to_string();
            text.replace_range(end..=end, &other.to_string());
            count(&text);
        }
    }
    assert!(kept > 500 && refused > 500, "{kept} {refused}");
}
