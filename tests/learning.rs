//! Learning in hardware: fixed-point engine, array engine and simulated RTL train the same networks and
//! agree in everything that they can be compared in.

use rtlsim::{Engine, PowerUp};
use spidec_compiler::lower::Purpose;
use spidec_ir::fixed::quantize;
use spidec_ir::random::{hash, initial_parameters};
use spidec_tests::case::{Case, Run};
use spidec_verify::hardware::project;

const TEXT: &str = "spidec 1
network bench {
  input      x [6] = constant(scale = 1/16)
  population a [7] = if
  population b [3] = if
  population c [5] = if
  readout    y [5] = linear(from = c)
  forward  x -> a = dense
  forward  x -> c = dense(bias = false)
  forward  a -> b = dense
  forward  a -> c = dense
  forward  b -> c = dense
  feedback b -> a = dense
  feedback c -> c = dense(bias = false)
  feedback c -> a = dense(bias = false)
}
training {
  forward_stage  = stage(steps = 8, v_th = 13/32, u_rest = -1/4)
  backward_stage = stage(steps = 6, v_th = 1/2)
  update = sgd(rate = 0.5)
}
array {
  lanes    = 4
  weight   = fixed(bits = 6, frac = 3)
  membrane = fixed(bits = 9, frac = 5)
}
";

#[test]
fn bench_trains() {
    let Some(tools) = spidec_tests::simulator(Engine::Verilator) else {
        return;
    };
    let samples = (0..40)
        .map(|sample| {
            let value = |k| match hash(&[sample, k]) % 3 {
                0 => 0,
                1 => 255 * (sample % 2) as u8,
                _ => (hash(&[sample, k]) >> 32) as u8,
            };
            (0..6).map(value).collect()
        })
        .collect();
    let parameters = |n: &_| quantize(n, &initial_parameters(n, 1)).expect("fits").0;
    let case = Case::new(TEXT, Purpose::Learning, parameters, samples);
    let project = project(&case.program.machine).expect("renders");
    eprintln!("{}", rtlsim::lint(&project, &tools).expect("lints"));
    let run = Run {
        project: &project,
        engine: Engine::Verilator,
        tools: &tools,
        power_up: PowerUp::Random(5),
        waveform: None,
    };
    let report = case.verify(&run).expect("runs");
    eprintln!("{:?} {:?}", report.stopped, report.trained);
    eprintln!("{:#?}", report.comparison);
    eprintln!("{:?}", report.counters);
    assert!(report.passed(), "{:?}", report.vacuous());
}
