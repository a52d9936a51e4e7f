//! Each engine does what the trait says, and both agree in all of it.

use crate::common::{ENGINES, counter, memory, options, tools_or_skip};
use rtlsim::{Capture, Engine, Error, Options, PowerUp, Project, RunSpec, Simulation};

/// A test on each engine that there is.
fn on_each(project: &Project, options: &Options, test: impl Fn(&mut dyn Simulation)) {
    for engine in ENGINES {
        if let Some(tools) = tools_or_skip(engine) {
            let mut sim = rtlsim::open(engine, project, &tools, options).unwrap();
            test(sim.as_mut());
        }
    }
}

#[test]
fn records_have_the_values_before_the_edge() {
    on_each(&counter(), &options(), |sim| {
        let port = |name| sim.port(name).unwrap();
        let (rst, valid, last) = (port("rst"), port("valid"), port("last"));
        let (count, wide, mask) = (port("count"), port("wide"), port("mask"));
        sim.reset(rst, 2).unwrap();
        assert_eq!(sim.cycle(), 2);
        sim.poke(mask, &[0, 0, 0, 0b1000]).unwrap();
        let spec = RunSpec {
            max: 100,
            until: Some(last),
            captures: vec![
                Capture {
                    valid: Some(valid),
                    ports: vec![count, wide],
                },
                Capture {
                    valid: None,
                    ports: vec![valid],
                },
            ],
        };
        let result = sim.run(&spec).unwrap();
        assert!(result.reached);
        assert_eq!(result.cycles, 15);
        assert_eq!(sim.cycle(), 17);
        let [ref handshakes, ref all] = result.records[..] else {
            panic!("two captures give two sets of records");
        };
        assert_eq!(handshakes.cycles, [4, 7, 10, 13, 16]);
        let counts: Vec<u32> = handshakes.iter().map(|(_, words)| words[0]).collect();
        assert_eq!(counts, [1, 2, 3, 4, 5]);
        let mut expected: u128 = 1;
        let mut wides = Vec::new();
        for cycle in 2..17 {
            if cycle % 3 == 1 {
                wides.push(expected);
            }
            let rotated = (expected << 1 | expected >> 99) & ((1 << 100) - 1);
            expected = rotated ^ (0b1000 << 96);
        }
        let as_number = |words: &[u32]| {
            let words = words.iter().rev();
            words.fold(0u128, |value, word| value << 32 | u128::from(*word))
        };
        let seen: Vec<u128> = handshakes.iter().map(|(_, w)| as_number(&w[1..])).collect();
        assert_eq!(seen, wides);
        assert_eq!(all.cycles, Vec::from_iter(2..17));
        assert_eq!(all.words[..6], [0, 0, 1, 0, 0, 1]);
        // The design is past the cycle that ended the run.
        assert_eq!(sim.peek_u64(count).unwrap(), 6);
    });
}

#[test]
fn engines_agree_on_random_stimuli() {
    let mut runs = Vec::new();
    on_each(&counter(), &options(), |sim| {
        let port = |name| sim.port(name).unwrap();
        let inputs = [port("rst"), port("mask"), port("a")];
        let outputs = ["valid", "last", "count", "wide", "sum"].map(port);
        let _ = sim.reset(inputs[0], 1);
        // Recorded outside of the closure's captures, which are shared.
        let mut seen = Vec::new();
        let mut state = 1u32;
        for _ in 0..200 {
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state >> 4
            };
            sim.poke(inputs[0], &[u32::from(next() % 16 == 0)]).unwrap();
            sim.poke(inputs[1], &[next(), next(), next(), next() & 15])
                .unwrap();
            sim.poke(inputs[2], &[next() & 255]).unwrap();
            seen.push(sim.peek(outputs[4]).unwrap());
            let captures = vec![Capture {
                valid: None,
                ports: outputs.to_vec(),
            }];
            let max = u64::from(next() % 4);
            let until = Some(outputs[0]);
            let result = sim
                .run(&RunSpec {
                    max,
                    until,
                    captures,
                })
                .unwrap();
            seen.push(vec![
                result.cycles as u32,
                u32::from(result.reached),
                sim.cycle() as u32,
            ]);
            seen.push(result.records[0].words.clone());
        }
        std::fs::write(dump_path(sim.engine()), format!("{seen:?}")).unwrap();
    });
    for engine in ENGINES {
        runs.extend(std::fs::read_to_string(dump_path(engine)));
    }
    if runs.len() == 2 {
        assert!(runs[0].len() > 10_000);
        assert_eq!(runs[0], runs[1]);
    }
}

fn dump_path(engine: Engine) -> std::path::PathBuf {
    crate::common::scratch().join(format!("random-{engine:?}.txt"))
}

#[test]
fn inputs_settle_before_a_peek() {
    on_each(&counter(), &options(), |sim| {
        let (a, sum) = (sim.port("a").unwrap(), sim.port("sum").unwrap());
        assert_eq!(sim.peek_u64(sum).unwrap(), 1);
        sim.poke_u64(a, 41).unwrap();
        assert_eq!(sim.peek_u64(sum).unwrap(), 42);
        assert_eq!(sim.peek_u64(a).unwrap(), 41);
        assert_eq!(sim.cycle(), 0);
    });
}

#[test]
fn parameters_reach_the_top_module() {
    let mut project = counter();
    project.parameters.push(("STEP".into(), "7".into()));
    on_each(&project, &options(), |sim| {
        let (rst, count) = (sim.port("rst").unwrap(), sim.port("count").unwrap());
        sim.reset(rst, 1).unwrap();
        sim.cycles(3).unwrap();
        assert_eq!(sim.peek_u64(count).unwrap(), 14);
    });
}

#[test]
fn misuse_is_an_error_that_names_the_port() {
    on_each(&counter(), &options(), |sim| {
        let unknown = sim.port("nothing").unwrap_err().to_string();
        assert!(
            unknown.contains("`nothing`") && unknown.contains("count"),
            "{unknown}"
        );
        for (name, value) in [("clk", 1), ("sum", 0), ("a", 256)] {
            let port = sim.port(name).unwrap();
            let error = sim.poke_u64(port, value).unwrap_err();
            assert!(matches!(error, Error::Misuse { .. }), "{error}");
            assert!(error.to_string().contains(name), "{error}");
        }
        let until = Some(sim.port("count").unwrap());
        let spec = RunSpec {
            max: 1,
            until,
            ..RunSpec::default()
        };
        assert!(matches!(sim.run(&spec), Err(Error::Misuse { .. })));
    });
}

#[test]
fn memories_are_read_and_written_by_name() {
    on_each(&memory(), &options(), |sim| {
        let ram = sim.memory("u_ram.mem").unwrap();
        let info = sim.memories()[0].clone();
        assert_eq!((info.width, info.depth), (40, 16));
        // Entry 3 of the image.
        assert_eq!(sim.read_memory(ram, 3, 1).unwrap(), [0x3333_3333, 0x33]);
        sim.write_memory(ram, 3, &[5, 6, 7, 8]).unwrap();
        assert_eq!(
            sim.read_memory(ram, 2, 3).unwrap(),
            [0x2222_2222, 0x22, 5, 6, 7, 8]
        );
        let (ra, rd) = (sim.port("ra").unwrap(), sim.port("rd").unwrap());
        sim.poke_u64(ra, 4).unwrap();
        sim.cycles(1).unwrap();
        assert_eq!(sim.peek(rd).unwrap(), [7, 8]);
        // What the design writes is seen, too.
        for (name, value) in [("we", 1), ("wa", 9), ("wd", 0xab_0000_0001)] {
            let port = sim.port(name).unwrap();
            sim.poke_u64(port, value).unwrap();
        }
        sim.cycles(1).unwrap();
        assert_eq!(sim.read_memory(ram, 9, 1).unwrap(), [1, 0xab]);
        let bank = sim.memory("gen_bank[0].u_ram.mem").unwrap();
        assert_eq!(sim.read_memory(bank, 9, 1).unwrap(), [1, 0xab]);
        assert!(sim.read_memory(ram, 16, 1).is_err());
        assert!(sim.write_memory(ram, 0, &[0, 0x100]).is_err());
        assert!(sim.write_memory(ram, 0, &[0]).is_err());
    });
}

#[test]
fn memories_of_one_bit_and_of_odd_ranges() {
    let mut project = Project::new("odd");
    project.add_source(
        "odd.v",
        "module odd(input wire clk, input wire [3:0] a, output reg q, output reg [64:0] w);
           reg bits [0:15];
           reg [64:0] wide [11:4];
           always @(posedge clk) begin
             q <= bits[a];
             w <= wide[a];
             bits[a + 4'd1] <= ~bits[a];
           end
         endmodule",
    );
    project.memories = vec!["bits".into(), "wide".into()];
    on_each(&project, &options(), |sim| {
        let (bits, wide) = (sim.memory("bits").unwrap(), sim.memory("wide").unwrap());
        let shape: Vec<_> = sim.memories().iter().map(|m| (m.width, m.depth)).collect();
        assert_eq!(shape, [(1, 16), (65, 8)]);
        sim.write_memory(bits, 5, &[1]).unwrap();
        // The lowest index is 4, so this is wide[5].
        sim.write_memory(wide, 1, &[7, 8, 1]).unwrap();
        let port = |name| sim.port(name).unwrap();
        let (a, q, w) = (port("a"), port("q"), port("w"));
        sim.poke(a, &[5]).unwrap();
        sim.cycles(1).unwrap();
        assert_eq!(sim.peek_u64(q).unwrap(), 1);
        assert_eq!(sim.peek(w).unwrap(), [7, 8, 1]);
        assert_eq!(sim.read_memory(bits, 4, 4).unwrap(), [0, 1, 0, 0]);
        assert_eq!(sim.read_memory(wide, 0, 2).unwrap(), [0, 0, 0, 7, 8, 1]);
    });
}

#[test]
fn a_memory_that_is_not_there_is_an_error() {
    let mut project = memory();
    project.memories.push("u_ram.nothing".into());
    for engine in ENGINES {
        if let Some(tools) = tools_or_skip(engine) {
            let error = rtlsim::open(engine, &project, &tools, &options())
                .err()
                .unwrap();
            assert!(error.to_string().contains("u_ram.nothing"), "{error}");
        }
    }
}

#[test]
fn power_up_follows_the_seed() {
    let contents = |engine, power_up| {
        let tools = tools_or_skip(engine)?;
        let options = Options {
            power_up,
            ..options()
        };
        let mut sim = rtlsim::open(engine, &memory(), &tools, &options).unwrap();
        let bank = sim.memory("gen_bank[0].u_ram.mem").unwrap();
        let ram = sim.memory("u_ram.mem").unwrap();
        // The image is not randomized.
        assert_eq!(sim.read_memory(ram, 3, 1).unwrap(), [0x3333_3333, 0x33]);
        Some(sim.read_memory(bank, 0, 16).unwrap())
    };
    for engine in ENGINES {
        let Some(zero) = contents(engine, PowerUp::Zero) else {
            continue;
        };
        assert_eq!(zero, [0; 32]);
        let first = contents(engine, PowerUp::Random(1)).unwrap();
        assert_ne!(first, zero);
        assert_eq!(contents(engine, PowerUp::Random(1)).unwrap(), first);
        assert_ne!(contents(engine, PowerUp::Random(2)).unwrap(), first);
        assert_ne!(contents(engine, PowerUp::Random(1 << 63)).unwrap(), first);
    }
}

#[test]
fn images_are_read_anew_without_compiling() {
    let (options, _dir) = crate::common::fresh_options();
    for engine in ENGINES {
        let Some(tools) = tools_or_skip(engine) else {
            continue;
        };
        let mut project = memory();
        assert!(rtlsim::prepare(engine, &project, &tools, &options).unwrap());
        project.images[0].1 = b"@3 0000000abc\n".to_vec();
        assert!(!rtlsim::prepare(engine, &project, &tools, &options).unwrap());
        let mut sim = rtlsim::open(engine, &project, &tools, &options).unwrap();
        let ram = sim.memory("u_ram.mem").unwrap();
        assert_eq!(sim.read_memory(ram, 3, 1).unwrap(), [0xabc, 0]);
    }
}

#[test]
fn an_image_that_is_not_there_is_an_error() {
    let mut project = memory();
    project.images.clear();
    for engine in ENGINES {
        if let Some(tools) = tools_or_skip(engine) {
            let opened = rtlsim::open(engine, &project, &tools, &options());
            let error = opened.err().unwrap().to_string();
            assert!(error.contains("contents.hex"), "{error}");
        }
    }
}

#[test]
fn unknown_bits_are_named() {
    let Some(tools) = tools_or_skip(Engine::Icarus) else {
        return;
    };
    let mut sim = rtlsim::open(Engine::Icarus, &counter(), &tools, &options()).unwrap();
    let (rst, count) = (sim.port("rst").unwrap(), sim.port("count").unwrap());
    let error = sim.peek(count).unwrap_err();
    assert!(matches!(error, Error::Unknown { .. }), "{error}");
    assert!(error.to_string().contains("`count`"), "{error}");
    let captures = vec![Capture {
        valid: None,
        ports: vec![count],
    }];
    let spec = RunSpec {
        max: 2,
        until: None,
        captures,
    };
    let error = sim.run(&spec).unwrap_err();
    assert!(error.to_string().contains("`count`"), "{error}");
    // The error leaves the simulation usable.
    sim.reset(rst, 1).unwrap();
    assert_eq!(sim.run(&spec).unwrap().records[0].words, [1, 1]);
    assert_eq!(sim.cycle(), 5);
}

#[test]
fn a_design_that_ends_the_simulation_is_an_error() {
    let mut project = Project::new("ends");
    project.add_source(
        "ends.v",
        "module ends(input wire clk, output reg [3:0] n);
           initial n = 0;
           always @(posedge clk) begin
             n <= n + 4'd1;
             if (n == 4'd9) $finish;
           end
         endmodule",
    );
    on_each(&project, &options(), |sim| {
        sim.cycles(9).unwrap();
        let error = sim.cycles(5).unwrap_err();
        assert!(error.to_string().contains("cycle 9"), "{error}");
        assert!(sim.cycles(1).is_err());
    });
}
