//! Rows as a table of text.

use super::compare::{Kind, Row};
use super::fixed::NotExecuted;

/// A table of cases: numbers compared and differing where they must be equal, else the largest
/// relative error; numbers that had to be equal; masks of saturated leaky neurons taken; `-` where a case has none. What differs first, or why a case was not executed,
/// stands in a line below.
pub fn table(rows: &[(String, Result<Row, NotExecuted>)]) -> String {
    let mut lines = vec![head()];
    lines.extend(rows.iter().map(|(case, row)| match row {
        Ok(row) => cells(row),
        Err(_) => [case.clone()].into_iter().chain(none()).collect(),
    }));
    let columns = lines[0].len();
    let width = |column: usize| lines.iter().map(|l| l[column].chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|c| width(c).unwrap_or(0)).collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths).enumerate();
        let cells = cells.map(|(k, (cell, &width))| match k {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    for (case, row) in rows {
        match row {
            Err(why) => text.push_str(&format!("{case}: {why}\n")),
            Ok(row) => {
                if let Some(first) = &row.first {
                    text.push_str(&format!("{case}: differs: {first}\n"));
                }
                if row.silent > 0 {
                    let what = "couples of neurons with mask 0 are not computed";
                    text.push_str(&format!("{case}: {} {what}\n", row.silent));
                }
                if let Some(resolution) = row.resolution {
                    let what = "rates and betas are traces, compared as their format resolves";
                    text.push_str(&format!("{case}: {what}: within {resolution:.1e}\n"));
                }
                if !row.unread.is_empty() {
                    let names = row.unread.join(", ");
                    text.push_str(&format!("{case}: not compared: {names}\n"));
                }
            }
        }
    }
    text
}

fn head() -> Vec<String> {
    let kinds = Kind::ALL.map(Kind::name);
    let all = ["case"].into_iter().chain(kinds);
    all.chain(["exact", "masks taken", ""])
        .map(String::from)
        .collect()
}

fn none() -> impl Iterator<Item = String> {
    let count = Kind::ALL.len() + 2;
    std::iter::repeat_n("-".into(), count).chain([String::new()])
}

fn cells(row: &Row) -> Vec<String> {
    let mut cells = vec![row.case.clone()];
    for kind in Kind::ALL {
        let tally = row.tally(kind);
        cells.push(match kind {
            _ if tally.compared == 0 => "-".into(),
            Kind::Spikes | Kind::Masks => format!("{}/{}", tally.differing, tally.compared),
            _ => format!("{:.1e}", tally.error),
        });
    }
    let exact = row.tallies.iter().map(|tally| tally.exact).sum::<u64>();
    cells.push(exact.to_string());
    cells.push(row.masks_taken.to_string());
    cells.push(if row.passes() { "ok" } else { "DIFFERS" }.into());
    cells
}
