use spidec_ir::program::WeightImage;
fn main() {
    let file = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let n: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let icarus = std::env::args().nth(3).is_some();
    let result = spidec_compiler::check::check_text(&file, &text);
    let checked = match result.checked {
        Some(c) => c,
        None => {
            println!("no");
            return;
        }
    };
    let network = checked.network;
    let program = spidec_compiler::lower::lower(&network, &checked.lines).unwrap();
    println!("{:?}", program.machine);
    let float = spidec_ir::random::initial_parameters(&network, 1);
    let (params, _) = spidec_ir::fixed::quantize(&network, &float).unwrap();
    let image = WeightImage::new(&program, &params);
    let project = spidec_verify::hardware::project(&program.machine).unwrap();
    let tools = rtlsim::Tools::in_dir("/tmp/vtools");
    let size = network.input.shape.size();
    let samples: Vec<Vec<u8>> = (0..n as u64)
        .map(|s| {
            (0..size as u64)
                .map(|k| {
                    let h = spidec_ir::random::hash(&[s, k]);
                    if h % 5 == 0 { (h >> 32) as u8 } else { 0 }
                })
                .collect()
        })
        .collect();
    let t = std::time::Instant::now();
    let mut options = rtlsim::Options::default();
    options.power_up = rtlsim::PowerUp::Random(3);
    let report = spidec_verify::verify(
        &spidec_verify::Setup {
            network: &network,
            program: &program,
            parameters: &params,
            image: &image,
            project: &project,
            engine: if icarus {
                rtlsim::Engine::Icarus
            } else {
                rtlsim::Engine::Verilator
            },
            tools: &tools,
            options: &options,
            waveform: None,
        },
        samples.iter().map(|s| &s[..]),
        &mut |_| {},
    )
    .unwrap();
    println!("{:?} {}s", report, t.elapsed().as_secs_f64());
    if let Some(m) = &report.comparison.first {
        println!("{m}");
    }
    println!(
        "cycles {} use {}",
        report.cycles_per_sample(),
        report.lane_use()
    );
}
