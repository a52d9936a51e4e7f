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

    /// What a value of the kind is, for a reader of a report.
    pub fn meaning(self) -> &'static str {
        match self {
            Kind::SpikeWords => "which neurons of a chunk, one a lane, fired in a step",
            Kind::SpikeCycles => "the clock cycle in which these spikes leave the lanes",
            Kind::Membranes => "a neuron's membrane at the end of a step",
            Kind::Counts => "how often a neuron fired in a sample",
            Kind::Logits => "what the readout sums up for a class",
            Kind::Predictions => "the class with the largest logit",
            Kind::StageCycles => "how many clock cycles a stage took",
            Kind::Saturations => "how many numbers did not fit their format and were clamped",
            Kind::Counters => "the hardware's counts of its own work: slots, waits, passes",
            Kind::Clamps => "where the first number was clamped",
            Kind::Masks => {
                "whether a neuron takes part in learning: it fired, but not in every step"
            }
            Kind::Errors => {
                "how far a class is from its label, which the backward stage starts from"
            }
            Kind::BackwardSpikes => {
                "which neurons of a chunk fired in a backward step, and with which sign"
            }
            Kind::BackwardCycles => "the clock cycle in which these spikes leave the lanes",
            Kind::BackwardMembranes => "a neuron's membrane at the end of a backward step",
            Kind::BackwardCounts => "the sum of a neuron's signed spikes in the backward stage",
            Kind::Weights => "a weight after a training sample",
            Kind::Biases => "a bias after a training sample",
        }
    }

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
