//! No memory is read at the address that is written in the same cycle: what a block RAM gives then is
//! nobody's to know. A memory that gives the inverse changes nothing.

use crate::{Outcome, bench, learning, outcome, project_of, verify};
use rtlsim::{Engine, Tools};
use spidec_tests::case::Case;
use spidec_tests::rtl::replace;

const READ: &str = "read_data_o <= mem[read_addr_i[BITS-1:0]];";

/// Verifies with memories that give the inverse of what they hold when the condition is true.
fn poisoned(case: &Case, condition: &str, tools: &Tools) -> Outcome {
    let word = "mem[read_addr_i[BITS-1:0]]";
    let read = format!("read_data_o <= ({condition}) ? ~{word} : {word};");
    let project = replace(&project_of(case), "ram", &[(READ, &read)]);
    outcome(verify(case, &project, tools))
}

#[test]
fn no_word_is_read_while_it_is_written() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    let same = "write_i && write_addr_i[BITS-1:0] == read_addr_i[BITS-1:0]";
    for case in [bench(), learning::bench(), learning::squared()] {
        let report = poisoned(&case, same, &tools).expect("runs");
        assert!(report.passed(), "{:?}", report.comparison.first);
        // Reading and writing at once is common, and poison is seen.
        let report = poisoned(&case, "write_i", &tools).expect("runs");
        assert!(!report.passed(), "poison changes nothing");
    }
}
