#!/usr/bin/env python3
"""Converted networks answer as they did in PyTorch, to 1e-6 in every logit.

    pip install torch safetensors numpy
    python examples/pytorch/test_convert.py target/debug/spidec

Networks laid out as the published ones are made here, with random parameters, and run by PyTorch in float64, step by
step as the forward stage of SPIDE is defined.
"""

import csv
import pickle
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
from torch import nn

import convert

STEPS = 30
SAMPLES = 20
TOLERANCE = 1e-6


class Projection(nn.Module):
    """A layer under the name that the published code gives it."""

    def __init__(self, name, layer, flatten=False, max_norm=None):
        super().__init__()
        self.flatten, self.max_norm, self.name = flatten, max_norm, name
        self.add_module(name, layer)
        if max_norm:
            # The published restriction stores the weight under another name.
            layer.register_parameter("weight_w", nn.Parameter(layer.weight.data))
            del layer.weight

    def forward(self, spikes):
        layer = getattr(self, self.name)
        if self.max_norm:
            stored = layer.weight_w
            layer.weight = stored * min(1.0, self.max_norm / stored.norm().item())
        return layer(spikes.flatten(1) if self.flatten else spikes)


class Nothing(nn.Module):
    def forward(self, spikes):
        return 0.0


class Functions(nn.Module):
    def __init__(self, ring, network_x):
        super().__init__()
        self.network_s_list = nn.ModuleList(ring)
        self.network_x = network_x


class Published(nn.Module):
    """Projections in a ring, each held twice, and a classifier on the rates of the last layer."""

    def __init__(self, network_x, ring, classifier):
        super().__init__()
        self.network_x = network_x
        for number, projection in enumerate(ring, 1):
            self.add_module(f"network_s{number}", projection)
        self.snn_func = Functions(ring, network_x)
        self.classifier = classifier

    def forward(self, x):
        """Logits and mean rates: D = 2, equality fires, the ring's last projection is a step late."""
        ring = self.snn_func.network_s_list
        current = self.network_x(x)
        membranes, counts, spikes = [0.0] * len(ring), [0.0] * len(ring), [None] * len(ring)
        for step in range(STEPS):
            for k in range(len(ring)):
                if k > 0:
                    arrives = ring[k - 1](spikes[k - 1])
                else:
                    arrives = current if step == 0 else current + ring[-1](spikes[-1])
                membranes[k] = membranes[k] + arrives
                spikes[k] = (membranes[k] >= 1.0).to(x.dtype)
                membranes[k] = membranes[k] - 2.0 * spikes[k]
                counts[k] = counts[k] + spikes[k]
        rates = [count / STEPS for count in counts]
        return self.classifier(rates[-1].flatten(1)), [rate.mean().item() for rate in rates]


def conv(*arguments, **options):
    return Projection("conv", nn.Conv2d(*arguments, **options))


def convolutional():
    """Strided convolutions, and a transposed one with a restricted norm as feedback."""
    back = nn.ConvTranspose2d(6, 5, 3, stride=2, padding=1, output_padding=1, bias=False)
    nn.init.normal_(back.weight, std=0.5)
    return Published(
        conv(2, 5, 5, stride=2, padding=2),
        [conv(5, 6, 5, stride=2, padding=2), conv(6, 6, 3, padding=1), Projection("deconv", back, max_norm=2.0)],
        nn.Linear(6 * 2 * 3, 4),
    )


CONVOLUTIONAL = """spidec 1
network convolutional {
  input      image [8, 12, 2] = constant(scale = 1/255, mean = 0.25, std = 0.5)
  population p1    [4, 6, 5]  = if
  population p2    [2, 3, 6]  = if
  population p3    [2, 3, 6]  = if
  readout    class [4]        = linear(from = p3)
  forward  p1    -> p2 = conv(kernel = 5, stride = 2)
  forward  image -> p1 = conv(kernel = 5, stride = 2)
  forward  p2    -> p3 = conv(kernel = 3)
  feedback p3    -> p1 = conv_transpose(kernel = 3, stride = 2, output_pad = 1, bias = false, max_norm = 2)
}
training {
  forward_stage = stage(steps = 30, v_th = 1)
}
"""


def pooled():
    """Convolutions and pooling, a dense layer out of a shape, dense feedback into one."""
    return Published(
        conv(2, 3, 3, padding=1),
        [
            nn.AvgPool2d(2),
            conv(3, 4, 3, padding=1),
            Projection("fc", nn.Linear(4 * 4 * 6, 7), flatten=True),
            nn.Sequential(Projection("fc", nn.Linear(7, 3 * 8 * 12)), nn.Unflatten(1, (3, 8, 12))),
        ],
        nn.Linear(7, 4),
    )


POOLED = """spidec 1
network pooled {
  input      image  [8, 12, 2] = constant(scale = 1/255, mean = 0.25, std = 0.5)
  population c1     [8, 12, 3] = if
  population s1     [4, 6, 3]  = if
  population c2     [4, 6, 4]  = if
  population hidden [7]        = if
  readout    class  [4]        = linear(from = hidden)
  forward  image  -> c1     = conv(kernel = 3)
  forward  c1     -> s1     = avg_pool(size = 2)
  forward  s1     -> c2     = conv(kernel = 3)
  forward  c2     -> hidden = dense
  feedback hidden -> c1     = dense
}
training {
  forward_stage = stage(steps = 30, v_th = 1)
}
"""


def try_one(spidec, folder, module, text):
    """Largest difference of a logit between PyTorch and spidec, and both programs' mean rates."""
    module = module.double()
    with torch.no_grad():
        # So that every population fires, and the feedback counts.
        for name, parameter in module.named_parameters():
            parameter.mul_(1.0 if name.endswith("weight_w") else 9.0 if ".fc." in name else 3.0)
    numbers = np.random.default_rng(1)
    images = numbers.integers(0, 256, (SAMPLES, 8, 12, 2), dtype=np.uint8)
    labels = numbers.integers(0, 4, SAMPLES, dtype=np.uint8)
    np.savez(folder / "test.npz", x=images, y=labels)
    x = torch.from_numpy((images.astype(np.float64) / 255 - 0.25) / 0.5).permute(0, 3, 1, 2)
    with torch.no_grad():
        wanted, rates = module(x)

    network = folder / "net.fsnn"
    network.write_text(text)
    torch.save({"state_dict": module.state_dict(), "epoch": 3}, folder / "model.pt")
    state = folder / "net.safetensors"
    program = pathlib.Path(convert.__file__)
    command = [sys.executable, program, folder / "model.pt", network, "-o", state, "--spidec", spidec]
    subprocess.run(command, check=True)
    logits = folder / "logits.csv"
    command = [spidec, "eval", network, state, "--data", folder, "--engine", "float", "--precision", "f64"]
    ran = subprocess.run([*command, "--logits", logits], check=True, capture_output=True, text=True)
    assert ran.stderr == "", f"the state is of this very network: {ran.stderr}"
    rows = list(csv.DictReader(logits.open()))
    found = np.array([[float(row[f"logit_{k}"]) for k in range(4)] for row in rows])
    assert [int(row["label"]) for row in rows] == labels.tolist()
    assert min(rates) > 0.02, f"a population hardly fires: {rates}"
    assert np.ptp(found, axis=0).max() > 0.01, "the network answers all samples alike: nothing was compared"
    return np.abs(found - wanted.numpy()).max(), rates


def refusals(spidec, folder):
    """What does not fit is told."""
    network = folder / "net.fsnn"
    network.write_text(CONVOLUTIONAL)
    checked = convert.check(network, spidec)
    module = convolutional()
    given = module.state_dict()
    # A whole module is read only where its file is trusted.
    torch.save(module, folder / "module.pt")
    assert convert.load(folder / "module.pt", trusted=True).keys() == given.keys()
    try:
        convert.load(folder / "module.pt")
    except pickle.UnpicklingError:
        pass
    else:
        raise AssertionError("a module was read without trust")
    for change, said in [
        (lambda d: d.pop("classifier.bias"), "class (readout) needs bias, weight; the file has weight"),
        (lambda d: d.update({"classifier.weight": torch.zeros(4, 35)}), "class/weight needs the shape [4, 36]"),
        (lambda d: d.update({"norm.running_mean": torch.zeros(1)}), "no place for norm.running_mean"),
        (lambda d: d.update({"network_x.conv.bias": torch.ones(5)}), "holds two versions"),
        (lambda d: d.update({"snn_func.network_s_list.3.conv.weight": torch.ones(1)}), "no projection 3"),
    ]:
        changed = dict(given)
        change(changed)
        try:
            convert.convert(changed, checked)
        except convert.Mismatch as error:
            assert said in str(error), f"{error}, not {said}"
        else:
            raise AssertionError(f"accepted, though {said}")


def main():
    spidec = str(pathlib.Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else "spidec"
    torch.manual_seed(1)
    for name, module, text in [("convolutional", convolutional(), CONVOLUTIONAL), ("pooled", pooled(), POOLED)]:
        with tempfile.TemporaryDirectory() as folder:
            difference, rates = try_one(spidec, pathlib.Path(folder), module, text)
        print(f"{name}: largest difference of a logit {difference:.1e}; rates", *(f"{rate:.3f}" for rate in rates))
        assert difference <= TOLERANCE
    with tempfile.TemporaryDirectory() as folder:
        refusals(spidec, pathlib.Path(folder))
    print("what does not fit is refused")


if __name__ == "__main__":
    main()
