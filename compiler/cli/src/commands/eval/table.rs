//! A confusion matrix in the terminal.

use spidec_report::Confusion;

/// Most classes that are a table; of more, what stands out is told.
const TABLE: usize = 20;
/// Classes and mistakes that are told.
const TOLD: usize = 8;

/// The lines.
pub(super) fn lines(confusion: &Confusion) -> Vec<String> {
    match confusion.counts().len() {
        classes if classes <= TABLE => table(confusion),
        _ => outstanding(confusion),
    }
}

/// A row a class, a column a prediction; nothing is a point.
fn table(confusion: &Confusion) -> Vec<String> {
    let counts = confusion.counts();
    let most = counts.iter().flatten().max().copied().unwrap_or(0);
    let wide = most.max(counts.len() as u64).to_string().len().max(2);
    let row = |head: &str, cells: Vec<String>, end: &str| {
        let cells = cells.iter().map(|cell| format!(" {cell:>wide$}"));
        let line = format!("{head:>5}{}{end:>9}", cells.collect::<String>());
        line.trim_end().to_string()
    };
    let names = (0..counts.len()).map(|class| class.to_string()).collect();
    let mut lines = vec![
        "classes (rows) and what they were taken for (columns):".to_string(),
        row("", names, "right"),
    ];
    for (label, counts) in counts.iter().enumerate() {
        let cell = |&count: &u64| match count {
            0 => ".".to_string(),
            count => count.to_string(),
        };
        let share = confusion.class(label).map(|(_, share)| percent(share));
        let cells = counts.iter().map(cell).collect();
        lines.push(row(&label.to_string(), cells, &share.unwrap_or_default()));
    }
    lines
}

/// The classes that are right least often, and the most frequent mistakes.
fn outstanding(confusion: &Confusion) -> Vec<String> {
    let classes = 0..confusion.counts().len();
    let mut shares: Vec<(usize, u64, f64)> = classes
        .filter_map(|class| {
            let (samples, share) = confusion.class(class)?;
            Some((class, samples, share))
        })
        .collect();
    shares.sort_by(|a, b| a.2.total_cmp(&b.2).then(a.0.cmp(&b.0)));
    let worst: Vec<String> = shares
        .iter()
        .take(TOLD)
        .map(|(class, samples, share)| format!("{class}: {} of {samples}", percent(*share)))
        .collect();
    let mistaken: Vec<String> = confusion
        .mistaken()
        .iter()
        .take(TOLD)
        .map(|m| format!("{} for {}: {}", m.label, m.prediction, m.count))
        .collect();
    let mut lines = vec![format!("least often right: {}", worst.join(", "))];
    if !mistaken.is_empty() {
        lines.push(format!("most often mistaken: {}", mistaken.join(", ")));
    }
    lines.push("all of it: --json, or the picture of `spidec report`".to_string());
    lines
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(classes: usize) -> Confusion {
        let mut confusion = Confusion::new(classes);
        for label in 0..classes {
            (0..label).for_each(|_| confusion.add(label, label));
            confusion.add(label, 0);
        }
        confusion
    }

    #[test]
    fn few_classes_are_a_table() {
        let wanted = [
            "classes (rows) and what they were taken for (columns):",
            "       0  1  2    right",
            "    0  1  .  .  100.0 %",
            "    1  1  1  .   50.0 %",
            "    2  1  .  2   66.7 %",
        ];
        assert_eq!(lines(&filled(3)), wanted);
        let wide = lines(&filled(TABLE));
        assert_eq!(wide.len(), TABLE + 2);
        assert!(wide.iter().all(|line| line.chars().count() <= 80));
    }

    #[test]
    fn of_many_classes_what_stands_out_is_told() {
        let told = lines(&filled(100));
        assert_eq!(told.len(), 3);
        assert!(told[0].starts_with("least often right: 1: 50.0 % of 2, 2: 66.7 % of 3"));
        assert!(told[1].starts_with("most often mistaken: 1 for 0: 1, 2 for 0: 1"));
    }
}
