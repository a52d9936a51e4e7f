//! Reads ports and memories out of what the Icarus compiler writes.
//!
//! There is no interface that lists them, but its output is text:
//! `.scope module, "name" "type" ..., PARENT;`, `.port_info 3 /INPUT 8 "x"`
//! and `.array "mem", 15 0, 7 0;`.

use std::collections::BTreeMap;

use crate::simulation::{Direction, MemoryInfo, PortInfo};
use crate::{Error, Result};

/// An array of the design.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Array {
    pub info: MemoryInfo,
    /// The lowest declared index.
    pub low: i64,
}

/// The ports of the top module by name, and all arrays by path below it.
pub(super) fn read(vvp: &str, top: &str) -> Result<(Vec<PortInfo>, BTreeMap<String, Array>)> {
    let mut paths: BTreeMap<&str, String> = BTreeMap::new();
    let mut current = String::new();
    let (mut ports, mut arrays) = (Vec::new(), BTreeMap::new());
    for line in vvp.lines() {
        let line = line.trim();
        if let Some((label, rest)) = line.split_once(" .scope ") {
            current = path(rest, &paths).unwrap_or_default();
            paths.insert(label, current.clone());
        } else if let Some(rest) = line.strip_prefix(".port_info ") {
            if current == top {
                ports.extend(port(rest)?);
            }
        } else if let Some((_, rest)) = line.split_once(" .array") {
            let below = current.strip_prefix(top).unwrap_or("");
            if let Some((name, width, depth, low)) = array(rest) {
                let full = format!("{below}.{name}");
                let path = full.trim_start_matches('.').to_owned();
                let info = MemoryInfo {
                    path: path.clone(),
                    width,
                    depth,
                };
                arrays.insert(path, Array { info, low });
            }
        }
    }
    ports.sort_by(|a: &PortInfo, b| a.name.cmp(&b.name));
    Ok((ports, arrays))
}

/// `module, "u_ram" "ram" 2 6, 3 1 0, S_PARENT;`
fn path(rest: &str, paths: &BTreeMap<&str, String>) -> Option<String> {
    let name = rest.split('"').nth(1)?;
    let last = rest.trim_end_matches(';').rsplit(", ").next()?;
    Some(match paths.get(last) {
        Some(parent) => format!("{parent}.{name}"),
        None => name.to_owned(),
    })
}

/// `0 /INPUT 8 "name"`
fn port(rest: &str) -> Result<Option<PortInfo>> {
    let mut words = rest.split_whitespace().skip(1);
    let (Some(kind), Some(width), Some(name)) = (words.next(), words.next(), words.next()) else {
        return Ok(None);
    };
    let direction = match kind {
        "/INPUT" => Direction::Input,
        "/OUTPUT" => Direction::Output,
        _ => {
            let reason = format!("inout ports are not supported: {rest}");
            return Err(Error::Project(reason));
        }
    };
    Ok(width.parse().ok().map(|width| PortInfo {
        name: name.trim_end_matches(';').trim_matches('"').to_owned(),
        width,
        direction,
    }))
}

/// `/s "mem", 15 0, 7 0;`: name, width, depth, lowest index.
fn array(rest: &str) -> Option<(&str, u32, u64, i64)> {
    let mut quoted = rest.split('"');
    let name = quoted.nth(1)?;
    let numbers: Option<Vec<i64>> = quoted
        .next()?
        .split([',', ' ', ';'])
        .filter(|w| !w.is_empty())
        .map(|w| w.parse().ok())
        .collect();
    let [a, b, high, low] = numbers?[..] else {
        return None;
    };
    let width = u32::try_from(high.abs_diff(low) + 1).ok()?;
    Some((name, width, a.abs_diff(b) + 1, a.min(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_give_paths() {
        let vvp = r#"
S_1 .scope module, "top" "top" 2 1;
    .port_info 0 /INPUT 1 "clk";
    .port_info 1 /OUTPUT 70 "wo";
S_2 .scope generate, "gen_b[0]" "gen_b[0]" 2 5, 2 5 0, S_1;
S_3 .scope module, "u_ram" "ram" 2 6, 3 1 0, S_2;
    .port_info 0 /INPUT 1 "clk";
v4 .array "mem", 15 0, 32 0;
"#;
        let (ports, arrays) = read(vvp, "top").unwrap();
        let seen: Vec<_> = ports.iter().map(|p| (p.name.as_str(), p.width)).collect();
        assert_eq!(seen, [("clk", 1), ("wo", 70)]);
        let array = &arrays["gen_b[0].u_ram.mem"];
        assert_eq!((array.info.width, array.info.depth, array.low), (33, 16, 0));
    }
}
