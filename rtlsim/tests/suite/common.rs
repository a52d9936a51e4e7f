//! Designs and helpers of the tests.

use std::io::Write;
use std::path::PathBuf;

use rtlsim::tools::{Group, install};
use rtlsim::{Cache, Engine, Options, Project, Tools};

/// A counter with a handshake: `valid` every third cycle, `last` with the
/// fifth value; `wide` holds 100 bits, `sum` needs no clock.
pub fn counter() -> Project {
    let mut project = Project::new("counter");
    project.add_source(
        "rtl/counter.v",
        r#"
module counter #(parameter STEP = 1) (
    input wire clk, input wire rst, input wire [99:0] mask, input wire [7:0] a,
    output wire valid, output wire last, output reg [15:0] count,
    output reg [99:0] wide, output wire [7:0] sum
);
    reg [1:0] phase;
    assign valid = phase == 2'd2;
    assign last = valid && count >= 16'd5 * STEP;
    assign sum = a + 8'd1;
    always @(posedge clk) begin
        if (rst) begin
            phase <= 2'd0;
            count <= 16'd1 * STEP;
            wide <= 100'd1;
        end else begin
            phase <= valid ? 2'd0 : phase + 2'd1;
            if (valid) count <= count + STEP;
            wide <= {wide[98:0], wide[99]} ^ mask;
        end
    end
endmodule
"#,
    );
    project
}

/// Two memories of one module, one with an image; the other powers up as it will.
pub fn memory() -> Project {
    let mut project = Project::new("memory");
    project.add_source(
        "memory.v",
        r#"
module memory (
    input wire clk, input wire we, input wire [3:0] wa, input wire [39:0] wd,
    input wire [3:0] ra, output wire [39:0] rd, output wire [39:0] rd_bank
);
    ram #(.FILE("contents.hex")) u_ram (
        .clk(clk), .we(we), .wa(wa), .wd(wd), .ra(ra), .rd(rd));
    genvar g;
    generate for (g = 0; g < 1; g = g + 1) begin : gen_bank
        ram #(.FILE("")) u_ram (
            .clk(clk), .we(we), .wa(wa), .wd(wd), .ra(ra), .rd(rd_bank));
    end endgenerate
endmodule
"#,
    );
    project.add_source(
        "ram.v",
        r#"
module ram #(parameter FILE = "") (
    input wire clk, input wire we, input wire [3:0] wa, input wire [39:0] wd,
    input wire [3:0] ra, output reg [39:0] rd
);
    reg [39:0] mem [0:15];
    generate if (FILE != "") begin : gen_init
        initial $readmemh(FILE, mem);
    end endgenerate
    always @(posedge clk) begin
        if (we) mem[wa] <= wd;
        rd <= mem[ra];
    end
endmodule
"#,
    );
    let lines = (0..16u64).map(|i| format!("{:010x}\n", i * 0x11_1111_1111 % (1 << 40)));
    let image: String = lines.collect();
    project
        .images
        .push(("contents.hex".into(), image.into_bytes()));
    project.memories = vec!["u_ram.mem".into(), "gen_bank[0].u_ram.mem".into()];
    project
}

/// A place for the tools and the cache that the tests of this crate share.
pub fn scratch() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// A line on standard error, past the test harness, which keeps what `eprintln!` says of a passing test.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The tools that an engine needs, installed if that can be done; else says
/// that the test is skipped, or fails where `CI` is set.
pub fn tools_or_skip(engine: Engine) -> Option<Tools> {
    let dir = scratch().join("tools");
    let tools = Tools::in_dir(&dir);
    let found = match engine {
        Engine::Verilator => tools
            .verilator()
            .or_else(|missing| match install(&dir, Group::Simulate, None) {
                Ok(_) => tools.verilator(),
                Err(reason) => {
                    say(&reason.to_string());
                    Err(missing)
                }
            })
            .and_then(|_| tools.compiler())
            .map(drop),
        Engine::Icarus => tools.icarus().map(drop),
    };
    let name = match engine {
        Engine::Verilator => "verilator",
        Engine::Icarus => "iverilog",
    };
    match found {
        Ok(()) => Some(tools),
        Err(reason) if std::env::var_os("CI").is_some() => panic!("no {name}: {reason}"),
        Err(reason) => {
            say(&format!("skipped: no {name} ({reason})"));
            None
        }
    }
}

/// Options with the cache that the tests share.
pub fn options() -> Options {
    Options {
        cache: Cache::new(scratch().join("cache")),
        ..Options::default()
    }
}

/// Options with a cache of their own, which goes with the folder.
pub fn fresh_options() -> (Options, tempfile::TempDir) {
    let dir = tempfile::tempdir_in(scratch()).unwrap();
    let options = Options {
        cache: Cache::new(dir.path()),
        ..Options::default()
    };
    (options, dir)
}

/// Both engines.
pub const ENGINES: [Engine; 2] = [Engine::Verilator, Engine::Icarus];
