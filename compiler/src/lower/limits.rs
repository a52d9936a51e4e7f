//! What no array is large enough for: found before a machine is sized, so that `check` can say it at
//! its place in the file.

use super::Purpose;
use super::memory::Layout;
use spidec_ir::Network;
use spidec_ir::network::{LossKind, PopulationId};
use spidec_ir::program::{Instruction, MAX_CHUNKS, MAX_DEPTH, MAX_WEIGHT_WORDS};
use std::fmt;

/// Why no array can run a network that fixed point can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TooLarge {
    /// The weight banks have more words than the host port reaches.
    Weights {
        /// Words of all banks.
        words: u64,
        /// The layer with the most: an index into the projections; the readout follows them.
        layer: usize,
        /// Its words.
        of_layer: u64,
    },
    /// States take more chunks than there are addresses.
    States {
        /// Chunks.
        chunks: u64,
        /// Lanes of a chunk.
        lanes: u32,
        /// The population with the most.
        population: PopulationId,
    },
    /// The program has more instructions than there are addresses.
    Instructions(usize),
    /// The loss unit cannot hold what it measures errors by: classes, steps and formats together.
    LossUnit {
        /// Bits of the error format.
        bits: u32,
        /// Its fraction bits.
        frac: u32,
        /// What it measures by, where the format reaches far enough.
        unit: Option<i64>,
    },
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TooLarge::Weights { words, .. } => write!(
                f,
                "its weights take {words} words of memory; the host port reaches {MAX_WEIGHT_WORDS}"
            ),
            TooLarge::States { chunks, lanes, .. } => write!(
                f,
                "its neurons take {chunks} chunks of {lanes}; the state memories have at most {MAX_CHUNKS}"
            ),
            TooLarge::Instructions(count) => write!(
                f,
                "its program has {count} instructions; the program memory has at most {MAX_DEPTH}"
            ),
            TooLarge::LossUnit {
                unit: Some(unit), ..
            } => write!(
                f,
                "the loss unit measures errors by {unit}, classes times steps times the weight's and the error's units; it has 31 bits"
            ),
            TooLarge::LossUnit { bits, frac, .. } => write!(
                f,
                "an error of {bits} bits, {frac} of them behind the point, does not reach what the loss makes: -1 of cross-entropy, 1 and more of the mean squared error"
            ),
        }
    }
}

/// All limits that a network exceeds; none where [`super::lower`] succeeds.
pub(super) fn exceeded(
    network: &Network,
    layout: &Layout,
    instructions: &[Instruction],
    purpose: Purpose,
) -> Vec<TooLarge> {
    let mut found = Vec::new();
    let of_block = u64::from(layout.lanes * layout.lanes);
    let words = layout.blocks * of_block;
    let layers = layout.layers.iter().enumerate().map(|(k, layer)| {
        let columns = u64::from(layer.source_chunks) + u64::from(layer.bias_block.is_some());
        (columns * u64::from(layer.chunks) * of_block, k)
    });
    // Of equal ones the first.
    let largest = layers.max_by_key(|&(words, k)| (words, usize::MAX - k));
    if let Some((of_layer, layer)) = largest.filter(|_| words > u64::from(MAX_WEIGHT_WORDS)) {
        found.push(TooLarge::Weights {
            words,
            layer,
            of_layer,
        });
    }
    let populations = network.population_ids().zip(&layout.populations);
    let largest = populations.max_by_key(|(id, map)| (map.chunks, usize::MAX - id.index()));
    if let Some((population, _)) = largest.filter(|_| layout.chunks > u64::from(MAX_CHUNKS)) {
        found.push(TooLarge::States {
            chunks: layout.chunks,
            lanes: layout.lanes,
            population,
        });
    }
    if instructions.len() > MAX_DEPTH as usize {
        found.push(TooLarge::Instructions(instructions.len()));
    }
    if purpose == Purpose::Learning {
        found.extend(loss_unit(network));
    }
    found
}

/// What the loss unit cannot measure by.
fn loss_unit(network: &Network) -> Option<TooLarge> {
    let error = network.array.error;
    let refused = |unit| TooLarge::LossUnit {
        bits: error.bits,
        frac: error.frac,
        unit,
    };
    let before_the_point = match network.training.loss.kind {
        LossKind::CrossEntropy => 1,
        LossKind::MeanSquaredError => 2,
    };
    if error.bits < error.frac + before_the_point {
        return Some(refused(None));
    }
    let unit = super::learning::loss_unit(network);
    (unit > i64::from(i32::MAX)).then(|| refused(Some(unit)))
}

#[cfg(test)]
mod tests {
    use crate::check::{Engine, check_text};
    use crate::lower::{LowerError, Purpose, lower};

    /// What `check` says of a network on the array, as codes; and that lowering says the same.
    fn codes(text: &str) -> Vec<&'static str> {
        codes_of(text, Engine::Array, Purpose::Inference)
    }

    fn codes_of(text: &str, engine: Engine, purpose: Purpose) -> Vec<&'static str> {
        let result = check_text("limits.fsnn", text);
        let checked = result
            .checked
            .as_ref()
            .unwrap_or_else(|| panic!("{text}{}", result.render(&result.diagnostics, false)));
        let obstacles = checked.engines.obstacles(engine);
        match lower(&checked.network, &checked.lines, purpose) {
            Ok(_) => assert!(obstacles.is_empty(), "{text}{obstacles:?}"),
            Err(LowerError::Obstacles(_) | LowerError::TooLarge(_)) => {
                assert!(!obstacles.is_empty(), "{text}")
            }
            Err(other) => panic!("{text}{other}"),
        }
        obstacles.iter().map(|o| o.code.name()).collect()
    }

    fn network(input: &str, rest: &str, array: &str) -> String {
        format!("spidec 1\nnetwork n {{\n  input x {input}\n{rest}}}\narray {{\n  {array}\n}}\n")
    }

    #[test]
    fn what_check_accepts_is_lowered_whatever_the_formats() {
        let rest = "  population p [3] = if\n  readout y [2] = linear(from = p)\n  \
                    forward x -> p = dense\n  feedback p -> p = dense\n";
        let mut seen = std::collections::BTreeSet::new();
        for exponent in 0..=14 {
            for bits in 2..=18 {
                for frac in [0, 9, 16] {
                    for (membrane, more) in [(4, 0), (16, 3), (28, 0), (28, 8)] {
                        let input = format!("[1] = constant(scale = 1/{})", 1 << exponent);
                        let array = format!(
                            "weight = fixed(bits = {bits}, frac = {frac})\n  \
                             membrane = fixed(bits = {membrane}, frac = {})",
                            frac + more
                        );
                        seen.extend(codes(&network(&input, rest, &array)));
                    }
                }
            }
        }
        let seen: Vec<_> = seen.into_iter().collect();
        assert_eq!(seen, ["E081", "E084"]);
    }

    #[test]
    fn what_check_accepts_for_training_is_lowered_whatever_the_formats() {
        let rest = "  population p [3] = if\n  readout y [2] = linear(from = p)\n  \
                    forward x -> p = dense\n";
        let mut accepted = 0;
        let mut seen = std::collections::BTreeSet::new();
        for loss in ["cross_entropy", "mean_squared_error"] {
            for scale in ["1/65536", "1/100", "1", "65536"] {
                for v_th in ["1/64", "1", "64"] {
                    for (bits, frac) in [
                        (4, 0),
                        (4, 2),
                        (4, 3),
                        (10, 0),
                        (10, 9),
                        (12, 0),
                        (12, 10),
                        (12, 11),
                    ] {
                        for (weight, more) in [(0, 0), (0, 8), (16, 0), (16, 8)] {
                            let array = format!(
                                "weight = fixed(bits = 4, frac = {weight})\n  \
                                 membrane = fixed(bits = 28, frac = {})\n  \
                                 error = fixed(bits = {bits}, frac = {frac})\n}}\ntraining {{\n  \
                                 loss = {loss}(scale = {scale})\n  \
                                 backward_stage = stage(steps = 32, v_th = {v_th})",
                                weight + more
                            );
                            let text = network("[1] = constant(scale = 1)", rest, &array);
                            let codes = codes_of(&text, Engine::ArrayTraining, Purpose::Learning);
                            accepted += u32::from(codes.is_empty());
                            seen.extend(codes);
                        }
                    }
                }
            }
        }
        let seen: Vec<_> = seen.into_iter().collect();
        assert_eq!(seen, ["E083", "E084", "E088", "E089", "E090"]);
        assert!(accepted > 50, "{accepted}");
    }

    /// A population of `size` that an input of `size` reaches, in 2-bit weights.
    fn square(size: u32, bias: bool) -> Vec<&'static str> {
        let rest = format!(
            "  population p [{size}] = if\n  population q [4] = if\n  \
             readout y [2] = linear(from = q, bias = false)\n  \
             forward x -> p = dense(bias = {bias})\n"
        );
        let input = format!("[{size}] = constant(scale = 1)");
        codes(&network(
            &input,
            &rest,
            "lanes = 4\n  weight = fixed(bits = 2, frac = 0)",
        ))
    }

    #[test]
    fn the_last_word_of_the_banks_is_used() {
        // The readout takes 4 sources times a chunk of 4 lanes: 16 words.
        let most = 1u32 << 24;
        let size = (most - 16).isqrt() / 4 * 4;
        assert_eq!(square(size, true), [""; 0]);
        assert_eq!(square(4096, false), ["E091"]);
    }

    #[test]
    fn the_last_chunk_is_used() {
        let chunks = |last: u32| {
            let rest = format!(
                "  population d [{last}] = if\n  population q [4] = if\n  \
                 readout y [2] = linear(from = q)\n  forward x -> d = dense\n"
            );
            codes(&network("[1] = constant(scale = 1)", &rest, "lanes = 4"))
        };
        // 16,383 chunks: two are the small population's and the readout's.
        assert_eq!(chunks(65536 - 12), [""; 0]);
        assert_eq!(chunks(65536 - 8), ["E092"]);
    }
}
