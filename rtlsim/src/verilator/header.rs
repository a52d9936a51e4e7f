//! Reads the ports out of the header that Verilator generates.
//!
//! Its macros (`VL_IN8(&clk,0,0);`, `VL_OUTW(&wide,69,0,3);`) have been the
//! same since long before the oldest supported version, unlike the XML and
//! JSON dumps, of which each version has one or the other.

use std::fmt::Write as _;

use crate::simulation::{Direction, PortInfo, Shape, words_of};
use crate::{Error, Result};

/// The ports, in the order of their names.
pub(super) fn ports(header: &str) -> Result<Vec<PortInfo>> {
    let mut ports = Vec::new();
    for line in header.lines() {
        let line = line.trim();
        if line.starts_with("VL_INOUT") {
            let reason = format!("inout ports are not supported: {line}");
            return Err(Error::Project(reason));
        }
        let (direction, rest) = if let Some(rest) = line.strip_prefix("VL_IN") {
            (Direction::Input, rest)
        } else if let Some(rest) = line.strip_prefix("VL_OUT") {
            (Direction::Output, rest)
        } else {
            continue;
        };
        let port = parse(rest, direction);
        ports.push(port.ok_or_else(|| {
            let reason = format!("a port that is no flat vector with a plain name: {line}");
            Error::Project(reason)
        })?);
    }
    ports.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(ports)
}

fn parse(rest: &str, direction: Direction) -> Option<PortInfo> {
    let inner = rest.split_once("(&")?.1.strip_suffix(");")?;
    let mut fields = inner.split(',');
    let name = fields.next()?;
    let high: i64 = fields.next()?.trim().parse().ok()?;
    let low: i64 = fields.next()?.trim().parse().ok()?;
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let width = u32::try_from(high.checked_sub(low)?.checked_add(1)?).ok()?;
    // Two underscores start Verilator's encoding of other characters.
    (plain && !name.contains("__0") && width > 0).then(|| PortInfo {
        name: name.to_owned(),
        width,
        direction,
    })
}

/// The generated half of the C interface.
pub(super) fn binding(shape: &Shape) -> String {
    let ports = &shape.ports;
    let widest = ports.iter().map(|p| words_of(p.width)).max().unwrap_or(1);
    let mut out = String::from("// Generated: where the ports of this model lie.\n");
    // Writing to a string cannot fail.
    let _ = writeln!(out, "#define RTLSIM_PORTS {}", ports.len());
    let _ = writeln!(out, "#define RTLSIM_CLOCK {}", shape.clock.0);
    let _ = writeln!(out, "#define RTLSIM_WIDEST {widest}");
    let inputs: Vec<&str> = ports
        .iter()
        .map(|p| match p.direction {
            Direction::Input => "true",
            Direction::Output => "false",
        })
        .collect();
    let _ = writeln!(
        out,
        "static const bool rtlsim_is_input[] = {{{}}};",
        inputs.join(", ")
    );
    out.push_str("static void rtlsim_bind(Vdut& model, Cell* ports) {\n");
    for (index, port) in ports.iter().enumerate() {
        let _ = writeln!(
            out,
            "    ports[{index}] = cell(model.{}, {});",
            port.name, port.width
        );
    }
    out.push_str("}\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_of_all_widths() {
        let header = "    VL_IN8(&clk,0,0);\n    VL_OUTW(&wide,69,0,3);\n    VL_IN64(&b,32,0);\n";
        let ports = ports(header).unwrap();
        let seen: Vec<_> = ports.iter().map(|p| (p.name.as_str(), p.width)).collect();
        assert_eq!(seen, [("b", 33), ("clk", 1), ("wide", 70)]);
    }

    #[test]
    fn strange_ports_are_refused() {
        for line in [
            "VL_INOUT8(&x,0,0);",
            "VL_IN8((&x)[4],7,0);",
            "VL_IN8(&a__02Eb,7,0);",
        ] {
            assert!(ports(line).is_err(), "{line}");
        }
    }
}
