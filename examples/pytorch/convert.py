#!/usr/bin/env python3
"""Brings the parameters of a PyTorch network of the published SPIDE code into a state of spidec.

    pip install torch safetensors numpy
    python convert.py model.pt net.fsnn -o net.safetensors
    spidec eval net.fsnn net.safetensors --data DIR --engine float --precision f64

model.pt is what torch.save wrote: a state_dict, or a dictionary that holds one. net.fsnn describes the same network:
its populations, in order, are the layers of the ring; its projections may stand in any order. spidec is asked for
names, shapes and hash of the network, so it must be on the path, or named by --spidec.

Names of parameters, with any prefix and anything between:
    network_x ... weight, bias              the projection from the input into the first population
    network_s_list.K ... weight, bias       from population K to the next one, from the last one to the first
    classifier.weight, classifier.bias      the readout
Where there is no list, network_s1, network_s2, ... are taken for its entries in order, and network_s for the only one.
The stored weight of a projection with a restricted norm is called weight_w; max_norm in net.fsnn restricts it.

PyTorch puts channels first, spidec last:
    convolution             [out, in, row, column]  ->  [out, row, column, in]
    transposed convolution  [in, out, row, column]  ->  [out, row, column, in]
    dense, readout          rows and columns that are flattened shapes, from (channel, row, column) to (row, column, channel)
"""

import argparse
import json
import pickle
import re
import subprocess
import sys

import numpy as np
import torch
from safetensors.numpy import save_file

LEAF = r"(?:.*\.)?(weight|weight_w|bias)"
IN_LIST = re.compile(r"(?:.*\.)?network_s_list\.(\d+)\." + LEAF)
NUMBERED = re.compile(r"(?:.*\.)?network_s(\d*)\." + LEAF)
FROM_INPUT = re.compile(r"(?:.*\.)?network_x\." + LEAF)
READOUT = re.compile(r"(?:.*\.)?classifier\." + LEAF)


class Mismatch(Exception):
    """The parameters are not those of the network."""


def load(path, trusted=False):
    """A state_dict from a file of torch.save."""
    found = torch.load(path, map_location="cpu", weights_only=not trusted)
    if isinstance(found, torch.nn.Module):
        found = found.state_dict()
    # A checkpoint holds it beside epoch and optimizer.
    for key in ("state_dict", "model_state_dict", "model", "net"):
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
    return found


def by_projection(state_dict):
    """Parameters by where they belong: "x", the number of a ring projection, or "readout"; each {"weight", "bias"}."""
    in_list = any(IN_LIST.fullmatch(name) for name in state_dict)
    numbers = sorted({m[1] for m in map(NUMBERED.fullmatch, state_dict) if m}, key=lambda n: int(n or 0))
    found, unread = {}, []
    for name, value in state_dict.items():
        if match := READOUT.fullmatch(name):
            place, leaf = "readout", match[1]
        elif match := FROM_INPUT.fullmatch(name):
            place, leaf = "x", match[1]
        elif match := IN_LIST.fullmatch(name):
            place, leaf = int(match[1]), match[2]
        elif match := NUMBERED.fullmatch(name):
            if in_list:
                continue  # The list holds the same modules under their place in the ring.
            place, leaf = numbers.index(match[1]), match[2]
        else:
            unread.append(name)
            continue
        value = value.detach().to(torch.float64).numpy()
        known = found.setdefault(place, {}).setdefault(leaf.removesuffix("_w"), value)
        if not np.array_equal(known, value):
            raise Mismatch(f"{name} differs from another parameter with the same place; the file holds two versions")
    if unread:
        raise Mismatch(f"no place for {', '.join(unread)}")
    return found


def channels_last(values, axis, shape):
    """Reorders an axis that is a flattened [height, width, channels] from channels first to channels last."""
    if len(shape) != 3:
        return values
    height, width, channels = shape
    order = np.arange(values.shape[axis]).reshape(channels, height, width).transpose(1, 2, 0).ravel()
    return np.take(values, order, axis=axis)


def weight_of(layer, weight):
    """A weight in spidec's layout."""
    operator = layer["operator"]
    if operator == "conv":
        return weight.transpose(0, 2, 3, 1)
    if operator == "conv_transpose":
        return weight.transpose(1, 2, 3, 0)
    if weight.shape != tuple(layer["weight"]):
        return weight
    weight = channels_last(weight, 1, layer["source"])
    return channels_last(weight, 0, layer["destination"])


def bias_of(layer, bias):
    """A bias in spidec's layout: of a convolution one a channel, else one a neuron."""
    if layer["operator"] in ("conv", "conv_transpose") or bias.size != layer["biases"]:
        return bias
    return channels_last(bias, 0, layer["destination"])


def convert(state_dict, checked):
    """Tensors of a state of spidec; `checked` is what `spidec check --json` says of the network."""
    parameters = by_projection(state_dict)
    layers = checked["layers"]
    populations = 1 + max(layer["to"] for layer in layers if layer["to"] is not None)
    tensors = {}
    for layer in layers:
        if layer["to"] is None:
            place = "readout"
        elif layer["from"] is None:
            place = "x"
        else:
            place = layer["from"]
            if layer["to"] != (place + 1) % populations:
                raise Mismatch(f"{layer['name']} leaves the ring of populations, which the published code has not")
        given = parameters.pop(place, {})
        wanted = {}
        if np.prod(layer["weight"]) > 0:
            wanted["weight"] = (weight_of, tuple(layer["weight"]))
        if layer["biases"] > 0:
            wanted["bias"] = (bias_of, (layer["biases"],))
        if given.keys() != wanted.keys():
            has, needs = (", ".join(sorted(names)) or "nothing" for names in (given, wanted))
            raise Mismatch(f"{layer['name']} ({place}) needs {needs}; the file has {has}")
        for kind, (change, shape) in wanted.items():
            values = np.ascontiguousarray(change(layer, given[kind]), dtype=np.float64)
            name = f"{layer['name']}/{kind}"
            if values.shape != shape:
                raise Mismatch(f"{name} needs the shape {list(shape)}; the file's is {list(given[kind].shape)}")
            tensors[name] = values
    if parameters:
        raise Mismatch(f"the network has no projection {', '.join(map(str, parameters))} (x, or its place in the ring)")
    return tensors


def manifest(checked):
    """What a state says about itself: of this network, before any training by spidec."""
    text = checked["network"]
    return {
        "version": 1,
        "network": re.search(r"^network (\w+)", text, re.M)[1],
        "text_sha256": checked["text_sha256"],
        "engine": "float",
        "seed": int(re.search(r"^\s*seed\s*=\s*(\d+)", text, re.M)[1]),
        "epochs": 0,
        "samples": 0,
    }


def check(network, spidec="spidec"):
    """What spidec says of a network file."""
    ran = subprocess.run([spidec, "check", network, "--json"], capture_output=True, text=True)
    checked = json.loads(ran.stdout) if ran.stdout else None
    if ran.returncode != 0 or not checked:
        raise Mismatch(f"spidec does not accept {network}; `spidec check {network}` says why. {ran.stderr}")
    return checked


def write(state_dict, network, output, spidec="spidec"):
    """Writes a state for a network file."""
    checked = check(network, spidec)
    tensors = convert(state_dict, checked)
    save_file(tensors, output, metadata={"spidec": json.dumps(manifest(checked))})
    return tensors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a file that torch.save wrote")
    parser.add_argument("network", help="the network file of spidec")
    parser.add_argument("-o", "--output", required=True, help="the state to write")
    parser.add_argument("--spidec", default="spidec", help="the command, where it is not on the path")
    parser.add_argument(
        "--trusted",
        action="store_true",
        help="the file holds a whole module, not a state_dict: reading it runs code, and its classes must be importable",
    )
    arguments = parser.parse_args()
    try:
        state_dict = load(arguments.model, arguments.trusted)
        tensors = write(state_dict, arguments.network, arguments.output, arguments.spidec)
    except pickle.UnpicklingError:
        sys.exit(f"convert.py: {arguments.model} holds more than a state_dict; save one: "
                 "torch.save(model.state_dict(), FILE). Or --trusted, which --help explains")
    except (Mismatch, OSError) as error:
        sys.exit(f"convert.py: {error}")
    print(f"{arguments.output}: {sum(values.size for values in tensors.values())} parameters")


if __name__ == "__main__":
    main()
