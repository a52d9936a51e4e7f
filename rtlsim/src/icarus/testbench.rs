//! The generated test bench: an interpreter of commands from standard input.
//!
//! Replies are lines that hold the marker; other lines are the design's own.

use std::fmt::Write as _;

use super::discover::Array;
use crate::Project;
use crate::simulation::{Direction, Shape};

/// What starts a reply.
pub(super) const MARKER: &str = "@rtlsim ";
/// The module's name.
pub(super) const NAME: &str = "rtlsim_testbench";
/// How many numbers describe the captures of a run at most.
pub(super) const SPEC: usize = 65536;

/// The test bench for a design.
pub(super) fn generate(project: &Project, shape: &Shape, arrays: &[Array]) -> String {
    let widths = shape.ports.iter().map(|p| p.width);
    let all = widths.chain(arrays.iter().map(|a| a.info.width));
    let widest = all.max().unwrap_or(1).max(32);
    FIXED
        .replace("{NAME}", NAME)
        .replace("{MARKER}", MARKER)
        .replace("{SPEC}", &(SPEC - 1).to_string())
        .replace("{WIDEST}", &widest.to_string())
        .replace("{CLOCK}", &format!("p{}", shape.clock.0))
        .replace("{PORTS}", &ports(project, shape))
        .replace("{VALUES}", &values(shape))
        .replace("{POKES}", &pokes(shape))
        .replace("{LOADS}", &memories(arrays, |path| format!("big = {path}")))
        .replace(
            "{STORES}",
            &memories(arrays, |path| format!("{path} = big")),
        )
        .replace("{FILLS}", &fills(arrays))
}

// Writing to a string cannot fail, so the results are dropped below.

fn ports(project: &Project, shape: &Shape) -> String {
    let mut out = String::new();
    for (index, port) in shape.ports.iter().enumerate() {
        let high = port.width - 1;
        let _ = match port.direction {
            Direction::Input => writeln!(out, "    reg [{high}:0] p{index} = 0;"),
            Direction::Output => writeln!(out, "    wire [{high}:0] p{index};"),
        };
    }
    let set = project.parameters.iter();
    let set: Vec<String> = set.map(|(n, v)| format!(".{n}({v})")).collect();
    let _ = write!(out, "    {} ", project.top);
    if !set.is_empty() {
        let _ = write!(out, "#({}) ", set.join(", "));
    }
    let pins = shape.ports.iter().enumerate();
    let pins: Vec<String> = pins.map(|(i, p)| format!(".{}(p{i})", p.name)).collect();
    let _ = writeln!(out, "dut ({});", pins.join(", "));
    out
}

fn values(shape: &Shape) -> String {
    let lines = (0..shape.ports.len()).map(|i| format!("            {i}: value = p{i};\n"));
    lines.collect()
}

fn pokes(shape: &Shape) -> String {
    let inputs = shape.ports.iter().enumerate();
    inputs
        .filter(|(_, p)| p.direction == Direction::Input)
        .map(|(i, _)| format!("            {i}: p{i} = big;\n"))
        .collect()
}

fn memories(arrays: &[Array], access: impl Fn(String) -> String) -> String {
    let lines = arrays.iter().enumerate().map(|(i, array)| {
        let entry = format!("dut.{}[at + ({})]", array.info.path, array.low);
        format!("            {i}: {};\n", access(entry))
    });
    lines.collect()
}

/// Entries that an initial block has set are left alone.
fn fills(arrays: &[Array]) -> String {
    let lines = arrays.iter().enumerate().map(|(i, array)| {
        let depth = array.info.depth;
        format!("        for (at = 0; at < {depth}; at = at + 1) fill({i});\n")
    });
    lines.collect()
}

const FIXED: &str = r#"// Generated: drives the design by commands from standard input.
`timescale 1ns/1ns
module {NAME};
{PORTS}
    localparam STDIN = 32'h8000_0000;
    reg [{WIDEST}-1:0] big;
    reg [{WIDEST}-1:0] flag;
    reg [7:0] command;
    reg [63:0] cycle = 0;
    reg [63:0] count;
    reg [63:0] done;
    reg reached;
    reg unknown;
    reg random;
    reg flip = 0;
    reg traced = 0;
    integer seed;
    integer got;
    integer index;
    integer at;
    integer first;
    integer last;
    integer k;
    integer until_port;
    integer captures;
    integer numbers;
    integer spec [0:{SPEC}];

    function [{WIDEST}-1:0] value(input integer port);
        case (port)
{VALUES}            default: value = 0;
        endcase
    endfunction

    // Non-blocking assignments of the design run before this returns.
    task settle;
        begin
            #0 flip <= ~flip;
            @(flip);
            #0;
        end
    endtask

    task poke(input integer port);
        case (port)
{POKES}            default: ;
        endcase
    endtask

    task load(input integer memory);
        case (memory)
{LOADS}            default: ;
        endcase
    endtask

    task store(input integer memory);
        case (memory)
{STORES}            default: ;
        endcase
    endtask

    task fill(input integer memory);
        begin
            load(memory);
            if (^big === 1'bx) begin
                big = 0;
                if (random) for (k = 0; k < {WIDEST}; k = k + 32) big = {big, $random(seed)};
                store(memory);
            end
        end
    endtask

    task clock;
        begin
            #5 {CLOCK} = 1;
            #4 {CLOCK} = 0;
            #1 cycle = cycle + 1;
        end
    endtask

    task test(input integer port);
        begin
            flag = value(port);
            if (flag !== 0 && flag !== 1) begin
                $display("{MARKER}x %0d %0d", port, cycle);
                unknown = 1;
            end
        end
    endtask

    task record;
        begin
            k = 0;
            for (index = 0; index < captures; index = index + 1) begin
                flag = 1;
                if (spec[k] >= 0) test(spec[k]);
                last = k + 2 + spec[k + 1];
                if (flag === 1) begin
                    $write("{MARKER}r %0d %0d", index, cycle);
                    for (k = k + 2; k < last; k = k + 1) $write(" %0h", value(spec[k]));
                    $write("\n");
                end
                k = last;
            end
        end
    endtask

    task run;
        begin
            got = $fscanf(STDIN, " %d %d %d %d", count, until_port, captures, numbers);
            for (k = 0; k < numbers; k = k + 1) got = $fscanf(STDIN, " %d", spec[k]);
            done = 0;
            reached = 0;
            unknown = 0;
            settle;
            while (done < count && !reached && !unknown) begin
                record;
                if (until_port >= 0) begin
                    test(until_port);
                    reached = flag === 1;
                end
                clock;
                done = done + 1;
            end
            $display("{MARKER}e %0d %0d", done, reached);
        end
    endtask

    initial begin
        settle;
        forever begin
            got = $fscanf(STDIN, " %c", command);
            if (got != 1) $finish(0);
            case (command)
                "F": begin
                    got = $fscanf(STDIN, " %d %d", random, seed);
{FILLS}                    $display("{MARKER}k");
                end
                "P": begin
                    got = $fscanf(STDIN, " %d %h", index, big);
                    poke(index);
                end
                "G": begin
                    got = $fscanf(STDIN, " %d", index);
                    settle;
                    $display("{MARKER}v %0h", value(index));
                end
                "C": begin
                    got = $fscanf(STDIN, " %d", count);
                    settle;
                    for (done = 0; done < count; done = done + 1) clock;
                    $display("{MARKER}k");
                end
                "R": run;
                "L": begin
                    got = $fscanf(STDIN, " %d %d %d", index, first, last);
                    for (at = first; at < last; at = at + 1) begin
                        load(index);
                        $display("{MARKER}v %0h", big);
                    end
                    $display("{MARKER}k");
                end
                "S": begin
                    got = $fscanf(STDIN, " %d %d %d", index, first, last);
                    for (at = first; at < last; at = at + 1) begin
                        got = $fscanf(STDIN, " %h", big);
                        store(index);
                    end
                    $display("{MARKER}k");
                end
                "T": begin
                    settle;
                    if (traced) $dumpon;
                    else begin
                        $dumpfile("rtlsim.vcd");
                        $dumpvars(0, dut);
                    end
                    traced = 1;
                    settle;
                    $dumpflush;
                    $display("{MARKER}k");
                end
                "U": begin
                    settle;
                    $dumpoff;
                    $dumpflush;
                    $display("{MARKER}k");
                end
                default: $finish(0);
            endcase
            $fflush;
        end
    end

    final $display("{MARKER}f %0d", cycle);
endmodule
"#;
