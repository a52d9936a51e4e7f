//! The network: populations with their shapes, projections with their sizes.

use crate::picture::Picture;
use crate::style::{BLUE, FAINT, INK, MUTED, ORANGE, PANEL, Paint};
use crate::svg::{Anchor, Font, PLAIN, Svg, fitting, grouped, width};
use spidec_ir::Network;
use spidec_ir::network::{Direction, Neuron, Operator, Shape, Source, Values};

const BOX: (f64, f64) = (132.0, 74.0);
/// Between boxes: room for an arrow with what it carries.
const GAP: f64 = 118.0;
/// From a box to the nearest arc, and between arcs.
const LEVEL: f64 = 34.0;
const MARGIN: f64 = 16.0;
/// Below everything: the legend.
const LEGEND: f64 = 44.0;

/// What an arrow joins: the input, populations in order, the readout.
struct Arrow {
    from: usize,
    to: usize,
    feedback: bool,
    frozen: bool,
    label: String,
}

impl Arrow {
    /// Left and right end.
    fn ends(&self) -> (usize, usize) {
        (self.from.min(self.to), self.from.max(self.to))
    }

    fn color(&self) -> Paint {
        if self.feedback { ORANGE } else { BLUE }
    }

    fn dashes(&self) -> &'static str {
        if self.feedback { "7 3" } else { "" }
    }
}

/// A network as boxes and arrows: this step's spikes above and between the boxes, those of the step
/// before below. Sizes are in neurons and values; an arrow says how many weights it has.
pub fn network(network: &Network) -> Picture {
    let boxes = boxes(network);
    let arrows = arrows(network);
    // Straight where nothing stands between, and nothing else is straight there.
    let mut straight: Vec<usize> = Vec::new();
    let mut arcs: [Vec<usize>; 2] = Default::default();
    for (k, arrow) in arrows.iter().enumerate() {
        let taken = straight.iter().any(|&s| arrows[s].from == arrow.from);
        if !arrow.feedback && arrow.to == arrow.from + 1 && !taken {
            straight.push(k);
        } else {
            arcs[usize::from(arrow.feedback)].push(k);
        }
    }
    let levels = arcs.each_ref().map(|side| levels(&arrows, side));
    let room = levels.each_ref().map(|levels| {
        let most = levels.iter().copied().max().unwrap_or(0);
        if most == 0 {
            0.0
        } else {
            f64::from(most) * LEVEL + 14.0
        }
    });
    let top = MARGIN + room[0];
    let left = |k: usize| MARGIN + k as f64 * (BOX.0 + GAP);
    let mut svg = Svg::default();
    let size = (
        (left(boxes.len() - 1) + BOX.0 + MARGIN).max(440.0).ceil(),
        (top + BOX.1 + room[1] + LEGEND + MARGIN).ceil(),
    );
    svg.rect((0.0, 0.0), size, crate::style::GROUND, 0.0);
    for &k in &straight {
        let arrow = &arrows[k];
        let (x, y) = (left(arrow.from) + BOX.0, top + BOX.1 / 2.0);
        svg.path(
            &format!("M{x:.1} {y:.1}h{:.1}", GAP - 9.0),
            arrow.color(),
            2.0,
            "",
        );
        head(&mut svg, (x + GAP, y), (1.0, 0.0), arrow.color());
        let middle = Font {
            anchor: Anchor::Middle,
            size: 12,
            ..PLAIN
        };
        svg.write(
            (x + GAP / 2.0 - 4.0, y - 8.0),
            middle,
            &fitting(&arrow.label, 12, GAP - 8.0),
        );
        if arrow.frozen {
            let muted = Font {
                color: MUTED,
                ..middle
            };
            svg.write((x + GAP / 2.0 - 4.0, y + 18.0), muted, "frozen");
        }
    }
    for below in [false, true] {
        let side = usize::from(below);
        let edge = if below { top + BOX.1 } else { top };
        for (&k, &level) in arcs[side].iter().zip(&levels[side]) {
            arc(
                &mut svg,
                &arrows,
                &arcs[side],
                k,
                (edge, level, below),
                left,
            );
        }
    }
    for (k, shown) in boxes.iter().enumerate() {
        draw_box(&mut svg, (left(k), top), shown);
    }
    legend(&mut svg, size.1 - MARGIN, arrows.iter().any(|a| a.feedback));
    let projections = network.projections.len();
    let neurons = grouped(neurons(network));
    let description = format!(
        "{}: {} values, {}, {} classes; {projections} projections. A step handles the populations \
         from left to right.",
        network.name,
        grouped(network.input.shape.size() as u64),
        match network.populations.len() {
            1 => format!("one population of {neurons} neurons"),
            count => format!("{count} populations with {neurons} neurons in all"),
        },
        network.readout.classes,
    );
    Picture::new(
        "network",
        "Network",
        description,
        (size.0 as u32, size.1 as u32),
        svg,
    )
}

fn neurons(network: &Network) -> u64 {
    network
        .populations
        .iter()
        .map(|p| p.shape.size() as u64)
        .sum()
}

/// Three lines of a box.
struct Shown {
    name: String,
    what: String,
    shape: String,
    neurons: bool,
}

fn boxes(network: &Network) -> Vec<Shown> {
    let shape = |shape: &Shape, of: &str| {
        let extents: Vec<String> = shape.0.iter().map(u32::to_string).collect();
        match &extents[..] {
            [one] => format!("{one} {of}"),
            all => all.join(" \u{d7} "),
        }
    };
    let mut all = vec![Shown {
        name: network.input.name.clone(),
        what: match network.input.values {
            Values::Constant { .. } => "constant input",
            Values::Events { .. } => "input of events",
        }
        .to_string(),
        shape: shape(&network.input.shape, "values"),
        neurons: false,
    }];
    all.extend(network.populations.iter().map(|p| Shown {
        name: p.name.clone(),
        what: match p.neuron {
            Neuron::IntegrateAndFire => "integrate and fire".to_string(),
            Neuron::Leaky { leak, .. } => format!("leaky, leak {leak}"),
        },
        shape: shape(&p.shape, "neurons"),
        neurons: true,
    }));
    all.push(Shown {
        name: network.readout.name.clone(),
        what: "linear readout".to_string(),
        shape: format!("{} classes", network.readout.classes),
        neurons: false,
    });
    all
}

fn arrows(network: &Network) -> Vec<Arrow> {
    let label = |layer: usize| {
        let operator = network.projections.get(layer).map(|p| p.operator);
        match operator {
            Some(Operator::AveragePool { .. }) => return "pooling".to_string(),
            Some(Operator::Zero) => return "zero".to_string(),
            _ => {}
        }
        let weights: usize = network.weight_shape(layer).iter().product();
        let bias = if network.biases(layer) > 0 {
            " + b"
        } else {
            ""
        };
        format!("{}{bias}", grouped(weights as u64))
    };
    let projections = network.projections.iter().enumerate();
    let mut all: Vec<Arrow> = projections
        .map(|(layer, p)| Arrow {
            from: match p.source {
                Source::Input => 0,
                Source::Population(id) => id.index() + 1,
            },
            to: p.destination.index() + 1,
            feedback: p.direction == Direction::Feedback,
            // What has no weights learns nothing anyway.
            frozen: p.frozen && network.weight_shape(layer) != [0],
            label: label(layer),
        })
        .collect();
    all.push(Arrow {
        from: network.readout.source.index() + 1,
        to: network.populations.len() + 1,
        feedback: false,
        frozen: network.readout.frozen,
        label: label(network.projections.len()),
    });
    all
}

/// How far from the boxes each arc runs, from 1: those that share a stretch on different levels, the shorter
/// ones nearer.
fn levels(arrows: &[Arrow], arcs: &[usize]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..arcs.len()).collect();
    let span = |&k: &usize| {
        let (left, right) = arrows[arcs[k]].ends();
        (right - left, left)
    };
    order.sort_by_key(span);
    let mut levels = vec![0; arcs.len()];
    for &k in &order {
        let (left, right) = arrows[arcs[k]].ends();
        let meets = |&other: &usize| {
            let (l, r) = arrows[arcs[other]].ends();
            // Arcs that only end at the same box keep apart there: see `port`.
            levels[other] > 0 && l < right && left < r
        };
        levels[k] = (0..arcs.len())
            .filter(meets)
            .map(|o| levels[o])
            .max()
            .unwrap_or(0)
            + 1;
    }
    levels
}

/// Where on a box an arc ends, as a share of its width: arcs to the left, loops, arcs to the right, ordered so
/// that none crosses another there.
fn port(arrows: &[Arrow], arcs: &[usize], arrow: usize, node: usize, right_end: bool) -> f64 {
    let mut ends: Vec<(u8, i64, usize, bool)> = Vec::new();
    for &k in arcs {
        let (left, right) = arrows[k].ends();
        let span = (right - left) as i64;
        match (left == node, right == node) {
            (true, true) => ends.extend([(1, k as i64, k, false), (1, k as i64, k, true)]),
            (true, false) => ends.push((2, -span, k, false)),
            (false, true) => ends.push((0, span, k, true)),
            (false, false) => {}
        }
    }
    ends.sort();
    let at = ends
        .iter()
        .position(|&(_, _, k, end)| k == arrow && end == right_end);
    (at.unwrap_or(0) + 1) as f64 / (ends.len() + 1) as f64
}

fn arc(
    svg: &mut Svg,
    arrows: &[Arrow],
    arcs: &[usize],
    k: usize,
    (edge, level, below): (f64, u32, bool),
    left: impl Fn(usize) -> f64,
) {
    let arrow = &arrows[k];
    let (first, last) = arrow.ends();
    let at =
        |node: usize, right_end: bool| left(node) + BOX.0 * port(arrows, arcs, k, node, right_end);
    let (a, b) = (at(first, false), at(last, true));
    let out = if below { 1.0 } else { -1.0 };
    let y = edge + out * f64::from(level) * LEVEL;
    let r = 10.0 * out;
    // Feedback runs against the order, so its head is at the left end.
    let (tail, tip) = if arrow.feedback { (b, a) } else { (a, b) };
    let way = if tip > tail { 10.0 } else { -10.0 };
    let d = format!(
        "M{tail:.1} {edge:.1}V{:.1}Q{tail:.1} {y:.1} {:.1} {y:.1}H{:.1}Q{tip:.1} {y:.1} {tip:.1} {:.1}V{:.1}",
        y - r,
        tail + way,
        tip - way,
        y - r,
        edge + out * 9.0
    );
    svg.path(&d, arrow.color(), 2.0, arrow.dashes());
    head(svg, (tip, edge), (0.0, -out), arrow.color());
    let frozen = if arrow.frozen { ", frozen" } else { "" };
    let label = format!("{}{frozen}", arrow.label);
    let middle = Font {
        anchor: Anchor::Middle,
        size: 12,
        ..PLAIN
    };
    // Within the line, so that it cannot be taken for a neighbor's.
    let (x, wide) = ((a + b) / 2.0, width(&label, 12) + 8.0);
    if wide < (b - a) - 20.0 {
        svg.rect(
            (x - wide / 2.0, y - 8.0),
            (wide, 16.0),
            crate::style::GROUND,
            0.0,
        );
        svg.write((x, y + 4.0), middle, &label);
    } else {
        svg.write((x, y + if below { 14.0 } else { -5.0 }), middle, &label);
    }
}

/// An arrow's head with its tip at a point.
fn head(svg: &mut Svg, (x, y): (f64, f64), (dx, dy): (f64, f64), color: Paint) {
    let (bx, by) = (x - 10.0 * dx, y - 10.0 * dy);
    let (sx, sy) = (5.0 * dy, 5.0 * dx);
    svg.shape(
        &format!(
            "M{x:.1} {y:.1}L{:.1} {:.1}L{:.1} {:.1}z",
            bx + sx,
            by + sy,
            bx - sx,
            by - sy
        ),
        color,
    );
}

fn draw_box(svg: &mut Svg, (x, y): (f64, f64), shown: &Shown) {
    let (radius, stroke) = if shown.neurons {
        (10.0, INK)
    } else {
        (2.0, FAINT)
    };
    svg.rect((x, y), BOX, PANEL, radius);
    svg.outline((x, y), BOX, stroke, radius);
    let middle = x + BOX.0 / 2.0;
    let room = BOX.0 - 12.0;
    let font = Font {
        anchor: Anchor::Middle,
        ..PLAIN
    };
    let bold = Font {
        bold: true,
        size: 14,
        ..font
    };
    svg.write((middle, y + 24.0), bold, &fitting(&shown.name, 14, room));
    svg.write((middle, y + 44.0), font, &fitting(&shown.shape, 13, room));
    let muted = Font {
        color: MUTED,
        size: 12,
        ..font
    };
    svg.write((middle, y + 62.0), muted, &shown.what);
}

fn legend(svg: &mut Svg, y: f64, feedback: bool) {
    let muted = Font {
        color: MUTED,
        size: 12,
        ..PLAIN
    };
    svg.path(&format!("M{MARGIN} {y:.1}h26"), BLUE, 2.0, "");
    svg.write((MARGIN + 34.0, y + 4.0), muted, "spikes of this step");
    let mut x = MARGIN + 164.0;
    if feedback {
        svg.path(&format!("M{x} {y:.1}h26"), ORANGE, 2.0, "7 3");
        svg.write((x + 34.0, y + 4.0), muted, "of the step before");
        x += 160.0;
    }
    svg.write((x, y + 4.0), muted, "numbers: weights, b: biases");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::tests::texts;
    use crate::testing;
    use spidec_ir::Number;
    use spidec_ir::network::{PopulationId, Window};

    #[test]
    fn names_shapes_and_weights_are_written() {
        let mut net = testing::network(3, 2);
        net.populations[1].name = "a<&\"b".into();
        net.input.shape = Shape(vec![5, 4, 2]);
        let text = texts(&super::network(&net));
        for wanted in [
            "p0",
            "a<&\"b",
            "3 neurons",
            "5 \u{d7} 4 \u{d7} 2",
            "2 classes",
            "120 + b",
            "9",
        ] {
            assert!(text.iter().any(|t| t == wanted), "{wanted}: {text:?}");
        }
    }

    #[test]
    fn kernels_have_their_own_weights_and_leaks_are_told() {
        let mut net = testing::network(2, 2);
        net.populations[0].shape = Shape(vec![2, 2, 3]);
        net.input.shape = Shape(vec![4, 4, 2]);
        let window = Window {
            kernel: 3,
            stride: 2,
            pad: 1,
        };
        net.projections[0].operator = Operator::Convolution {
            window,
            standardize: false,
        };
        net.projections[1].operator = Operator::AveragePool { size: 2 };
        net.populations[1].neuron = Neuron::Leaky {
            leak: Number::from(0.875),
            leaky_couple: true,
        };
        let text = texts(&super::network(&net));
        for wanted in ["54 + b", "pooling", "leaky, leak 0.875"] {
            assert!(text.iter().any(|t| t == wanted), "{wanted}: {text:?}");
        }
    }

    #[test]
    fn every_projection_is_an_arrow() {
        let net = testing::network(3, 3);
        // A head each, the readout's too.
        let heads = net.projections.len() + 1;
        let file = super::network(&net).file();
        assert_eq!(file.matches("z\" fill=").count(), heads);
        // 3 * 3 weights each, but for the input's and the readout's.
        let text = texts(&super::network(&net));
        let squares = text.iter().filter(|t| t.split(' ').next() == Some("9"));
        assert_eq!(squares.count(), heads - 1);
    }

    #[test]
    fn arcs_over_one_stretch_run_apart() {
        let arrow = |from: usize, to: usize| Arrow {
            from,
            to,
            feedback: from >= to,
            frozen: false,
            label: String::new(),
        };
        let arrows = [arrow(3, 1), arrow(2, 2), arrow(2, 1), arrow(5, 4)];
        assert_eq!(levels(&arrows, &[0, 1, 2, 3]), [2, 1, 1, 1]);
        // Ports of box 2: the arc to the left, then the loop's two ends.
        let at = |k, right| port(&arrows, &[0, 1, 2, 3], k, 2, right);
        assert!(at(2, true) < at(1, false) && at(1, false) < at(1, true));
    }

    #[test]
    fn the_same_network_gives_the_same_bytes() {
        let mut net = testing::network(2, 2);
        assert_eq!(super::network(&net).file(), super::network(&net).file());
        let before = super::network(&net).file();
        net.readout.source = PopulationId(0);
        assert_ne!(super::network(&net).file(), before);
    }
}
