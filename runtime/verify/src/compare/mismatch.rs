//! Values that differ, and where.

use super::Kind;
use serde::Serialize;
use spidec_ir::trace::Stage;
use std::fmt;

/// Values that differ, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// Index of the sample among those verified.
    pub sample: usize,
    /// What was compared.
    pub kind: Kind,
    /// Cycle since the start of the sample, in the hardware or, failing that, the array engine.
    pub cycle: Option<u64>,
    /// The stage.
    pub stage: Stage,
    /// Time step, from 1.
    pub step: Option<u32>,
    /// Population or readout.
    pub population: Option<String>,
    /// Neuron or class, from 0.
    pub neuron: Option<u32>,
    /// Of a weight, the neuron or input value that it comes from, from 0.
    pub source: Option<u32>,
    /// Which counter, for kinds that have several.
    pub what: Option<&'static str>,
    /// The fixed-point engine's value; `None` where it has none to compare.
    pub fixed: Option<i64>,
    /// The array engine's value.
    pub array: Option<i64>,
    /// The hardware's value.
    pub hardware: Option<i64>,
    /// Line of the population or readout in the network file.
    pub line: Option<u32>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sample {}: {} differ", self.sample, self.kind.name())?;
        write!(f, " in the {} stage", self.stage.name())?;
        if let Some(step) = self.step {
            write!(f, ", step {step}")?;
        }
        if let Some(cycle) = self.cycle {
            write!(f, ", cycle {cycle}")?;
        }
        if let Some(name) = &self.population {
            write!(f, ", {name}")?;
        }
        if let Some(neuron) = self.neuron {
            write!(f, "[{neuron}]")?;
        }
        if let Some(source) = self.source {
            write!(f, " from [{source}]")?;
        }
        if let Some(line) = self.line {
            write!(f, " (line {line})")?;
        }
        if let Some(what) = self.what {
            write!(f, ", {what}")?;
        }
        // Spike words by lanes, those of -1 apart.
        let number = |v: i64| match self.kind {
            Kind::SpikeWords => format!("{v:#x}"),
            Kind::BackwardSpikes => {
                let (spikes, minus) = (v & 0xffff_ffff, v >> 32);
                format!("+{:#x} -{minus:#x}", spikes & !minus)
            }
            _ => v.to_string(),
        };
        let value = |v: Option<i64>| v.map_or("none".to_string(), number);
        write!(f, ": ")?;
        if self.fixed.is_some() {
            write!(f, "fixed {}, ", value(self.fixed))?;
        }
        write!(
            f,
            "array {}, hardware {}",
            value(self.array),
            value(self.hardware)
        )
    }
}
