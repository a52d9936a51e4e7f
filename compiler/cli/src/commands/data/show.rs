//! `spidec data show`: samples drawn in the terminal, in color where it is one.

use crate::failure::{Failure, coded, usage};
use crate::input;
use crate::output::say;
use clap::{Args, ValueEnum};
use spidec_data::{Binning, Data, Dataset, Recording, Split, open};
use spidec_ir::network::Shape;
use spidec_report::pixels;
use std::io::IsTerminal;
use std::path::PathBuf;

/// A part of a dataset.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SplitName {
    /// To learn from.
    Train,
    /// To measure accuracy on.
    Test,
}

#[derive(Args)]
#[command(after_help = "Example:\n  spidec data show mnist/ --split test --sample 7")]
pub(crate) struct Show {
    /// The data folder.
    folder: PathBuf,
    /// Of which part.
    #[arg(long, value_enum, default_value = "train")]
    split: SplitName,
    /// The first sample, from 0.
    #[arg(
        long = "sample",
        alias = "index",
        value_name = "K",
        default_value_t = 0
    )]
    index: u32,
    /// How many.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    count: u32,
    /// Height, width and channels of samples that are lists of values; without it a square, where they make one.
    #[arg(long, value_name = "H,W,C", value_delimiter = ',', num_args = 1, value_parser = clap::value_parser!(u32).range(1..))]
    shape: Vec<u32>,
}

/// Most pixels side by side; larger pictures are drawn smaller.
const WIDEST: usize = 64;
/// Steps of the histogram of a recording's events over time.
const STEPS: usize = 60;

pub(crate) fn run(arguments: &Show) -> Result<(), Failure> {
    let split = match arguments.split {
        SplitName::Train => Split::Train,
        SplitName::Test => Split::Test,
    };
    input::data_folder(&arguments.folder)?;
    let data = open(&arguments.folder, split).map_err(|error| coded(error.code(), error))?;
    let count = match &data {
        Data::Constant(data) => data.len(),
        Data::Events(data) => data.len(),
    };
    let first = arguments.index as usize;
    if first >= count {
        return Err(usage(format!(
            "there is no {split} sample {first}: {} holds {count} samples, counted from 0",
            arguments.folder.display()
        )));
    }
    let ink = Ink::chosen();
    let most = match &data {
        Data::Constant(data) => {
            let all = data.samples().flat_map(|(sample, _)| sample);
            all.copied().max().unwrap_or(0).max(1)
        }
        Data::Events(_) => 1,
    };
    for index in (first..count).take(arguments.count as usize) {
        match &data {
            Data::Constant(data) => {
                let [_, width, channels] = pixels_of(arguments, data)?;
                picture(split, data, index, (width, channels), most, ink)?;
            }
            Data::Events(data) => {
                let read = data.recording(index);
                let (recording, label) = read.map_err(|error| coded(error.code(), error))?;
                say!(
                    "{split} sample {index}, label {label}, {} events in {} ms",
                    recording.events().len(),
                    recording.duration() / 1000
                )?;
                events(&recording, ink)?;
            }
        }
    }
    Ok(())
}

/// Height, width and channels of samples as pictures, where they are any.
fn pixels_of(arguments: &Show, data: &Dataset) -> Result<[usize; 3], Failure> {
    let shape = match arguments.shape[..] {
        [] => pixels(data.shape()),
        [height, width] => pixels(&Shape(vec![height, width, 1])),
        _ => pixels(&Shape(arguments.shape.clone())),
    };
    let fits = |[height, width, channels]: &[usize; 3]| {
        let size = height
            .checked_mul(*width)
            .and_then(|n| n.checked_mul(*channels));
        size == Some(data.shape().size())
    };
    shape.filter(fits).ok_or_else(|| {
        usage(format!(
            "samples of {} are no pictures, unless --shape says which, such as --shape 8,8,1; `spidec data info` \
             describes them",
            data.shape()
        ))
    })
}

fn picture(
    split: Split,
    data: &Dataset,
    index: usize,
    (width, channels): (usize, usize),
    most: u8,
    ink: Ink,
) -> Result<(), Failure> {
    let (sample, label) = data.sample(index);
    say!("{split} sample {index}, label {label}")?;
    let pixel = |values: &[u8]| {
        let part = |value: u8| f64::from(value) / f64::from(most);
        match *values {
            [red, green, blue] => [red, green, blue].map(part),
            // Of other channels the brightest.
            _ => [part(values.iter().copied().max().unwrap_or(0)); 3],
        }
    };
    let pixels = sample.chunks_exact(channels).map(pixel);
    ink.draw(&pixels.collect::<Vec<_>>(), width)
}

/// Where the events are, brighter ones in red, darker ones in blue; then when.
fn events(recording: &Recording, ink: Ink) -> Result<(), Failure> {
    let width = recording.shape().0[1] as usize;
    let counts = recording.binned(Binning::Time, 1);
    let (pixels, _) = counts.as_chunks::<2>();
    let most = pixels.iter().map(|p| p[0] + p[1]).max().unwrap_or(0).max(1);
    let part = |count: u32| f64::from(count) / f64::from(most);
    let pixels = pixels.iter().map(|&[darker, brighter]| match ink {
        Ink::Shades => [part(darker + brighter); 3],
        Ink::Colors => [part(brighter), 0.0, part(darker)],
    });
    ink.draw(&pixels.collect::<Vec<_>>(), width)?;

    let size = recording.shape().size();
    let counts = recording.binned(Binning::Time, STEPS);
    let steps: Vec<u32> = counts.chunks(size).map(|step| step.iter().sum()).collect();
    let most = steps.iter().copied().max().unwrap_or(0).max(1);
    let bars = steps.iter().map(|&count| level(count, most));
    say!("  {} events over time", bars.collect::<String>())
}

/// A bar of up to eight eighths.
fn level(count: u32, most: u32) -> char {
    const LEVELS: [char; 9] = [
        ' ', '\u{2581}', '\u{2582}', '\u{2583}', '\u{2584}', '\u{2585}', '\u{2586}', '\u{2587}',
        '\u{2588}',
    ];
    // What is there is seen.
    LEVELS[(u64::from(count) * 8).div_ceil(u64::from(most)) as usize]
}

/// What pictures are drawn with.
#[derive(Clone, Copy)]
enum Ink {
    /// Characters of five shades.
    Shades,
    /// Backgrounds of the terminal.
    Colors,
}

impl Ink {
    fn chosen() -> Ink {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        match std::io::stdout().is_terminal() && !plain {
            true => Ink::Colors,
            false => Ink::Shades,
        }
    }

    /// Draws pixels of red, green and blue from 0 to 1, in rows of `width`, made smaller where it is too wide.
    fn draw(self, pixels: &[[f64; 3]], width: usize) -> Result<(), Failure> {
        let block = width.div_ceil(WIDEST);
        let rows: Vec<&[[f64; 3]]> = pixels.chunks(width).collect();
        for rows in rows.chunks(block) {
            let columns = (0..width).step_by(block).map(|left| {
                let right = (left + block).min(width);
                let pixels = rows.iter().flat_map(|row| &row[left..right]);
                pixels.fold([0.0; 3], |most, pixel| {
                    [0, 1, 2].map(|k| f64::max(most[k], pixel[k]))
                })
            });
            let line: String = columns.map(|pixel| self.pixel(pixel)).collect();
            say!("  {}", line.trim_end())?;
        }
        Ok(())
    }

    /// A pixel, two characters wide: about a square.
    fn pixel(self, color: [f64; 3]) -> String {
        const SHADES: [&str; 5] = [
            "  ",
            "\u{2591}\u{2591}",
            "\u{2592}\u{2592}",
            "\u{2593}\u{2593}",
            "\u{2588}\u{2588}",
        ];
        match self {
            Ink::Shades => {
                let brightest = color.into_iter().fold(0.0, f64::max);
                SHADES[(brightest * 4.0).round() as usize].into()
            }
            Ink::Colors => {
                let [red, green, blue] = color.map(|part| (part * 255.0).round() as u8);
                format!("\x1b[48;2;{red};{green};{blue}m  \x1b[0m")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_shades_or_colors() {
        assert_eq!(Ink::Shades.pixel([0.0, 0.6, 0.1]), "\u{2592}\u{2592}");
        assert_eq!(
            Ink::Colors.pixel([1.0, 0.0, 0.2]),
            "\x1b[48;2;255;0;51m  \x1b[0m"
        );
        assert_eq!(level(0, 9), ' ');
        assert_eq!(level(1, 1000), '\u{2581}');
        assert_eq!(level(1000, 1000), '\u{2588}');
    }
}
