//! How a network is trained: stages, loss, update, schedule.

use crate::number::Number;
use serde::{Deserialize, Serialize};

/// One stage of a sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Number of time steps, `T_F` or `T_B`.
    pub steps: u32,
    /// Threshold: `v_th` or `v_back`.
    pub v_th: Number,
    /// Rest: `u_rest` or `u_rest_back`; threshold minus rest is the step of a reset.
    pub u_rest: Number,
}

impl Stage {
    /// `v_th - u_rest`.
    pub fn reset(&self) -> f64 {
        self.v_th.value() - self.u_rest.value()
    }
}

/// What is minimized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LossKind {
    /// Softmax cross-entropy of the logits.
    CrossEntropy,
    /// Mean over the classes of the squared difference between logits and the one-hot label.
    MeanSquaredError,
}

/// The loss and its scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loss {
    /// What is minimized.
    pub kind: LossKind,
    /// The gradient is multiplied by this before the backward stage; the learning rate is divided by it.
    pub scale: Number,
}

/// How gradients change the parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// Learning rate of the first epoch.
    pub rate: Number,
    /// Samples a step; gradients are averaged over them.
    pub batch: u32,
    /// Weight decay, 0 for none.
    pub weight_decay: Number,
    /// The rule.
    pub rule: Rule,
}

/// An update rule.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rule {
    /// Stochastic gradient descent.
    Sgd {
        /// Momentum, 0 for none.
        momentum: Number,
    },
    /// Adam.
    Adam {
        /// Decay of the gradients' mean.
        beta1: Number,
        /// Decay of the gradients' squares' mean.
        beta2: Number,
        /// Added to the root of the latter.
        epsilon: Number,
    },
}

impl Update {
    /// Whether a step is the gradient alone, times the rate.
    pub fn is_plain(&self) -> bool {
        let plain = |momentum: Number| momentum.value() == 0.0;
        self.weight_decay.value() == 0.0
            && matches!(self.rule, Rule::Sgd { momentum } if plain(momentum))
    }
}

/// How the learning rate changes with the epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Schedule {
    /// It does not.
    Constant,
    /// Multiplied by `factor` after each `every` epochs.
    Step {
        /// Epochs between two changes.
        every: u32,
        /// The factor of one change.
        factor: Number,
    },
    /// Multiplied by `factor` after each of some numbers of epochs.
    Milestones {
        /// Epochs done at each change, ascending.
        at: Vec<u32>,
        /// The factor of one change.
        factor: Number,
    },
    /// Half a cosine from the rate to zero over some epochs; zero afterwards.
    Cosine {
        /// Epochs.
        epochs: u32,
    },
}

/// What the published code does that the method does not say: each can be asked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Quirk {
    /// A leaky neuron's mask compares its weighted rate, rounding and all, with 0 and 1; else the
    /// mask is `0 < spikes < T_F`.
    Mask,
    /// Dropout's masks stay out of the parameters' gradients; else they are part of them.
    DropoutGradient,
    /// The input's factor of a gradient is the plain mean over all of a sample's event frames; else
    /// it is weighted as the destination's rate is.
    EventMean,
    /// `max_norm` is compared with a random estimate of the norm, new for each batch, and the
    /// factor counts as a constant; else the norm is exact and the factor differentiated.
    NormEstimate,
    /// Weight decay is divided by the loss scale, as the rate is; else it is not.
    WeightDecay,
}

impl Quirk {
    /// All, in the order in which they print.
    pub const ALL: [Quirk; 5] = [
        Quirk::Mask,
        Quirk::DropoutGradient,
        Quirk::EventMean,
        Quirk::NormEstimate,
        Quirk::WeightDecay,
    ];

    /// Its name in a network file.
    pub fn name(self) -> &'static str {
        match self {
            Quirk::Mask => "mask",
            Quirk::DropoutGradient => "dropout_gradient",
            Quirk::EventMean => "event_mean",
            Quirk::NormEstimate => "norm_estimate",
            Quirk::WeightDecay => "weight_decay",
        }
    }
}

/// How pictures are varied while training: each is shifted at random, zeros coming in, and mirrored where that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// Pixels by which a picture is shifted either way, at most.
    pub pixels: u32,
    /// Whether pictures are mirrored left to right, by an even chance.
    pub mirror: bool,
}

/// The training block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// The forward stage.
    pub forward: Stage,
    /// The backward stage.
    pub backward: Stage,
    /// The loss.
    pub loss: Loss,
    /// The update rule.
    pub update: Update,
    /// The learning rate's schedule.
    pub schedule: Schedule,
    /// Steps of training, a batch each, over which the rate grows from nothing to what the schedule says.
    pub warm_up: u32,
    /// How pictures are varied while training.
    pub augment: Option<Shift>,
    /// What is done as the published code does it, in the order of [`Quirk::ALL`], each once.
    pub published: Vec<Quirk>,
    /// Seed of initial weights, sample order, dropout and rounding noise.
    pub seed: u64,
}

impl Training {
    /// The learning rate of the schedule in an epoch, counted from 0.
    pub fn rate(&self, epoch: u32) -> f64 {
        let rate = self.update.rate.value();
        // Repeated multiplication: powi may differ between platforms.
        let changed =
            |times: u32, factor: &Number| (0..times).fold(rate, |rate, _| rate * factor.value());
        match &self.schedule {
            Schedule::Constant => rate,
            Schedule::Step { every, factor } => changed(epoch / (*every).max(1), factor),
            Schedule::Milestones { at, factor } => {
                changed(at.iter().filter(|&&at| at <= epoch).count() as u32, factor)
            }
            Schedule::Cosine { epochs } => {
                let done = f64::from(epoch.min(*epochs)) / f64::from((*epochs).max(1));
                rate * 0.5 * (1.0 + libm::cos(std::f64::consts::PI * done))
            }
        }
    }

    /// The learning rate of a step in an epoch, both counted from 0: [`Training::rate`], less while
    /// training warms up.
    pub fn rate_at(&self, epoch: u32, step: u64) -> f64 {
        let rate = self.rate(epoch);
        match step < u64::from(self.warm_up) {
            true => rate * (step + 1) as f64 / f64::from(self.warm_up),
            false => rate,
        }
    }

    /// Whether a quirk is asked for.
    pub fn has(&self, quirk: Quirk) -> bool {
        self.published.contains(&quirk)
    }
}
