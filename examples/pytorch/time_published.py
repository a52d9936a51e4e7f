#!/usr/bin/env python3
"""Times training steps of the published SPIDE code on the CPU: what spidec's speed is compared with.

    git clone https://github.com/pkuxmq/SPIDE-FSNN
    pip install torch numpy scipy tqdm
    python time_published.py SPIDE-FSNN --data MNIST --threads 1
    cargo bench -p spidec-tests --bench training

MNIST is a folder with the set's IDX files, plain or gzipped. The networks are those of examples/paper/mnist_*.fsnn, in
the published code's own classes, with the hyperparameters of its scripts. A step is what its training loop does with a
batch of 128 images in memory, but for counting hits: forward, loss, zero_grad, backward, step of the optimizer. The
weights are those it starts with; since it computes every product, zeros too, its time should hardly depend on them.
"""

import argparse
import gzip
import pathlib
import statistics
import sys
import time

import numpy as np
import torch
from torch import nn

BATCH, STEPS, STEPS_BACK, LOSS_SCALE = 128, 30, 100, 100.0
# How many steps are timed, after two that are not.
TIMED = {"dense": 60, "lenet": 5, "convnet_f": 5}
FILES = IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def idx(folder, name):
    """An IDX file's array."""
    plain, packed = folder / name, folder / (name + ".gz")
    data = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    shape = [int.from_bytes(data[4 + 4 * k : 8 + 4 * k], "big") for k in range(data[3])]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def batches(folder, count):
    """The first batches of MNIST, as the published scripts read them."""
    images = idx(folder, IMAGES)[: count * BATCH].astype(np.float32) / 255
    labels = idx(folder, LABELS)[: count * BATCH].astype(np.int64)
    images = torch.from_numpy((images - np.float32(0.1307)) / np.float32(0.3081)).unsqueeze(1)
    return list(zip(images.split(BATCH), torch.from_numpy(labels).split(BATCH)))


def published(**sizes):
    """The configuration of a published model."""
    common = dict(c_in=1, num_classes=10, kernel_size_x=5, padding_x=2, kernel_size_s=5, time_step=STEPS)
    stages = dict(time_step_back=STEPS_BACK, vth=1.0, vth_back=0.5, dropout=0.2, leaky=None)
    return {"MODEL": common | stages | sizes}


def lenet():
    from models.snn_spide_mnist_lenet import SNNSPIDEConvMultiLayerNet

    return SNNSPIDEConvMultiLayerNet(
        published(c_hidden=15, c_s1=40, h_hidden=28, w_hidden=28, fc_num=300, stride_x=1)
    )


def convnet_f():
    from models.snn_spide_mnist import SNNSPIDEConvMultiLayerNet

    return SNNSPIDEConvMultiLayerNet(
        published(c_hidden=64, c_s1=64, h_hidden=7, w_hidden=7, stride_x=2)
    )


class Dense(nn.Module):
    """784-400(fb)-10, which no script has, of the modules that the published models are made of."""

    def __init__(self):
        super().__init__()
        from modules.snn_modules import SNNFC, SNNIFFuncMultiLayer
        from modules.snn_spide_module import SNNSPIDEModule

        self.network_x = SNNFC(784, 400, bias=True)
        self.network_s1 = SNNFC(400, 400, bias=False)
        ring = nn.ModuleList([self.network_s1])
        stages = dict(vth=1.0, vth_back=0.5, u_rest=None, u_rest_back=None)
        self.stages = SNNSPIDEModule(SNNIFFuncMultiLayer(ring, self.network_x, **stages))
        self.classifier = nn.Linear(400, 10)

    def forward(self, x):
        x = x.flatten(1)
        self.network_x._reset(x)
        self.network_s1._reset(x)
        steps = dict(time_step=STEPS, time_step_back=STEPS_BACK)
        return self.classifier(self.stages(None, x, input_type="constant", leaky=None, **steps))


NETWORKS = {"dense": Dense, "lenet": lenet, "convnet_f": convnet_f}
RATES = {"dense": 0.1, "lenet": 0.1, "convnet_f": 0.05}


def step(model, optimizer, images, labels):
    """Trains by a batch; returns the seconds it took."""
    start = time.perf_counter()
    loss = nn.functional.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    (loss * LOSS_SCALE).backward()
    optimizer.step()
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("published", type=pathlib.Path, help="folder of the published code")
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help=" | ".join(NETWORKS) + "; all without")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of MNIST's IDX files")
    parser.add_argument("--threads", type=int, default=1)
    # Networks may stand before or after the options.
    args = parser.parse_intermixed_args()
    if unknown := set(args.networks) - set(NETWORKS):
        parser.error(f"no such network: {', '.join(sorted(unknown))}")
    if not (args.published / "modules" / "snn_spide_module.py").exists():
        parser.error(f"{args.published} is not the published code: it has no modules/snn_spide_module.py")
    for name in FILES:
        if not any((args.data / (name + packed)).exists() for packed in ("", ".gz")):
            parser.error(f"{args.data} has no {name}, plain or gzipped")
    if args.threads < 1:
        parser.error("--threads needs at least 1")
    sys.path.insert(0, str(args.published.resolve()))
    torch.set_num_threads(args.threads)
    print(f"PyTorch {torch.__version__}, {args.threads} thread(s)")
    for name in args.networks or NETWORKS:
        torch.manual_seed(1)
        model = NETWORKS[name]().train()
        optimizer = torch.optim.SGD(
            model.parameters(), lr=RATES[name] / LOSS_SCALE, momentum=0.9, weight_decay=5e-4
        )
        seconds = [step(model, optimizer, *batch) for batch in batches(args.data, 2 + TIMED[name])][2:]
        median = statistics.median(seconds)
        print(
            f"{name}: {median:.4f} s a step (median of {len(seconds)}, {min(seconds):.4f} to"
            f" {max(seconds):.4f}), {BATCH / median:.0f} samples/s",
            flush=True,
        )


if __name__ == "__main__":
    main()
