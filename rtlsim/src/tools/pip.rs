//! What pip's failures mean.

use super::Group;
use crate::Error;

/// Why tools could not be installed or downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// The package index cannot be reached.
    Network,
    /// There are wheels, but none for this platform.
    NoWheel,
    /// The index or folder does not have the pinned versions.
    NotOffered,
    /// A file is not the one that was pinned.
    Hash,
    /// The packages want a newer Python.
    OldPython,
    /// A folder cannot be written to, or the disk is full.
    Folder,
    /// Anything else.
    Other,
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Obstacle::Network => "the package index cannot be reached",
            Obstacle::NoWheel => "there is no wheel for this platform",
            Obstacle::NotOffered => "the pinned version is not offered",
            Obstacle::Hash => "a file is not the one that was pinned, so nothing was installed",
            Obstacle::OldPython => "Python is too old for it",
            Obstacle::Folder => "a file cannot be written",
            Obstacle::Other => "pip failed",
        })
    }
}

/// Marks in pip's log, in words that its releases share; the first that is there tells.
const MARKS: [(&str, Obstacle); 16] = [
    ("DO NOT MATCH THE HASHES", Obstacle::Hash),
    ("No space left on device", Obstacle::Folder),
    ("Disk quota exceeded", Obstacle::Folder),
    ("Read-only file system", Obstacle::Folder),
    ("[Errno 13] Permission denied", Obstacle::Folder),
    ("404 Client Error", Obstacle::NotOffered),
    ("404 Not Found", Obstacle::NotOffered),
    ("Could not fetch URL", Obstacle::Network),
    ("Max retries exceeded", Obstacle::Network),
    ("Retrying (Retry(", Obstacle::Network),
    ("Read timed out", Obstacle::Network),
    ("Connection broken", Obstacle::Network),
    ("require a different python", Obstacle::OldPython),
    ("requires a different Python", Obstacle::OldPython),
    ("none of the wheel's tags", Obstacle::NoWheel),
    ("No matching distribution found", Obstacle::NotOffered),
];

/// Reads pip's log, which says more than it prints.
pub(super) fn failure(group: Group, log: &str, printed: &str) -> Error {
    let found = MARKS.iter().find(|(mark, _)| log.contains(mark));
    let (mark, obstacle) = found.copied().unwrap_or(("", Obstacle::Other));
    // The line with the mark is the cause; what is printed at the end may only be its consequence.
    let cause = log
        .lines()
        .find(|line| found.is_some() && line.contains(mark));
    let message = match obstacle {
        Obstacle::Network | Obstacle::Folder => cause.map(without_time).map(str::to_owned),
        _ => None,
    };
    Error::Install {
        what: group.name(),
        obstacle,
        message: message.unwrap_or_else(|| errors(printed)),
    }
}

/// A line of the log starts with the time, `2026-01-31T12:00:00,123 `.
fn without_time(line: &str) -> &str {
    match line.split_once(' ') {
        Some((time, rest)) if time.contains('T') && time.contains(':') => rest.trim(),
        _ => line.trim(),
    }
}

/// What pip prints from its first error on; all of it where there is none.
fn errors(printed: &str) -> String {
    let start = printed.find("ERROR:").unwrap_or(0);
    printed[start..].trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_told_rather_than_its_consequence() {
        let printed = "WARNING: x\nERROR: No matching distribution found for a==1\n";
        for (line, wanted, words) in [
            (
                "Could not fetch URL u: connection error",
                Obstacle::Network,
                "Could not fetch URL u: connection error",
            ),
            (
                "Could not fetch URL u: 404 Client Error: Not Found",
                Obstacle::NotOffered,
                "ERROR: No matching",
            ),
            (
                "Skipping link: none of the wheel's tags (x) are compatible",
                Obstacle::NoWheel,
                "ERROR: No matching",
            ),
            (
                "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
                Obstacle::Folder,
                "ERROR: Could not install packages",
            ),
            ("", Obstacle::NotOffered, "ERROR: No matching"),
        ] {
            let log = format!("2026-01-31T12:00:00,123 {line}\n{printed}");
            let error = failure(Group::Simulate, &log, printed);
            let Error::Install {
                obstacle, message, ..
            } = error
            else {
                panic!("{error}");
            };
            assert_eq!(obstacle, wanted, "{line}");
            assert!(message.starts_with(words), "{message}");
        }
    }

    #[test]
    fn what_is_not_known_is_shown_as_it_is() {
        let error = failure(Group::Prove, "odd", "something odd\n").to_string();
        assert!(error.ends_with("something odd"), "{error}");
    }
}
