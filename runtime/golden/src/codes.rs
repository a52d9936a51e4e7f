//! The table of the codes of golden vectors.

use spidec_data::code::{CodeEntry, entry};

/// Every code of [`GoldenError`](super::GoldenError), in order.
pub const CODES: &[CodeEntry] = &[
    entry(
        "G001",
        "a case that cannot be read",
        "A case is a folder with `case.json` and `arrays.npz`. Name the folder itself, and look at its permissions.",
        [
            "spidec golden golden/s01/case.json",
            "spidec golden golden/s01",
        ],
    ),
    entry(
        "G002",
        "a case.json that is none",
        "`case.json` is JSON with the keys of the format: layers, projections, readout, neuron, T_F, T_B, batch, input, \
         loss, arrays. It is cut, changed or something else: get it again.",
        [
            "{ \"case\": \"s01\", \"layers\": [   // cut here",
            "{ \"case\": \"s01\", \"layers\": [{ \"index\": 0, \"shape\": [5] }], ... }",
        ],
    ),
    entry(
        "G003",
        "a setting that cannot be",
        "A number is out of its range, or two settings contradict each other: shapes that a kernel does not lead \
         from and to, a projection to a layer that is not there. Correct what wrote the case.",
        ["\"T_F\": 0", "\"T_F\": 30"],
    ),
    entry(
        "G004",
        "a setting that is not executed",
        "The format could say it, but the engine has no such thing, and leaving it out would compare something else.",
        ["\"kind\": \"max_pool2x2\"", "\"kind\": \"avg_pool2x2\""],
    ),
    entry(
        "G005",
        "an arrays.npz that is no archive",
        "`arrays.npz` is a ZIP archive of arrays, as numpy.savez and numpy.savez_compressed write it. It is cut or \
         changed: get it again.",
        [
            "golden/s01/arrays.npz   # a file that numpy.save wrote",
            "numpy.savez(\"golden/s01/arrays.npz\", **arrays)",
        ],
    ),
    entry(
        "G006",
        "a case without an array",
        "`case.json` lists the array, or the format has it in each case of this kind, but it is not in `arrays.npz`.",
        [
            "numpy.savez(\"arrays.npz\", input=input)                  # case.json lists labels too",
            "numpy.savez(\"arrays.npz\", input=input, labels=labels)",
        ],
    ),
    entry(
        "G007",
        "an array of a case that cannot be used",
        "Its bytes are damaged, its shape is not that which the settings come to, or it holds a value that cannot be: \
         a label that is no class, a number that is not finite.",
        [
            "labels = [0, 5, 2]   # \"classes\": 5",
            "labels = [0, 4, 2]",
        ],
    ),
];
