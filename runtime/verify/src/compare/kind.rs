//! What is compared.

use serde::Serialize;

/// A kind of compared values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The spikes of a chunk after its pass, all three.
    SpikeWords,
    /// The cycle in which they leave the lanes, array and hardware.
    SpikeCycles,
    /// A membrane after the reset, all three.
    Membranes,
    /// A neuron's spike count, all three.
    Counts,
    /// A logit, all three.
    Logits,
    /// The predicted class, all three.
    Predictions,
    /// The cycles of a stage, array and hardware.
    StageCycles,
    /// Clamped membranes, errors and weights, all three.
    Saturations,
    /// Events, slots, useful lanes, waits, passes and spikes, array and hardware.
    Counters,
    /// Where the first membrane, error and weight were clamped, all three.
    Clamps,
    /// Whether a couple may send and learn, all three; array and hardware by their counts: whether they heed it,
    /// spikes, membranes and weights tell.
    Masks,
    /// The gradient with respect to the logits, all three.
    Errors,
    /// The spikes of a chunk of couples after their pass, of either sign, all three.
    BackwardSpikes,
    /// The cycle in which they leave the lanes, array and hardware.
    BackwardCycles,
    /// A couple's membrane after the reset, all three.
    BackwardMembranes,
    /// A couple's sum of signed spikes, all three.
    BackwardCounts,
    /// A weight after the sample, all three.
    Weights,
    /// A bias after the sample, all three.
    Biases,
}

impl Kind {
    /// All kinds, in the order of reports.
    pub const ALL: [Kind; 18] = [
        Kind::SpikeWords,
        Kind::SpikeCycles,
        Kind::Membranes,
        Kind::Counts,
        Kind::Logits,
        Kind::Predictions,
        Kind::StageCycles,
        Kind::Saturations,
        Kind::Counters,
        Kind::Clamps,
        Kind::Masks,
        Kind::Errors,
        Kind::BackwardSpikes,
        Kind::BackwardCycles,
        Kind::BackwardMembranes,
        Kind::BackwardCounts,
        Kind::Weights,
        Kind::Biases,
    ];

    /// Whether an inference has values of the kind.
    pub fn inference(self) -> bool {
        self <= Kind::Clamps
    }

    /// As reports and `--json` name it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::SpikeWords => "spike_words",
            Kind::SpikeCycles => "spike_cycles",
            Kind::Membranes => "membranes",
            Kind::Counts => "counts",
            Kind::Logits => "logits",
            Kind::Predictions => "predictions",
            Kind::StageCycles => "stage_cycles",
            Kind::Saturations => "saturations",
            Kind::Counters => "counters",
            Kind::Clamps => "clamps",
            Kind::Masks => "masks",
            Kind::Errors => "errors",
            Kind::BackwardSpikes => "backward_spikes",
            Kind::BackwardCycles => "backward_cycles",
            Kind::BackwardMembranes => "backward_membranes",
            Kind::BackwardCounts => "backward_counts",
            Kind::Weights => "weights",
            Kind::Biases => "biases",
        }
    }
}
