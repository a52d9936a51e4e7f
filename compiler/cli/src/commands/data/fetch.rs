//! `spidec data fetch`: datasets from where their authors, or those they name, keep them.

use super::download::{Client, Remote, file};
use crate::failure::{Failure, finding, usage};
use crate::output::say;
use clap::{Args, ValueEnum};
use std::fs;
use std::path::{Path, PathBuf};

/// A dataset that can be fetched.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Known {
    /// Handwritten digits, 28 x 28; 11.6 MB.
    Mnist,
    /// Pictures of clothing, 28 x 28; 30.9 MB.
    FashionMnist,
    /// Color pictures of ten kinds, 32 x 32; 170 MB.
    Cifar10,
}

#[derive(Args)]
#[command(after_help = "\
Examples:
  spidec data fetch mnist mnist/
  spidec data fetch cifar10 cifar10/ --from https://mirror.example.org/cifar/
A proxy is named by HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, and hosts to reach without it by NO_PROXY.")]
pub(crate) struct Fetch {
    /// The data set.
    #[arg(value_enum)]
    dataset: Known,
    /// The folder to write into, for this data set alone.
    folder: PathBuf,
    /// Where the files lie instead of their official places: a URL without the files' names.
    #[arg(long, value_name = "URL")]
    from: Option<String>,
}

/// A dataset's files, the same in each of its places.
pub(super) struct Source {
    /// URLs, each ending in `/`, tried in order.
    pub(super) places: &'static [&'static str],
    pub(super) files: &'static [Remote],
}

/// The first place of MNIST's author answers no more: mirrors that TensorFlow's and PyTorch's readers use.
const MNIST: Source = Source {
    places: &[
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ],
    files: &[
        Remote {
            name: "train-images-idx3-ubyte.gz",
            bytes: 9_912_422,
            sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        },
        Remote {
            name: "train-labels-idx1-ubyte.gz",
            bytes: 28_881,
            sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        },
        Remote {
            name: "t10k-images-idx3-ubyte.gz",
            bytes: 1_648_877,
            sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        },
        Remote {
            name: "t10k-labels-idx1-ubyte.gz",
            bytes: 4_542,
            sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        },
    ],
};

const FASHION_MNIST: Source = Source {
    places: &[
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ],
    files: &[
        Remote {
            name: "train-images-idx3-ubyte.gz",
            bytes: 26_421_880,
            sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        },
        Remote {
            name: "train-labels-idx1-ubyte.gz",
            bytes: 29_515,
            sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        },
        Remote {
            name: "t10k-images-idx3-ubyte.gz",
            bytes: 4_422_102,
            sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        },
        Remote {
            name: "t10k-labels-idx1-ubyte.gz",
            bytes: 5_148,
            sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        },
    ],
};

const CIFAR10: Source = Source {
    places: &["https://www.cs.toronto.edu/~kriz/"],
    files: &[Remote {
        name: "cifar-10-binary.tar.gz",
        bytes: 170_052_171,
        sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    }],
};

pub(crate) fn run(arguments: &Fetch) -> Result<(), Failure> {
    let source = match arguments.dataset {
        Known::Mnist => &MNIST,
        Known::FashionMnist => &FASHION_MNIST,
        Known::Cifar10 => &CIFAR10,
    };
    let place = arguments.from.as_ref().map(|url| match url.ends_with('/') {
        true => url.clone(),
        false => format!("{url}/"),
    });
    let places = match &place {
        Some(place) => vec![place.as_str()],
        None => source.places.to_vec(),
    };
    let folder = &arguments.folder;
    all(source.files, &places, folder)?;
    say!("for more: spidec data info {}", folder.display())
}

/// Fetches all files that are not there.
pub(super) fn all(files: &[Remote], places: &[&str], folder: &Path) -> Result<(), Failure> {
    let unwritten = |error| usage(format!("cannot write {}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(unwritten)?;
    for entry in folder.read_dir().map_err(unwritten)? {
        let name = entry.map_err(unwritten)?.file_name();
        let name = name.to_string_lossy();
        let own = |file: &Remote| name == file.name || name == file.part();
        // Two datasets in one folder could not be told apart.
        if !name.starts_with('.') && !files.iter().any(own) {
            return Err(usage(format!(
                "{} holds {name} already; name a folder for this dataset alone",
                folder.display()
            )));
        }
    }
    let client = Client::new();
    for remote in files {
        let path = folder.join(remote.name);
        if path.exists() {
            if !remote.is(&path).map_err(unwritten)? {
                return Err(finding(format!(
                    "{} is not the file of this dataset: its SHA-256 is another; remove it to fetch it again",
                    path.display()
                )));
            }
            say!("{}: there already, SHA-256 as it must be", path.display())?;
            continue;
        }
        file(&client, remote, places, folder)?;
        let bytes = remote.bytes;
        say!("{}: {bytes} bytes, SHA-256 as it must be", path.display())?;
    }
    Ok(())
}
