//! Reading values: calls and their arguments, with all that can be wrong about them.

use super::places::Places;
use super::vocabulary::{TRUTH, Words};
use super::words::{article, expected, unknown, unsupported};
use crate::diagnostics::{Code, Diagnostic, one_of};
use crate::syntax::{Argument, Span, Value, ValueKind, Word};
use spidec_ir::Number;
use std::ops::RangeInclusive;

/// What a check collects: findings and places.
#[derive(Debug, Default)]
pub struct Report {
    /// Findings so far.
    pub diagnostics: Vec<Diagnostic>,
    /// Places so far.
    pub places: Places,
}

impl Report {
    /// One more finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// A value of another kind than `wanted`; nothing where its error is reported already.
    pub fn wrong_type(&mut self, value: &Value, wanted: &str, help: impl Into<String>) {
        let found = match &value.kind {
            ValueKind::Number { .. } => "a number".to_string(),
            ValueKind::Name(word) => format!("the name `{}`", word.text),
            ValueKind::List(_) => "a list".to_string(),
            ValueKind::Call { name, .. } => format!("the call `{}(...)`", name.text),
            ValueKind::Broken => return,
        };
        self.push(Diagnostic::new(
            Code::WrongType,
            value.span,
            format!("expected {wanted}, found {found}"),
            format!("expected {wanted}"),
            help,
        ));
    }
}

/// A rule for numbers, and how it reads.
#[derive(Debug)]
pub struct Range {
    /// As in `must be ...`.
    pub text: &'static str,
    /// The rule.
    pub holds: fn(f64) -> bool,
}

/// A call whose word is one of the legal ones, or that word alone.
pub struct Call<'a> {
    /// The legal word.
    pub word: &'static str,
    /// Whether an argument is reported already, which may be the one that is missing.
    damaged: bool,
    place: Span,
    path: String,
    arguments: Vec<&'a Argument>,
}

impl<'a> Call<'a> {
    /// Reads a value that must be one of some words, each with the arguments that it takes.
    ///
    /// `kind`: what the words are, for messages (`operator`); `path`: where the value stands, for
    /// [`Places`]. Unknown words and arguments are reported here.
    pub fn read(
        report: &mut Report,
        value: &'a Value,
        kind: &str,
        path: &str,
        legal: &Words,
    ) -> Option<Call<'a>> {
        let words: Vec<&str> = legal.iter().map(|(word, _)| *word).collect();
        let (word, arguments): (&Word, &'a [Argument]) = match &value.kind {
            ValueKind::Name(word) => (word, &[]),
            ValueKind::Call { name, arguments } => (name, arguments),
            _ => {
                report.wrong_type(
                    value,
                    &format!("{} {kind}", article(kind)),
                    expected(&words),
                );
                return None;
            }
        };
        let Some(&(legal_word, parameters)) = legal.iter().find(|(w, _)| *w == word.text) else {
            report.push(
                unsupported(kind, word)
                    .unwrap_or_else(|| unknown(Code::UnknownWord, kind, word, &words)),
            );
            return None;
        };
        let mut call = Call {
            word: legal_word,
            damaged: false,
            place: value.span,
            path: path.to_string(),
            arguments: Vec::new(),
        };
        for argument in arguments {
            call.argument(report, argument, parameters);
        }
        Some(call)
    }

    fn argument(&mut self, report: &mut Report, argument: &'a Argument, parameters: &[&str]) {
        let signature = match parameters {
            [] => format!("`{}` takes no arguments", self.word),
            _ => {
                let quoted: Vec<String> =
                    parameters.iter().map(|p| format!("`{p} = ...`")).collect();
                format!(
                    "`{}` takes {}",
                    self.word,
                    one_of(&quoted).replace(" or ", " and ")
                )
            }
        };
        let Some(name) = &argument.name else {
            self.damaged = true;
            report.push(Diagnostic::new(
                Code::UnknownArgument,
                argument.span,
                format!("an argument of `{}` has no name", self.word),
                "expected `name = value`",
                signature,
            ));
            return;
        };
        if !parameters.contains(&name.text.as_str()) {
            self.damaged = true;
            let mut diagnostic = unsupported("argument", name)
                .unwrap_or_else(|| unknown(Code::UnknownArgument, "argument", name, parameters));
            if diagnostic.code == Code::UnknownArgument {
                diagnostic.message = format!("`{}` has no argument `{}`", self.word, name.text);
                diagnostic.help = signature;
            }
            report.push(diagnostic);
            return;
        }
        let same = |a: &&&Argument| a.name.as_ref().is_some_and(|n| n.text == name.text);
        if let Some(first) = self.arguments.iter().find(same) {
            report.push(
                Diagnostic::new(
                    Code::DuplicateArgument,
                    argument.span,
                    format!("the argument `{}` is given twice", name.text),
                    "given again",
                    "remove one of them",
                )
                .also(first.span, "first given here"),
            );
            return;
        }
        report
            .places
            .set(format!("{}.{}", self.path, name.text), argument.span);
        self.arguments.push(argument);
    }

    /// Whether an argument is reported as one that the word does not take.
    pub fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// An argument's value, where it is given.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        let of_name = |a: &&&Argument| a.name.as_ref().is_some_and(|n| n.text == name);
        self.arguments.iter().find(of_name).map(|a| &a.value)
    }

    /// An argument's value; one that is not given is an error. `example` is how it may read.
    pub fn required(&self, report: &mut Report, name: &str, example: &str) -> Option<&'a Value> {
        let value = self.value(name);
        if value.is_none() && !self.damaged {
            report.push(Diagnostic::new(
                Code::MissingArgument,
                self.place,
                format!("`{}` needs the argument `{name}`", self.word),
                format!("`{name}` is missing"),
                format!("write `{}({example})`", self.word),
            ));
        }
        value
    }

    /// A number, where it is given and in its range.
    pub fn number(&self, report: &mut Report, name: &str, range: &Range) -> Option<Number> {
        number(report, self.value(name)?, name, range)
    }

    /// A number, where it is given and neither `none` nor out of its range.
    pub fn number_or_none(&self, report: &mut Report, name: &str, range: &Range) -> Option<Number> {
        let value = self.value(name)?;
        match &value.kind {
            ValueKind::Name(word) if word.text == "none" => None,
            ValueKind::Number { .. } => number(report, value, name, range),
            _ => {
                let wanted = format!("a number {}, or `none`", range.text);
                report.wrong_type(value, "a number or `none`", help(name, &wanted));
                None
            }
        }
    }

    /// A whole number, where it is given and in its range.
    pub fn whole(
        &self,
        report: &mut Report,
        name: &str,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        whole(report, self.value(name)?, name, range)
    }

    /// `true` or `false`, where it is given.
    pub fn boolean(&self, report: &mut Report, name: &str) -> Option<bool> {
        let path = format!("{}.{name}", self.path);
        let call = Call::read(report, self.value(name)?, "truth value", &path, TRUTH)?;
        Some(call.word == "true")
    }
}

/// A number in its range.
pub fn number(report: &mut Report, value: &Value, name: &str, range: &Range) -> Option<Number> {
    let ValueKind::Number { number, .. } = value.kind else {
        report.wrong_type(
            value,
            "a number",
            help(name, &format!("a number {}", range.text)),
        );
        return None;
    };
    if (range.holds)(number.value()) {
        return Some(number);
    }
    out_of_range(report, value.span, name, &number.to_string(), range.text);
    None
}

/// As in `must be ...`.
pub fn from_to(range: &RangeInclusive<u64>) -> String {
    match *range.end() {
        u64::MAX => format!("at least {}", range.start()),
        end => format!("from {} to {end}", range.start()),
    }
}

/// A whole number in its range.
pub fn whole(
    report: &mut Report,
    value: &Value,
    name: &str,
    range: RangeInclusive<u64>,
) -> Option<u64> {
    let text = from_to(&range);
    let wanted = format!("a whole number {text}");
    match value.kind {
        ValueKind::Number {
            whole: Some(whole), ..
        } if range.contains(&whole) => Some(whole),
        ValueKind::Number {
            number,
            whole: None,
        } if number.value().fract() == 0.0 && number.value() >= 0.0 => {
            // Not the number is wrong, but how it is written: 2.0, 4/2, 1e3.
            report.push(Diagnostic::new(
                Code::WrongType,
                value.span,
                format!("{name} is not written as a whole number"),
                "expected digits alone",
                help(name, &wanted),
            ));
            None
        }
        ValueKind::Number { number, whole } => {
            let written = whole.map_or(number.to_string(), |whole| whole.to_string());
            let text = if number.value().fract() == 0.0 {
                text
            } else {
                wanted
            };
            out_of_range(report, value.span, name, &written, &text);
            None
        }
        _ => {
            report.wrong_type(value, "a whole number", help(name, &wanted));
            None
        }
    }
}

/// A value outside of its range.
pub fn out_of_range(report: &mut Report, span: Span, name: &str, value: &str, range: &str) {
    report.push(Diagnostic::new(
        Code::OutOfRange,
        span,
        format!("{name} = {value} is out of range"),
        format!("must be {range}"),
        help(name, range),
    ));
}

/// What each number means.
pub const MEANINGS: [(&str, &str); 36] = [
    ("steps", "the number of time steps of the stage"),
    ("v_th", "the threshold at which a neuron fires"),
    (
        "u_rest",
        "the rest of a membrane, and a spike takes away v_th - u_rest",
    ),
    ("scale", "a factor"),
    (
        "mean",
        "what is taken away from the scaled values of a channel",
    ),
    (
        "std",
        "the standard deviation: of the initial weights, or what a channel's values are divided by",
    ),
    ("bound", "the largest that an initial weight can be"),
    ("leak", "what of a membrane is left after a step"),
    ("kernel", "the side of the kernel, a square"),
    ("stride", "the distance between two places of the kernel"),
    ("pad", "the width of the zeros around the image"),
    (
        "resize",
        "whether recordings of another height and width are resized to the input's, each step as a picture, bilinear",
    ),
    (
        "output_pad",
        "the number of rows and columns that are added below and to the right",
    ),
    ("channels", "the number of channels of the destination"),
    (
        "size",
        "the side of the squares over which the mean is taken",
    ),
    (
        "dropout",
        "the probability with which a neuron of the destination is cut off for a sample of training",
    ),
    (
        "max_norm",
        "the most that the norm of the weights may be, the root of the sum of their squares",
    ),
    ("rate", "the learning rate of the first epoch"),
    ("batch", "the number of samples of one step"),
    ("momentum", "the part of the previous step that is kept"),
    ("beta1", "the part of the gradients' mean that is kept"),
    (
        "beta2",
        "the part of the mean of their squares that is kept",
    ),
    ("epsilon", "what is added to the root of the latter"),
    (
        "weight_decay",
        "the part of a weight that each step takes away",
    ),
    (
        "every",
        "the number of epochs between two changes of the rate",
    ),
    ("at", "the numbers of epochs after which the rate changes"),
    (
        "epochs",
        "the number of epochs after which the rate is zero",
    ),
    (
        "warm_up",
        "the number of updates over which the rate grows from nothing",
    ),
    (
        "augment",
        "how pictures are varied at random in training, zeros coming in where they are shifted",
    ),
    (
        "pixels",
        "the number of pixels by which a picture is shifted either way, at most",
    ),
    (
        "mirror",
        "whether pictures are mirrored left to right, by an even chance",
    ),
    ("factor", "what the rate is multiplied by at each change"),
    (
        "seed",
        "the seed of initial weights, sample order, augmentation, dropout and rounding",
    ),
    (
        "lanes",
        "the number of weights that the array handles in a cycle",
    ),
    (
        "bits",
        "the number of bits of the format, the sign included",
    ),
    ("frac", "the number of bits behind the point"),
];

fn help(name: &str, wanted: &str) -> String {
    match MEANINGS.iter().find(|(of, _)| *of == name) {
        Some((_, meaning)) => format!("`{name}` is {meaning}; it must be {wanted}"),
        None => format!("it must be {wanted}"),
    }
}
