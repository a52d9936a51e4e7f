//! An example of each code: a network with the mistake, and the change that mends it.
//!
//! The examples are `diagnostics/examples/CODE.diff`, whole networks: lines that begin with `-` belong to
//! the network with the mistake only, with `+` to the mended one only, all others to both. Where no line does, the
//! file is a text that is shown as it is.

use crate::check::{CheckResult, Engine, check_bytes};
use crate::diagnostics::{Code, Diagnostic};

/// A mistake and how it is mended.
pub struct Example {
    /// The network with the mistake, checked.
    pub before: CheckResult,
    /// All that is said about it.
    pub findings: Vec<Diagnostic>,
    /// The network without it, checked.
    pub after: CheckResult,
    /// The lines that differ, each with `-` or `+` before it.
    pub change: String,
}

/// The example of a code.
///
/// # Errors
/// Where a network would be too long to read: what is said instead.
pub fn example(code: Code) -> Result<Example, String> {
    let lines = || code.example().split(|&byte| byte == b'\n');
    let network = |marks: [u8; 2]| -> CheckResult {
        let belongs = |line: &&[u8]| line.first().is_some_and(|mark| marks.contains(mark));
        let lines: Vec<&[u8]> = lines().filter(belongs).map(|line| &line[1..]).collect();
        check_bytes("example.fsnn", &[&lines.join(&b'\n')[..], b"\n"].concat())
    };
    let changed = |line: &&[u8]| matches!(line.first(), Some(b'-' | b'+'));
    let change: Vec<&[u8]> = lines().filter(changed).collect();
    if change.is_empty() {
        return Err(String::from_utf8_lossy(code.example()).into_owned());
    }
    let before = network(*b" -");
    Ok(Example {
        findings: findings(&before),
        before,
        after: network(*b" +"),
        change: String::from_utf8_lossy(&change.join(&b'\n')).into_owned(),
    })
}

/// All findings; where there is none, why the array cannot train or execute the network.
fn findings(result: &CheckResult) -> Vec<Diagnostic> {
    let all = [Engine::ArrayTraining, Engine::Array];
    let obstacles = all.iter().map(|&engine| result.require(engine));
    std::iter::once(result.diagnostics.clone())
        .chain(obstacles.filter_map(Result::err))
        .find(|findings| !findings.is_empty())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_example_shows_its_code_and_is_mended() {
        let mut without = Vec::new();
        for &code in Code::ALL {
            let example = match example(code) {
                Ok(example) => example,
                Err(instead) => {
                    without.push((code, instead));
                    continue;
                }
            };
            let said = |result: &CheckResult, of: &[Diagnostic]| result.render(of, false);
            let findings = &example.findings;
            assert!(!findings.is_empty(), "{code:?}");
            let same = findings.iter().all(|finding| finding.code == code);
            assert!(same, "{code:?}: {}", said(&example.before, findings));

            let rest = super::findings(&example.after);
            assert!(rest.is_empty(), "{code:?}: {}", said(&example.after, &rest));
            assert!(example.after.checked.is_some(), "{code:?}");
        }
        // What is said of it, `tests/diagnostics.rs` compares with the network that it speaks of.
        let [(Code::ProgramLength, _)] = without[..] else {
            panic!("{without:?}");
        };
    }
}
