//! The table of the codes of golden vectors.

use crate::codes::{CodeEntry, entry};

const FOLDER: &str = "golden/s01/case.json\ngolden/s01/arrays.npz";

/// Every code of [`GoldenError`](super::GoldenError), in order.
pub const CODES: &[CodeEntry] = &[
    entry(
        "G001",
        "a case that cannot be read",
        "A case is a folder with `case.json` and `arrays.npz`. Name the folder itself, and look at its permissions.",
        FOLDER,
    ),
    entry(
        "G002",
        "a case.json that is none",
        "`case.json` is JSON with the keys of the format: layers, projections, readout, neuron, T_F, T_B, batch, input, \
         loss, arrays. It is cut, changed or something else: get it again.",
        "",
    ),
    entry(
        "G003",
        "a setting that cannot be",
        "A number is out of its range, or two settings contradict each other: shapes that a kernel does not lead \
         from and to, a projection to a layer that is not there. Correct what wrote the case.",
        "",
    ),
    entry(
        "G004",
        "a setting that is not executed",
        "The format could say it, but the engine has no such thing, and leaving it out would compare something else.",
        "",
    ),
    entry(
        "G005",
        "an arrays.npz that is no archive",
        "`arrays.npz` is a ZIP archive of arrays, as numpy.savez and numpy.savez_compressed write it. It is cut or \
         changed: get it again.",
        FOLDER,
    ),
    entry(
        "G006",
        "a case without an array",
        "`case.json` lists the array, or the format has it in each case of this kind, but it is not in `arrays.npz`.",
        "",
    ),
    entry(
        "G007",
        "an array of a case that cannot be used",
        "Its bytes are damaged, its shape is not that which the settings come to, or it holds a value that cannot be: \
         a label that is no class, a number that is not finite.",
        "",
    ),
];
