//! A Verilog project as data: sources, memory images, parameters.
//!
//! Nothing here touches a tool. `$readmemh` and `$readmemb` may name an image
//! by the name it has here (`$readmemh("images/weights.hex", mem)`): both engines find it
//! wherever the process runs.

use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// One source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// A relative path; messages of the tools use it. Files that end in `.vh`
    /// or `.svh` are only for `` `include``.
    pub name: String,
    /// The text.
    pub text: String,
}

/// What to build and how to drive it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Project {
    /// The top module.
    pub top: String,
    /// The sources, in compilation order.
    pub sources: Vec<Source>,
    /// Memory images: name and contents. They are read when a simulation
    /// starts, so projects that differ only here share one compiled library.
    pub images: Vec<(String, Vec<u8>)>,
    /// Top-level parameters: name and value as a Verilog literal (`16`,
    /// `8'h2a`, `"text"` with its quotes).
    pub parameters: Vec<(String, String)>,
    /// The one clock: a 1-bit input of the top module.
    pub clock: String,
    /// Memories to read and write by name, as paths below the top module:
    /// `u_core.u_ram.mem`, `gen_bank[3].u_ram.mem`.
    pub memories: Vec<String>,
    /// Verilator configuration (`.vlt`) with lint waivers.
    pub lint_waivers: Option<String>,
}

impl Project {
    /// A project of one top module with a clock called `clk`.
    pub fn new(top: impl Into<String>) -> Self {
        Project {
            top: top.into(),
            clock: "clk".to_owned(),
            ..Project::default()
        }
    }

    /// Reads a directory and those below it: `.v`, `.sv`, `.vh` and `.svh` are
    /// sources, `.hex`, `.mem` and `.bin` images, `.vlt` waivers. Files are
    /// named by their path below the directory and taken in that order; what
    /// starts with a dot is left out.
    pub fn from_dir(dir: impl AsRef<Path>, top: impl Into<String>) -> Result<Self> {
        let dir = dir.as_ref();
        let mut project = Project::new(top);
        let mut names = Vec::new();
        list(dir, "", &mut names)?;
        names.sort();
        for name in names {
            let path = dir.join(&name);
            match path.extension().and_then(|e| e.to_str()).unwrap_or("") {
                "v" | "sv" | "vh" | "svh" => project.add_source(name, read_text(&path)?),
                "hex" | "mem" | "bin" => {
                    let bytes = std::fs::read(&path).map_err(|e| Error::io(&path, e))?;
                    project.images.push((name, bytes));
                }
                "vlt" => {
                    let waivers = project.lint_waivers.get_or_insert_with(String::new);
                    waivers.push_str(&read_text(&path)?);
                }
                _ => {}
            }
        }
        Ok(project)
    }

    /// Appends a source.
    pub fn add_source(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.sources.push(Source {
            name: name.into(),
            text: text.into(),
        });
    }

    /// Refuses what could escape from the build folder or break a generated file.
    pub(crate) fn check(&self) -> Result<()> {
        let bad = |what: String| Err(Error::Project(what));
        for (what, name) in [("top module", &self.top), ("clock", &self.clock)] {
            if !is_identifier(name) {
                return bad(format!("the {what} `{name}` is not a plain Verilog name"));
            }
        }
        if self.sources.is_empty() {
            return bad("no sources".to_owned());
        }
        let mut names: Vec<&str> = self.sources.iter().map(|s| s.name.as_str()).collect();
        names.extend(self.images.iter().map(|(name, _)| name.as_str()));
        for name in &names {
            let mut parts = Path::new(name).components();
            let plain = !name.is_empty() && parts.all(|c| matches!(c, Component::Normal(_)));
            if !plain || name.starts_with(['-', '+', '.']) || name.contains(['\n', '\0', '"']) {
                return bad(format!("`{name}` is not a plain relative file name"));
            }
        }
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return bad(format!("two files are called `{}`", pair[0]));
        }
        for (name, value) in &self.parameters {
            if !is_identifier(name) || value.is_empty() || value.contains(['\n', '\0']) {
                return bad(format!("parameter `{name}` with value `{value}`"));
            }
        }
        for path in &self.memories {
            if !path.split('.').all(is_path_part) || path.is_empty() {
                return bad(format!("memory path `{path}`"));
            }
        }
        Ok(())
    }

    /// The names of the files that a compiler is called with.
    pub(crate) fn compiled(&self) -> impl Iterator<Item = &str> {
        let names = self.sources.iter().map(|s| s.name.as_str());
        names.filter(|n| !n.ends_with(".vh") && !n.ends_with(".svh"))
    }

    /// The names that a tool's message can point at.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.sources.iter().map(|s| s.name.as_str()).collect()
    }

    /// Writes the sources below a folder.
    pub(crate) fn write_sources(&self, dir: &Path) -> Result<()> {
        let files = self.sources.iter();
        write_all(dir, files.map(|s| (s.name.as_str(), s.text.as_bytes())))
    }

    /// Writes the images below a folder.
    pub(crate) fn write_images(&self, dir: &Path) -> Result<()> {
        let files = self.images.iter();
        write_all(dir, files.map(|(name, bytes)| (name.as_str(), &bytes[..])))
    }

    /// Hashes all that a compiled model depends on; images come in at run time.
    pub(crate) fn hash_into(&self, hash: &mut KeyHash) {
        hash.field(&self.top);
        hash.field(&self.clock);
        for source in &self.sources {
            hash.field("source");
            hash.field(&source.name);
            hash.field(&source.text);
        }
        for (name, value) in &self.parameters {
            hash.field("parameter");
            hash.field(name);
            hash.field(value);
        }
        for path in &self.memories {
            hash.field("memory");
            hash.field(path);
        }
    }
}

/// A hash over fields of which none can run into the next.
pub(crate) struct KeyHash(Sha256);

impl KeyHash {
    pub(crate) fn new(kind: &str) -> Self {
        let mut hash = KeyHash(Sha256::new());
        hash.field(kind);
        hash
    }

    pub(crate) fn field(&mut self, field: impl AsRef<[u8]>) {
        let bytes = field.as_ref();
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> String {
        let digest = self.0.finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    let head = chars.next();
    head.is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_path_part(part: &str) -> bool {
    let Some((name, index)) = part.split_once('[') else {
        return is_identifier(part);
    };
    let digits = index.strip_suffix(']').unwrap_or("");
    is_identifier(name) && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Appends the names of the files below a folder.
fn list(dir: &Path, prefix: &str, names: &mut Vec<String>) -> Result<()> {
    for entry in std::fs::read_dir(dir).map_err(|e| Error::io(dir, e))? {
        let entry = entry.map_err(|e| Error::io(dir, e))?;
        let kind = entry.file_type().map_err(|e| Error::io(entry.path(), e))?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{name}");
        if kind.is_dir() {
            list(&entry.path(), &format!("{name}/"), names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

fn read_text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|e| Error::io(path, e))
}

/// Tools run in folders of their own, where a relative path would be lost.
pub(crate) fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    std::fs::write(path, bytes).map_err(|e| Error::io(path, e))
}

fn write_all<'a>(dir: &Path, files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Result<()> {
    for (name, bytes) in files {
        let path = dir.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|e| Error::io(parent, e))?;
        }
        write(&path, bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid() -> Project {
        let mut project = Project::new("top");
        project.add_source("top.v", "module top(input wire clk); endmodule");
        project
    }

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        assert!(valid().check().is_ok());
        for name in ["", "../x.v", "/x.v", "-o.v", "a/../../b.v", "a\nb.v"] {
            let mut project = valid();
            project.add_source(name, "");
            assert!(project.check().is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_directory_is_a_project() {
        let dir = tempfile::tempdir().unwrap();
        let mut written = valid();
        written.add_source("rtl/a.v", "module a; endmodule");
        written.images.push(("images/x.hex".to_owned(), vec![b'0']));
        written.write_sources(dir.path()).unwrap();
        written.write_images(dir.path()).unwrap();
        std::fs::write(dir.path().join("notes.txt"), "").unwrap();
        let mut read = Project::from_dir(dir.path(), "top").unwrap();
        read.sources.reverse();
        assert_eq!(read, written);
    }

    #[test]
    fn memory_paths_take_generate_indices() {
        for (path, good) in [
            ("mem", true),
            ("a.gen_b[12].mem", true),
            ("a..mem", false),
            ("a[x].mem", false),
            ("", false),
        ] {
            let mut project = valid();
            project.memories.push(path.to_owned());
            assert_eq!(project.check().is_ok(), good, "{path:?}");
        }
    }
}
