//! The table of the codes of data.

use crate::code::{CodeEntry, entry};

/// Every code of [`DataError`](super::DataError), in order.
pub const CODES: &[CodeEntry] = &[
    entry(
        "D001",
        "a folder without data",
        "A data folder holds one dataset: IDX, CSV, NumPy archives, CIFAR batches, or event recordings, each file plain, gzip or xz. \
         Training reads the training split, `eval` and `verify` the test split. Name the folder that holds the files themselves.",
        [
            "spidec data info data/         # data/ holds only the folder mnist/",
            "spidec data info data/mnist/   # or, made from a seed, after: spidec data make digits/",
        ],
    ),
    entry(
        "D002",
        "a folder with more than one dataset",
        "Only one dataset can be meant. Leave one in the folder, and move the files of the other to a folder of their own.",
        [
            "mine/train.csv  mine/test.csv  mine/train.npz  mine/test.npz",
            "mine/train.csv  mine/test.csv\n\
             arrays/train.npz  arrays/test.npz",
        ],
    ),
    entry(
        "D003",
        "samples that do not fit the input",
        "A sample has as many values as the network's input, in the same shape: height, width, channels, or just a \
         count. Give the input the shape of the data; `spidec data info` tells it. An input of events takes recordings \
         of any height and width where it says `events(resize = true)`.",
        [
            "input image [32, 32, 1] = constant(scale = 1/256)   # images of 28 by 28",
            "input image [28, 28, 1] = constant(scale = 1/256)",
        ],
    ),
    entry(
        "D004",
        "a label without a class",
        "Labels count from 0, so a readout of n classes takes labels 0 to n - 1. Where they count from 1, \
         subtract 1 from each. Where there are more kinds than the readout has classes, give it more. Where the number is no \
         label, see to it that the label is the last column of a row.",
        [
            "12,180,7,1    # readout state [3]: classes 0 to 2\n\
             90,120,40,2\n\
             150,60,31,3",
            "12,180,7,0\n\
             90,120,40,1\n\
             150,60,31,2",
        ],
    ),
    entry(
        "D005",
        "event recordings for a constant input",
        "The network's input has one value a pixel, the same in every time step; event recordings have events at times. \
         Name a folder of pictures or tables; `spidec data info` tells what a folder holds.",
        [
            "input image [34, 34, 2] = constant(scale = 1/256)   // trained on nmnist/",
            "input image [34, 34, 2] = events",
        ],
    ),
    entry(
        "D006",
        "events and constant values taken for each other",
        "An input `constant(...)` reads samples of one value a pixel; an input `events` reads recordings. Change the \
         input in the network file, or name other data; `spidec data info` tells what a folder holds.",
        [
            "input retina [28, 28, 1] = events   // trained on mnist/",
            "input image [28, 28, 1] = constant(scale = 1/256)",
        ],
    ),
    entry(
        "D010",
        "a data file that cannot be read",
        "The file is not readable, or it begins as gzip or xz and is not valid, or is too large. Look at its permissions; get it again.",
        [
            "mv train-images-idx3-ubyte train-images-idx3-ubyte.gz",
            "gzip train-images-idx3-ubyte",
        ],
    ),
    entry(
        "D011",
        "not an IDX file",
        "An IDX file begins with 00 00 08 and its number of dimensions: 03 for images, 01 for labels. The file is \
         something else under this name, often a web page that a download gave instead.",
        [
            "3c 21 64 6f ...   # <!do: a page of HTML",
            "00 00 08 03 ...   # images\n\
             00 00 08 01 ...   # labels",
        ],
    ),
    entry(
        "D012",
        "an IDX file that ends in its header",
        "The header is a magic number and the extents, four bytes each. The file is truncated: get it again.",
        [
            "00 00 08 03 00 00 ea 60                           # 8 bytes of 16",
            "00 00 08 03 00 00 ea 60 00 00 00 1c 00 00 00 1c   # 60000 images of 28 by 28",
        ],
    ),
    entry(
        "D013",
        "an IDX file of another length than its header says",
        "The extents in the header say how many bytes follow, one a value. The file is damaged or was cut: get it again.",
        [
            "00 00 08 01 00 00 00 03 07 02      # 3 labels, of which 2 are there",
            "00 00 08 01 00 00 00 03 07 02 01",
        ],
    ),
    entry(
        "D014",
        "a data file without samples",
        "At least one sample of at least one value is needed.",
        [
            "speed,load,label",
            "speed,load,label\n\
             12,180,0",
        ],
    ),
    entry(
        "D015",
        "images and labels of different numbers",
        "Each image has one label, in the same order. The two files belong to different datasets or splits.",
        [
            "train-images-idx3-ubyte   # 60000 images\n\
             train-labels-idx1-ubyte   # 10000 labels",
            "train-images-idx3-ubyte   # 60000 images\n\
             train-labels-idx1-ubyte   # 60000 labels",
        ],
    ),
    entry(
        "D016",
        "a wrong line in a CSV file",
        "A row is a sample: values 0 to 255, then the label, all whole numbers separated by commas, as many in each row. One header line \
         may come first. An index, a column that counts the rows, is no value: leave it out.",
        ["0,0,5,12.7,9,1,0,0,3", "0,0,5,13,9,1,0,0,3"],
    ),
    entry(
        "D017",
        "images without labels, or labels without images",
        "An IDX dataset is a pair of files. Put the missing one beside the other, under the name that the message tells.",
        [
            "mnist/train-images-idx3-ubyte",
            "mnist/train-images-idx3-ubyte  mnist/train-labels-idx1-ubyte",
        ],
    ),
    entry(
        "D018",
        "a file that is no NumPy archive",
        "A file `*.npz` is a ZIP archive of arrays, as numpy.savez and numpy.savez_compressed write it. Write it again.",
        [
            "pickle.dump((images, labels), open(\"train.npz\", \"wb\"))",
            "numpy.savez_compressed(\"train.npz\", x=images, y=labels)",
        ],
    ),
    entry(
        "D019",
        "a NumPy archive without the arrays of samples or labels",
        "In train.npz and test.npz the arrays are `x` and `y`, or `images` and `labels`; in one archive of both splits \
         `x_train`, `y_train`, `x_test`, `y_test`, or `train_images`, `train_labels` and so on.",
        [
            "numpy.savez_compressed(\"train.npz\", images, labels)",
            "numpy.savez_compressed(\"train.npz\", x=images, y=labels)",
        ],
    ),
    entry(
        "D020",
        "an array that cannot be used",
        "Samples are [samples, values], [samples, height, width] or [samples, height, width, channels], whole numbers \
         from 0 to 255; labels are [samples], whole numbers from 0. Multiply values from 0 to 1 by 255 and round.",
        [
            "numpy.savez_compressed(\"train.npz\", x=x, y=labels)   # x is 0 to 1",
            "x = numpy.rint(255 * x).astype(numpy.uint8)\n\
             numpy.savez_compressed(\"train.npz\", x=x, y=labels)",
        ],
    ),
    entry(
        "D021",
        "a damaged CIFAR batch",
        "A batch is records of a label below 10 and 3,072 bytes of pixels, in CIFAR-100 of a coarse label, a fine label \
         below 100 and the pixels. Take the binary version, not the one for Python, and get it again where it was cut.",
        [
            "cifar10/data_batch_1.bin   # cut while it was downloaded",
            "spidec data fetch cifar10 cifar10/",
        ],
    ),
    entry(
        "D022",
        "a damaged event recording",
        "A recording `*.bin` is events of five bytes, of a sensor of at most 240 x 304 pixels; `*.aedat` is AEDAT 3.1, \
         uncompressed, or AEDAT 2.0 of a DVS128. At least one event is needed, and all lie within the sensor that the \
         first recording names. Get the file again, or take it out of its folder.",
        [
            "nmnist/Train/5/00001.bin   # empty",
            "rm nmnist/Train/5/00001.bin",
        ],
    ),
    entry(
        "D023",
        "an archive without usable data",
        "One archive `*.tar` may lie in a folder instead of its files: CIFAR batches, or recordings in `Train/CLASS` and \
         `Test/CLASS`. It is damaged, or holds something else: get it again, or unpack it and name the folder with the files.",
        [
            "nmnist/all.tar.xz   # holds a folder all/ with Train and Test in it",
            "tar -xf all.tar.xz && spidec data info all/",
        ],
    ),
];
