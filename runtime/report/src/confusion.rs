//! Which classes are taken for which.

use crate::picture::Picture;
use crate::style::{BLUE, FAINT, GROUND, INK, MUTED, ON_LIGHT, ORANGE, TEXT};
use crate::svg::{Anchor, Font, PLAIN, Svg, grouped, width};

/// How often each class was predicted for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    /// `[label][prediction]`.
    counts: Vec<Vec<u64>>,
}

/// Samples of one class that were taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mistaken {
    /// Their class.
    pub label: usize,
    /// What they were taken for.
    pub prediction: usize,
    /// How many.
    pub count: u64,
}

impl Confusion {
    /// Of no samples yet.
    pub fn new(classes: usize) -> Confusion {
        Confusion {
            counts: vec![vec![0; classes]; classes],
        }
    }

    /// Adds a sample; classes that there are not are left out.
    pub fn add(&mut self, label: usize, prediction: usize) {
        let row = self.counts.get_mut(label);
        if let Some(count) = row.and_then(|row| row.get_mut(prediction)) {
            *count += 1;
        }
    }

    /// `[label][prediction]`.
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// Samples.
    pub fn samples(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// Samples that were right.
    pub fn correct(&self) -> u64 {
        (0..self.counts.len()).map(|k| self.counts[k][k]).sum()
    }

    /// Samples of a class, and the share of them that was right; `None` where there are none.
    pub fn class(&self, label: usize) -> Option<(u64, f64)> {
        let row = self.counts.get(label)?;
        let all: u64 = row.iter().sum();
        (all > 0).then(|| (all, row[label] as f64 / all as f64))
    }

    /// What was mistaken for what, the most frequent first; equals by class.
    pub fn mistaken(&self) -> Vec<Mistaken> {
        let cells = self.counts.iter().enumerate().flat_map(|(label, row)| {
            row.iter()
                .enumerate()
                .map(move |(prediction, &count)| Mistaken {
                    label,
                    prediction,
                    count,
                })
        });
        let mut all: Vec<Mistaken> = cells
            .filter(|cell| cell.label != cell.prediction && cell.count > 0)
            .collect();
        all.sort_by_key(|cell| (std::cmp::Reverse(cell.count), cell.label, cell.prediction));
        all
    }
}

/// The matrix' side in pixels, about.
const SIDE: f64 = 520.0;
/// The largest cell, and the smallest that has its count in it.
const CELL: (f64, f64) = (44.0, 24.0);
/// Left of the matrix and above it.
const MARGIN: (f64, f64) = (70.0, 56.0);
/// For the shares at the right.
const RIGHT: f64 = 76.0;
/// For the legend.
const FOOT: f64 = 34.0;
/// Most classes of a picture: more cannot be told apart.
const MOST: usize = 128;
/// Size of counts in cells.
const SMALL: u32 = 11;

/// The matrix: a row a class, a column a prediction, the darker the larger the row's share. `None` for more classes
/// than can be drawn, and for no samples.
pub fn confusion(confusion: &Confusion) -> Option<Picture> {
    let classes = confusion.counts.len();
    if classes > MOST || confusion.samples() == 0 {
        return None;
    }
    let cell = (SIDE / classes as f64).min(CELL.0);
    let side = cell * classes as f64;
    let size = (MARGIN.0 + side + RIGHT, MARGIN.1 + side + FOOT);
    let width = size.0.max(430.0);
    let mut svg = Svg::default();
    svg.rect((0.0, 0.0), (width, size.1), GROUND, 0.0);
    let written = cell >= CELL.1;
    for (label, row) in confusion.counts.iter().enumerate() {
        let all: u64 = row.iter().sum();
        for (prediction, &count) in row.iter().enumerate().filter(|&(_, &count)| count > 0) {
            let x = MARGIN.0 + cell * prediction as f64;
            let y = MARGIN.1 + cell * label as f64;
            // By the root: a few errors among a thousand are to be seen.
            let shade = (count as f64 / all as f64).sqrt();
            let right = label == prediction;
            let paint = if right { BLUE } else { ORANGE };
            let gap = if cell > 8.0 { 1.0 } else { 0.0 };
            svg.shade((x, y), (cell - gap, cell - gap), paint, shade);
            if written {
                let color = match (right, shade > 0.6) {
                    (true, true) => GROUND,
                    (false, true) => ON_LIGHT,
                    (_, false) => INK,
                };
                let font = Font {
                    size: SMALL,
                    color,
                    anchor: Anchor::Middle,
                    ..PLAIN
                };
                let place = (x + cell / 2.0, y + cell / 2.0 + 4.0);
                svg.write(place, font, &short(count, cell));
            }
        }
    }
    svg.outline((MARGIN.0, MARGIN.1), (side, side), FAINT, 0.0);
    labels(&mut svg, confusion, cell);
    let font = Font {
        color: MUTED,
        ..PLAIN
    };
    let legend = "blue: right, orange: mistaken; darker: more of the row";
    svg.write((12.0, size.1 - 10.0), font, legend);
    let size = (width.ceil() as u32, size.1.ceil() as u32);
    let title = "What is taken for what";
    Some(Picture::new("confusion", title, told(confusion), size, svg))
}

/// Classes along both axes, as many as fit, and each class's share that was right.
fn labels(svg: &mut Svg, confusion: &Confusion, cell: f64) {
    let classes = confusion.counts.len();
    let side = cell * classes as f64;
    let bold = Font {
        bold: true,
        anchor: Anchor::Middle,
        ..PLAIN
    };
    svg.write((MARGIN.0 + side / 2.0, 20.0), bold, "prediction");
    let start = Font {
        anchor: Anchor::Start,
        ..bold
    };
    svg.write((12.0, MARGIN.1 - 10.0), start, "class");
    let room = (f64::from(TEXT) + 3.0).max(width(&classes.to_string(), TEXT) + 6.0);
    let step = (room / cell).ceil().max(1.0) as usize;
    for class in (0..classes).step_by(step) {
        let middle = cell * (class as f64 + 0.5);
        let name = class.to_string();
        let font = |anchor| Font {
            color: MUTED,
            anchor,
            ..PLAIN
        };
        let above = (MARGIN.0 + middle, MARGIN.1 - 10.0);
        svg.write(above, font(Anchor::Middle), &name);
        let beside = MARGIN.1 + middle + 4.5;
        svg.write((MARGIN.0 - 8.0, beside), font(Anchor::End), &name);
        if let Some((_, share)) = confusion.class(class) {
            let share = format!("{:.1} %", 100.0 * share);
            svg.write((MARGIN.0 + side + 8.0, beside), font(Anchor::Start), &share);
        }
    }
}

/// A count that fits into a cell.
fn short(count: u64, cell: f64) -> String {
    let text = count.to_string();
    if width(&text, SMALL) <= cell {
        return text;
    }
    format!("{}k", count / 1000)
}

fn told(confusion: &Confusion) -> String {
    let (correct, samples) = (confusion.correct(), confusion.samples());
    let mistaken = confusion.mistaken();
    let mut text = format!(
        "A row a class, a column a prediction: {} of {} samples are right.",
        grouped(correct),
        grouped(samples)
    );
    if let Some(most) = mistaken.first() {
        text += &format!(
            " Most often mistaken: {} for {}, {} times.",
            most.label,
            most.prediction,
            grouped(most.count)
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::tests::{marks, texts};

    /// Three classes, the last without samples.
    fn three() -> Confusion {
        let mut confusion = Confusion::new(3);
        let samples = [(0, 0, 6), (0, 1, 2), (1, 1, 3), (1, 0, 2), (1, 2, 5)];
        for (label, prediction, count) in samples {
            (0..count).for_each(|_| confusion.add(label, prediction));
        }
        confusion
    }

    #[test]
    fn counts_are_told_by_class_and_by_mistake() {
        let confusion = three();
        assert_eq!((confusion.samples(), confusion.correct()), (18, 9));
        assert_eq!(confusion.class(0), Some((8, 0.75)));
        assert_eq!(confusion.class(2), None);
        let mistaken: Vec<(usize, usize, u64)> = confusion
            .mistaken()
            .iter()
            .map(|m| (m.label, m.prediction, m.count))
            .collect();
        assert_eq!(mistaken, [(1, 2, 5), (0, 1, 2), (1, 0, 2)]);
        let mut same = confusion.clone();
        same.add(3, 0);
        same.add(0, 3);
        assert_eq!(same, confusion);
    }

    #[test]
    fn a_cell_is_drawn_for_each_pair_that_occurs() {
        let picture = confusion(&three()).unwrap();
        // The ground, five cells, the outline.
        assert_eq!(marks(&picture, "rect"), 7);
        let texts = texts(&picture);
        for wanted in ["6", "5", "75.0 %", "30.0 %", "prediction"] {
            assert!(texts.iter().any(|text| text == wanted), "{wanted}");
        }
        assert!(picture.description().contains("9 of 18 samples are right"));
        assert!(picture.description().contains("1 for 2, 5 times"));
    }

    #[test]
    fn many_classes_have_smaller_cells_and_fewer_labels() {
        let mut many = Confusion::new(100);
        (0..100).for_each(|class| many.add(class, (class * 7) % 100));
        let picture = confusion(&many).unwrap();
        assert_eq!(marks(&picture, "rect"), 102);
        assert!(texts(&picture).len() < 100);
        assert!(confusion(&Confusion::new(3)).is_none());
        let mut more = Confusion::new(MOST + 1);
        more.add(0, 0);
        assert!(confusion(&more).is_none());
    }

    #[test]
    fn counts_fit_their_cells() {
        assert_eq!(short(980, CELL.1), "980");
        assert_eq!(short(54321, CELL.1), "54k");
    }
}
