//! The table of the codes of state files.

use spidec_data::code::{CodeEntry, entry};

const TRAIN: &str =
    "spidec train net.fsnn --data digits/ --engine fixed --epochs 5 -o net.safetensors";

const EVAL: &str = "spidec eval net.fsnn net.safetensors --data digits/ --engine fixed";

/// Every code of [`StateError`](super::StateError), in order.
pub const CODES: &[CodeEntry] = &[
    entry(
        "S001",
        "a state file that cannot be read",
        "The file is not readable, or longer than any state of this network, so that it is of a larger network or no \
         state at all. Look at its permissions, and whether network and state are the files that were meant.",
        [
            "$ ls -l\n\
             --w-------  net.safetensors",
            "$ chmod u+r net.safetensors; ls -l\n\
             -rw-------  net.safetensors",
        ],
    ),
    entry(
        "S002",
        "a state file that cannot be written",
        "A state is written beside the old file and then takes its place; what was there is unchanged. Look at the \
         folder's permissions and the space on the disk.",
        [
            "spidec train net.fsnn --data digits/ --engine fixed --epochs 5 -o /usr/net.safetensors",
            TRAIN,
        ],
    ),
    entry(
        "S003",
        "a damaged state file",
        "A state is a safetensors file: a header of JSON, then tensors. This one is cut, changed or something else. \
         Take a copy, or train again.",
        [
            "spidec eval net.fsnn half-downloaded.safetensors --data digits/ --engine fixed",
            EVAL,
        ],
    ),
    entry(
        "S004",
        "a safetensors file of another program",
        "A state has spidec's manifest in its metadata, under `spidec`: engine, format, seed, epochs. Name a file \
         that `spidec train` wrote.",
        [
            "spidec eval net.fsnn pytorch.safetensors --data digits/ --engine fixed",
            EVAL,
        ],
    ),
    entry(
        "S005",
        "a state file with a wrong manifest",
        "The manifest in the metadata lacks an entry or holds one that cannot be. Files that `spidec train` wrote \
         do not; this one was changed. Take a copy, or train again.",
        [
            "{\"version\": 1, \"network\": \"net\", \"engine\": \"fixed\", ...}   # without \"weight\"",
            "{\"version\": 1, \"network\": \"net\", \"engine\": \"fixed\", \"weight\": {\"bits\": 12, \"frac\": 8}, ...}",
        ],
    ),
    entry(
        "S006",
        "a state file of another version",
        "The state's format is of another version than this program reads. Use the program that wrote it, or train again.",
        ["{\"version\": 2, ...}", "{\"version\": 1, ...}"],
    ),
    entry(
        "S007",
        "a state without a layer of the network",
        "Layers are found by name: `image->hidden/weight` for a projection, `digit/weight` for a readout. The state \
         is of another network, or the network was changed since. Name the state's network file, or train again.",
        [
            "population inner  [64] = if   # trained as `hidden`",
            "population hidden [64] = if",
        ],
    ),
    entry(
        "S008",
        "a state with a layer that the network has not",
        "Each tensor of a state belongs to a layer of the network. The state is of another network, or a layer was \
         removed or renamed since. Name the state's network file, or train again.",
        [
            "readout digit [10] = linear(from = hidden)   # trained with a population `second` more",
            "population second [32] = if\n\
             readout    digit  [10] = linear(from = second)",
        ],
    ),
    entry(
        "S009",
        "a layer of another size than the network's",
        "A weight tensor is [destination, source], a bias [destination]. A population's shape was changed since the \
         state was written, or the state is of another network. Change it back, or train again.",
        [
            "population hidden [80] = if   # trained with 64",
            "population hidden [64] = if",
        ],
    ),
    entry(
        "S010",
        "a tensor of another type than the manifest says",
        "Floating-point states hold F64, fixed-point states I32. The file was changed by another program. Take a \
         copy, or train again.",
        [
            "tensors[\"digit/weight\"] = w.astype(numpy.float32)",
            "tensors[\"digit/weight\"] = w.astype(numpy.float64)",
        ],
    ),
    entry(
        "S011",
        "a number that no weight can be",
        "Weights are finite, and integers lie in the format that the manifest names. The file was changed, or a \
         training in floating point diverged: take a smaller rate.",
        ["update = sgd(rate = 100)", "update = sgd(rate = 0.01)"],
    ),
    entry(
        "S012",
        "a state of another training, where `--resume` was to go on",
        "`--resume` gives the bytes of a training that was never interrupted, so network text, seed, engine and data must \
         be those that the state was trained with. Name them as they were; or begin with the state's weights, whatever \
         training they are of, by `--from STATE` and another file for -o.",
        [
            "spidec train net.fsnn --data digits/ --engine float --epochs 9 -o old.safetensors --resume",
            "spidec train net.fsnn --data digits/ --engine float --epochs 5 --from old.safetensors -o next.safetensors",
        ],
    ),
];
