//! Building: the cache, rejected sources, missing tools, waveforms.

use std::process::Command;

use crate::common::{ENGINES, counter, fresh_options, options, say, tools_or_skip};
use rtlsim::{Compile, Engine, Error, Options, Project, Waveform};

#[test]
fn a_rejected_source_gives_file_and_line() {
    let mut project = Project::new("broken");
    project.add_source("good.v", "module good(input wire clk); endmodule\n");
    project.add_source(
        "rtl/broken.v",
        "module broken(input wire clk);\n  wire a;\n  assign a = = 1'b0;\nendmodule\n",
    );
    for engine in ENGINES {
        if let Some(tools) = tools_or_skip(engine) {
            let error = rtlsim::open(engine, &project, &tools, &options())
                .err()
                .unwrap();
            let Error::Rejected {
                location, message, ..
            } = &error
            else {
                panic!("not a rejection: {error}");
            };
            let at = location.as_ref().unwrap();
            assert_eq!((at.file.as_str(), at.line), ("rtl/broken.v", 3));
            assert!(message.contains("syntax error"), "{message}");
        }
    }
}

#[test]
fn the_second_build_is_a_hit_and_a_change_is_none() {
    let (options, dir) = fresh_options();
    for engine in ENGINES {
        let Some(tools) = tools_or_skip(engine) else {
            continue;
        };
        let prepare = |project| rtlsim::prepare(engine, project, &tools, &options).unwrap();
        let base = counter();
        assert!(prepare(&base));
        assert!(!prepare(&base));
        let mut source = base.clone();
        source.sources[0].text.push_str("// changed\n");
        assert!(prepare(&source));
        let mut parameter = base.clone();
        parameter.parameters.push(("STEP".into(), "2".into()));
        assert!(prepare(&parameter));
        assert!(!prepare(&base) && !prepare(&source) && !prepare(&parameter));
    }
    let left = std::fs::read_dir(dir.path()).unwrap();
    let names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.into_iter().all(|name| !name.starts_with(".building")));
}

#[test]
fn threads_build_one_project_at_once() {
    let (options, _dir) = fresh_options();
    for engine in ENGINES {
        let Some(tools) = tools_or_skip(engine) else {
            continue;
        };
        let builds = std::thread::scope(|scope| {
            let build = || {
                let mut sim = rtlsim::open(engine, &counter(), &tools, &options).unwrap();
                let (rst, count) = (sim.port("rst").unwrap(), sim.port("count").unwrap());
                sim.reset(rst, 1).unwrap();
                sim.cycles(300).unwrap();
                sim.peek_u64(count).unwrap()
            };
            let threads = [scope.spawn(build), scope.spawn(build)];
            threads.map(|thread| thread.join().unwrap())
        });
        assert_eq!(builds, [101, 101]);
    }
}

#[test]
fn models_that_are_compiled_more_or_less_do_the_same() {
    let Some(tools) = tools_or_skip(Engine::Verilator) else {
        return;
    };
    let counts = [Compile::Quick, Compile::Balanced, Compile::Thorough].map(|compile| {
        let options = Options {
            compile,
            ..options()
        };
        let mut sim = rtlsim::open(Engine::Verilator, &counter(), &tools, &options).unwrap();
        let (rst, count) = (sim.port("rst").unwrap(), sim.port("count").unwrap());
        sim.reset(rst, 1).unwrap();
        sim.cycles(77).unwrap();
        sim.peek_u64(count).unwrap()
    });
    assert!(counts[0] > 0);
    assert_eq!(counts, [counts[0]; 3]);
}

/// The header of an FST file: the times of its first and last change, and how many signals it has.
fn fst_header(bytes: &[u8]) -> [u64; 3] {
    let number = |at: usize| u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap());
    // A block is a byte of kind (0: header), its length, its contents.
    assert_eq!((bytes[0], number(1)), (0, 329), "no header of FST");
    let mut at = 0;
    while at < bytes.len() {
        at += 1 + number(at + 1) as usize;
    }
    assert_eq!(at, bytes.len(), "the blocks fill the file");
    // Start, end; the byte order's mark, memory, scopes, then hierarchy variables.
    [number(9), number(17), number(49)]
}

#[test]
fn a_waveform_is_fst_where_its_name_says_so() {
    let with = |trace| Options { trace, ..options() };
    if let Some(tools) = tools_or_skip(Engine::Verilator) {
        // Where the headers are missing, this fails with the packages to install.
        let open = |trace| rtlsim::open(Engine::Verilator, &counter(), &tools, &with(trace));
        let mut sim = match open(Some(Waveform::Fst)) {
            Ok(sim) => sim,
            Err(error @ Error::ToolMissing { .. }) if std::env::var_os("CI").is_none() => {
                assert!(error.to_string().contains("-dev"), "{error}");
                return say(&format!("skipped: {error}"));
            }
            Err(error) => panic!("{error}"),
        };
        let dir = tempfile::tempdir().unwrap();
        let rst = sim.port("rst").unwrap();
        sim.reset(rst, 2).unwrap();
        for (name, first) in [("a.fst", 100), ("b.FST", 300)] {
            sim.cycles(first - sim.cycle()).unwrap();
            let path = dir.path().join(name);
            sim.trace_start(&path).unwrap();
            sim.cycles(20).unwrap();
            sim.trace_stop().unwrap();
            sim.cycles(50).unwrap();
            let [start, end, signals] = fst_header(&std::fs::read(&path).unwrap());
            let last = (first + 20) * 10;
            assert_eq!(start, first * 10, "{name}");
            assert!(end > last - 10 && end <= last, "{name}: {end}");
            assert!(signals >= 10, "{name}: {signals}");
        }
        // A library writes one format.
        let error = sim.trace_start(&dir.path().join("c.vcd")).unwrap_err();
        assert!(error.to_string().contains("opened for Fst"), "{error}");
        let mut sim = open(Some(Waveform::Vcd)).unwrap();
        let error = sim.trace_start(&dir.path().join("c.fst")).unwrap_err();
        assert!(error.to_string().contains("opened for Vcd"), "{error}");
    }
    if let Some(tools) = tools_or_skip(Engine::Icarus) {
        let fst = with(Some(Waveform::Fst));
        let error = rtlsim::open(Engine::Icarus, &counter(), &tools, &fst).err();
        assert!(error.is_some_and(|e| e.to_string().contains("VCD")));
    }
}

#[cfg(unix)]
#[test]
fn missing_headers_are_named_with_their_packages() {
    use std::os::unix::fs::PermissionsExt;
    let Some(tools) = tools_or_skip(Engine::Verilator) else {
        return;
    };
    let verilator = tools.verilator().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let compiler = |fails: &str| {
        let program = dir.path().join("c++");
        let script = format!("#!/bin/sh\ngrep -q '{fails}' \"$2\" && exit 1\nexit 0\n");
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        rtlsim::tools::Compiler {
            program,
            identity: String::new(),
        }
    };
    assert!(compiler("nothing").has_fst_headers(&verilator).is_ok());
    for (fails, said) in [
        (
            "lz4.h",
            "lz4.h was not found; FST waveforms need it: install it with `sudo apt-get install liblz4-dev`",
        ),
        ("zlib.h", "`sudo apt-get install zlib1g-dev`"),
        ("include", "`sudo apt-get install liblz4-dev zlib1g-dev`"),
    ] {
        let error = compiler(fails).has_fst_headers(&verilator).unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn a_waveform_has_only_its_windows() {
    let options = Options {
        trace: Some(Waveform::Vcd),
        ..options()
    };
    for engine in ENGINES {
        let Some(tools) = tools_or_skip(engine) else {
            continue;
        };
        let dir = tempfile::tempdir().unwrap();
        let mut sim = rtlsim::open(engine, &counter(), &tools, &options).unwrap();
        let rst = sim.port("rst").unwrap();
        sim.reset(rst, 2).unwrap();
        assert!(matches!(sim.trace_stop(), Err(Error::Trace(_))));
        for (name, first) in [("a.vcd", 100), ("b.vcd", 300)] {
            sim.cycles(first - sim.cycle()).unwrap();
            let path = dir.path().join(name);
            sim.trace_start(&path).unwrap();
            assert!(matches!(sim.trace_start(&path), Err(Error::Trace(_))));
            sim.cycles(20).unwrap();
            sim.trace_stop().unwrap();
            sim.cycles(50).unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains("$enddefinitions") && text.contains("count"));
            let stamps = text.lines().filter_map(|line| line.strip_prefix('#'));
            let times: Vec<u64> = stamps.map(|t| t.parse().unwrap()).collect();
            assert!(times.is_sorted());
            assert_eq!(times.first(), Some(&(first * 10)), "{engine:?} {name}");
            let last = (first + 20) * 10;
            assert!(times.last().is_some_and(|t| *t > last - 10 && *t <= last));
            // One rising edge a cycle.
            let rises = times.iter().filter(|t| *t % 10 == 5).count();
            assert_eq!(rises, 20, "{engine:?} {name}");
        }
    }
}

#[test]
fn tracing_has_to_be_asked_for() {
    for engine in ENGINES {
        if let Some(tools) = tools_or_skip(engine) {
            let mut sim = rtlsim::open(engine, &counter(), &tools, &options()).unwrap();
            let error = sim.trace_start(std::path::Path::new("x.vcd")).unwrap_err();
            assert!(matches!(error, Error::Trace(_)), "{error}");
        }
    }
}

#[test]
fn the_linter_speaks_of_the_source() {
    let Some(tools) = tools_or_skip(Engine::Verilator) else {
        return;
    };
    let mut project = Project::new("lint");
    let text = "module lint(input wire clk, input wire [7:0] a, output reg [3:0] b);\n\
                always @(posedge clk) b <= a;\nendmodule\n";
    project.add_source("lint.v", text);
    let said = rtlsim::lint(&project, &tools).unwrap();
    assert!(said.contains("lint.v:2"), "{said}");
    let waiver = "`verilator_config\nlint_off -file \"lint.v\"\nlint_off -rule DECLFILENAME\n";
    project.lint_waivers = Some(waiver.to_owned());
    assert_eq!(rtlsim::lint(&project, &tools).unwrap(), "");
}

/// What a process without any tools sees; run by the tests below, as the
/// environment belongs to a whole process.
#[test]
fn without_tools_helper() {
    if std::env::var_os("RTLSIM_TEST_WITHOUT_TOOLS").is_none() {
        return;
    }
    let tools = rtlsim::Tools::from_env();
    println!("verilator: {}", tools.verilator().unwrap_err());
    println!("icarus: {}", tools.icarus().unwrap_err());
    println!("compiler: {}", tools.compiler().unwrap_err());
    println!("yosys: {}", tools.yosys().err().unwrap());
}

fn helper(environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "building::without_tools_helper", "--nocapture"]);
    command
        .env("RTLSIM_TEST_WITHOUT_TOOLS", "1")
        .env("PATH", "");
    for name in [
        "CXX",
        "RTLSIM_VERILATOR",
        "RTLSIM_IVERILOG",
        "VERILATOR_ROOT",
    ] {
        command.env_remove(name);
    }
    command.envs(environment.iter().copied());
    let output = command.output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_missing_tool_is_named_with_its_cure() {
    let said = helper(&[]);
    for line in [
        "verilator: verilator was not found; install it with",
        "icarus: iverilog was not found; install it with `sudo apt-get install iverilog`",
        "compiler: C++ compiler was not found; install it with `sudo apt-get install g++`",
        "yosys: yosys was not found;",
    ] {
        assert!(said.contains(line), "{said}");
    }
    let said = helper(&[("RTLSIM_VERILATOR", "/nowhere/verilator_bin")]);
    assert!(
        said.contains("$RTLSIM_VERILATOR names /nowhere/verilator_bin"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn an_old_tool_is_told_apart() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let script = |name: &str, text: &str| {
        let path = dir.path().join("bin").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("#!/bin/sh\necho '{text}'\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    std::fs::create_dir_all(dir.path().join("include")).unwrap();
    std::fs::write(dir.path().join("include/verilated.h"), "").unwrap();
    let verilator = script("verilator_bin", "Verilator 4.228 2022-10-01 rev v4.228");
    let iverilog = script("iverilog", "Icarus Verilog version 10.3 (stable) ()");
    script("vvp", "");
    let said = helper(&[
        ("RTLSIM_VERILATOR", &verilator),
        ("RTLSIM_IVERILOG", &iverilog),
    ]);
    assert!(said.contains("verilator 4.228 at"), "{said}");
    assert!(said.contains("too old: 5.006 or newer"), "{said}");
    assert!(said.contains("iverilog 10.3 at"), "{said}");
}
