//! The table of the codes of data.

use crate::codes::{CodeEntry, entry};

/// Every code of [`DataError`](super::DataError), in order.
pub const CODES: &[CodeEntry] = &[
    entry(
        "D001",
        "a folder without data",
        "A data folder holds one dataset: IDX, CSV, NumPy archives, CIFAR batches, or event recordings, each file plain, gzip or xz. \
         Training reads the training split, `eval` and `verify` the test split. Name the folder that holds the files themselves.",
        "mnist/train-images-idx3-ubyte  mnist/train-labels-idx1-ubyte\n\
         mnist/t10k-images-idx3-ubyte   mnist/t10k-labels-idx1-ubyte\n\
         or\n\
         table/train.csv                table/test.csv\n\
         or made from a seed, or fetched:\n\
         spidec data make digits/\n\
         spidec data fetch mnist mnist/",
    ),
    entry(
        "D002",
        "a folder with more than one dataset",
        "Only one dataset can be meant. Leave one in the folder, and move the files of the other to a folder of their own.",
        "spidec data info mnist/",
    ),
    entry(
        "D003",
        "samples that do not fit the input",
        "A sample has as many values as the network's input, in the same shape: height, width, channels, or just a \
         count. Give the input the shape of the data; `spidec data info` tells it.",
        "input image [28, 28, 1] = constant(scale = 1/256)",
    ),
    entry(
        "D004",
        "a label without a class",
        "Labels count from 0, so a readout of n classes takes labels 0 to n - 1. Give the readout more classes, or, \
         where the label is none, see to it that it is the last column of a row.",
        "readout digit [10] = linear(from = hidden)",
    ),
    entry(
        "D005",
        "event recordings for a constant input",
        "The network's input has one value a pixel, the same in every time step; event recordings have events at times. \
         Name a folder of pictures or tables; `spidec data info` tells what a folder holds.",
        "input image [28, 28, 1] = constant(scale = 1/256)",
    ),
    entry(
        "D006",
        "events and constant values taken for each other",
        "An input `constant(...)` reads samples of one value a pixel; an input `events` reads recordings. Change the \
         input in the network file, or name other data; `spidec data info` tells what a folder holds.",
        "input retina [34, 34, 2] = events",
    ),
    entry(
        "D010",
        "a data file that cannot be read",
        "The file is not readable, or it begins as gzip or xz and is not valid, or is too large. Look at its permissions; get it again.",
        "gzip --test mnist/train-images-idx3-ubyte.gz",
    ),
    entry(
        "D011",
        "not an IDX file",
        "An IDX file begins with 00 00 08 and its number of dimensions: 03 for images, 01 for labels. The file is \
         something else under this name, often a web page that a download gave instead.",
        "00 00 08 03 ...    images\n00 00 08 01 ...    labels",
    ),
    entry(
        "D012",
        "an IDX file that ends in its header",
        "The header is a magic number and the extents, four bytes each. The file is truncated: get it again.",
        "",
    ),
    entry(
        "D013",
        "an IDX file of another length than its header says",
        "The extents in the header say how many bytes follow, one a value. The file is damaged or was cut: get it again.",
        "",
    ),
    entry(
        "D014",
        "a data file without samples",
        "At least one sample of at least one value is needed.",
        "spidec data make digits/ --train 2000 --test 500",
    ),
    entry(
        "D015",
        "images and labels of different numbers",
        "Each image has one label, in the same order. The two files belong to different datasets or splits.",
        "",
    ),
    entry(
        "D016",
        "a wrong line in a CSV file",
        "A row is a sample: values 0 to 255, then the label, all whole numbers separated by commas, as many in each row. One header line \
         may come first. An index, a column that counts the rows, is no value: leave it out.",
        "0,0,5,13,9,1,0,0,3",
    ),
    entry(
        "D017",
        "images without labels, or labels without images",
        "An IDX dataset is a pair of files. Put the missing one beside the other, under the name that the message tells.",
        "mnist/train-images-idx3-ubyte  mnist/train-labels-idx1-ubyte",
    ),
    entry(
        "D018",
        "a file that is no NumPy archive",
        "A file `*.npz` is a ZIP archive of arrays, as numpy.savez and numpy.savez_compressed write it. Write it again.",
        "numpy.savez_compressed(\"train.npz\", x=images, y=labels)",
    ),
    entry(
        "D019",
        "a NumPy archive without the arrays of samples or labels",
        "In train.npz and test.npz the arrays are `x` and `y`, or `images` and `labels`; in one archive of both splits \
         `x_train`, `y_train`, `x_test`, `y_test`, or `train_images`, `train_labels` and so on.",
        "numpy.savez_compressed(\"mine.npz\", x_train=a, y_train=b, x_test=c, y_test=d)",
    ),
    entry(
        "D020",
        "an array that cannot be used",
        "Samples are [samples, values], [samples, height, width] or [samples, height, width, channels], whole numbers \
         from 0 to 255; labels are [samples], whole numbers from 0. Multiply values from 0 to 1 by 255 and round, as here:",
        "x = numpy.rint(255 * x).astype(numpy.uint8)",
    ),
    entry(
        "D021",
        "a damaged CIFAR batch",
        "A batch is records of a label below 10 and 3,072 bytes of pixels, in CIFAR-100 of a coarse label, a fine label \
         below 100 and the pixels. Take the binary version, not the one for Python, and get it again where it was cut.",
        "spidec data fetch cifar10 cifar10/",
    ),
    entry(
        "D022",
        "a damaged event recording",
        "A recording `*.bin` is events of five bytes, of a sensor of at most 240 x 304 pixels; `*.aedat` is AEDAT 3.1, \
         uncompressed, or AEDAT 2.0 of a DVS128. At least one event is needed, and all lie within the sensor that the \
         first recording names. Get the file again, or take it out of its folder.",
        "nmnist/Train/5/00001.bin\ncifar10-dvs/airplane/cifar10_airplane_0.aedat",
    ),
    entry(
        "D023",
        "an archive without usable data",
        "One archive `*.tar` may lie in a folder instead of its files: CIFAR batches, or recordings in `Train/CLASS` and \
         `Test/CLASS`. It is damaged, or holds something else: get it again, or unpack it and name the folder with the files.",
        "tar --list --file nmnist.tar.xz",
    ),
];
