//! Counters and clamps.

use super::Kind;
use super::pass::{Pass, Place, Values};
use spidec_ir::trace::{ArrayTrace, ClampPlace, Clamps, Stage};

impl Pass<'_> {
    pub(super) fn counters(&mut self, fixed: &Clamps, array: &ArrayTrace, hardware: &ArrayTrace) {
        let membranes = fixed.forward.then(fixed.backward);
        let (a, h) = (&array.counters, &hardware.counters);
        let value = |n: u64| Some(n as i64);
        let place = |what| Place {
            what: Some(what),
            ..Place::default()
        };
        for stage in Stage::ALL {
            let (a, h) = (&a.stages[stage as usize], &h.stages[stage as usize]);
            let cycles = (value(a.cycles), value(h.cycles));
            self.two(
                Kind::StageCycles,
                stage,
                Place::default(),
                cycles.0,
                cycles.1,
            );
            for (what, array, hardware) in [
                ("slots", a.slots, h.slots),
                ("useful lanes", a.useful, h.useful),
                ("waits", a.waits, h.waits),
                ("chunks of passes", a.passes, h.passes),
            ] {
                self.two(
                    Kind::Counters,
                    stage,
                    place(what),
                    value(array),
                    value(hardware),
                );
            }
        }
        for (what, stage, fixed, array, hardware) in [
            (
                "membranes",
                Stage::Forward,
                membranes.count,
                a.saturations,
                h.saturations,
            ),
            (
                "errors",
                Stage::Loss,
                fixed.errors.count,
                a.error_saturations,
                h.error_saturations,
            ),
            (
                "weights",
                Stage::Learning,
                fixed.weights.count,
                a.weight_saturations,
                h.weight_saturations,
            ),
        ] {
            let values = Values {
                fixed: value(fixed),
                array: value(array),
                hardware: value(hardware),
            };
            self.three(Kind::Saturations, stage, place(what), values);
        }
        for (what, stage, array, hardware) in [
            ("events", Stage::Forward, a.events, h.events),
            ("spikes", Stage::Forward, a.spikes, h.spikes),
            (
                "backward spikes",
                Stage::Backward,
                a.backward_spikes,
                h.backward_spikes,
            ),
        ] {
            let (array, hardware) = (value(array), value(hardware));
            self.two(Kind::Counters, stage, place(what), array, hardware);
        }
        self.clamps(fixed, array, hardware);
    }

    /// Where the first number of each kind was clamped; -1 where none was.
    fn clamps(&mut self, fixed: &Clamps, array: &ArrayTrace, hardware: &ArrayTrace) {
        let program = self.program;
        let membranes = |t: &ArrayTrace| t.clamps.membrane.and_then(|c| program.membrane_place(&c));
        let weights = |t: &ArrayTrace| t.clamps.weight.and_then(|c| program.weight_place(&c));
        for (stage, fixed, array, hardware) in [
            (
                Stage::Forward,
                fixed.forward.then(fixed.backward).first,
                membranes(array),
                membranes(hardware),
            ),
            (
                Stage::Loss,
                fixed.errors.first,
                array.clamps.error,
                hardware.clamps.error,
            ),
            (
                Stage::Learning,
                fixed.weights.first,
                weights(array),
                weights(hardware),
            ),
        ] {
            let fields: [(&'static str, Field); 4] = [
                ("step of the first clamp", |p| p.step),
                ("population or layer of it", |p| p.population_or_layer),
                ("neuron or class of it", |p| p.neuron),
                ("source of it", |p| p.source),
            ];
            for (what, field) in fields {
                let value =
                    |place: Option<ClampPlace>| Some(place.map_or(-1, |p| i64::from(field(p))));
                let values = Values {
                    fixed: value(fixed),
                    array: value(array),
                    hardware: value(hardware),
                };
                let place = Place {
                    what: Some(what),
                    ..Place::default()
                };
                self.three(Kind::Clamps, stage, place, values);
            }
        }
    }
}

/// One number of a place.
type Field = fn(ClampPlace) -> u32;
