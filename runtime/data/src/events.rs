//! Events, and how they become the steps of a network's input.

use super::resize::resized;
use spidec_ir::network::Shape;

/// A change of brightness at a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// In microseconds, from wherever the recording counts.
    pub time: u64,
    /// Column.
    pub x: u16,
    /// Row, 0 at the top.
    pub y: u16,
    /// Brighter, else darker.
    pub on: bool,
}

/// How events are divided into steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Binning {
    /// As many events a step, in the order of the recording; the last step takes the rest. So the published
    /// experiment reads CIFAR10-DVS, in 30 steps.
    #[default]
    Count,
    /// As much time a step, from the earliest event to the latest.
    Time,
}

/// The events of one sample, at least one, all within the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    height: u16,
    width: u16,
    events: Vec<Event>,
}

impl Recording {
    /// Events on a grid of `height` x `width`, or what is wrong with them.
    pub fn new(height: u16, width: u16, events: Vec<Event>) -> Result<Recording, String> {
        if events.is_empty() {
            return Err("holds no event".into());
        }
        let outside = |e: &&Event| e.y >= height || e.x >= width;
        match events.iter().find(outside) {
            None => Ok(Recording {
                height,
                width,
                events,
            }),
            Some(event) => Err(format!(
                "has an event at row {}, column {} (from 0), outside of the {height} x {width} pixels of the dataset",
                event.y, event.x
            )),
        }
    }

    /// In the order of the file, usually that of time.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The shape of a step: `[height, width, 2]`, channel 0 darker, channel 1 brighter.
    pub fn shape(&self) -> Shape {
        Shape(vec![self.height.into(), self.width.into(), 2])
    }

    /// Microseconds between the earliest event and the latest.
    pub fn duration(&self) -> u64 {
        let (earliest, latest) = self.extent();
        latest - earliest
    }

    /// The number of events of each step, row, column and polarity: `steps` times [`Recording::shape`]'s size, the
    /// polarity the fastest. Nothing is limited to one event.
    pub fn binned(&self, binning: Binning, steps: usize) -> Vec<u32> {
        let size = self.shape().size();
        let mut counts = vec![0; steps * size];
        if steps == 0 {
            return counts;
        }
        let (earliest, latest) = self.extent();
        let each = (self.events.len() / steps).max(1);
        let span = u128::from(latest - earliest) + 1;
        for (number, event) in self.events.iter().enumerate() {
            let step = match binning {
                Binning::Count => (number / each).min(steps - 1),
                Binning::Time => {
                    (u128::from(event.time - earliest) * steps as u128 / span) as usize
                }
            };
            let pixel = usize::from(event.y) * usize::from(self.width) + usize::from(event.x);
            counts[step * size + 2 * pixel + usize::from(event.on)] += 1;
        }
        counts
    }

    /// [`Recording::binned`], each step resized as a picture to another height and width where they differ, bilinear: the
    /// mean of the counts stays about the same. A list a step, of `height` times `width` times 2 values.
    ///
    /// # Panics
    /// Where height or width is 0.
    pub fn frames(
        &self,
        binning: Binning,
        steps: usize,
        to: [usize; 2],
    ) -> impl Iterator<Item = Vec<f64>> {
        let counts = self.binned(binning, steps);
        let from = [self.height, self.width].map(usize::from);
        let size = self.shape().size();
        (0..steps).map(move |step| {
            let picture = &counts[step * size..][..size];
            match from == to {
                true => picture.iter().copied().map(f64::from).collect(),
                false => resized(picture, 2, from, to),
            }
        })
    }

    /// The earliest time and the latest.
    fn extent(&self) -> (u64, u64) {
        let times = self.events.iter().map(|event| event.time);
        times.fold((u64::MAX, 0), |(a, b), time| (a.min(time), b.max(time)))
    }
}
