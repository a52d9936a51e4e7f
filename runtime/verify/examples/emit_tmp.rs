use spidec_ir::program::WeightImage;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let mut text = std::fs::read_to_string(&a[1]).unwrap();
    if let Some(n) = a.get(3) {
        text = text.replace("[240]", &format!("[{n}]"));
    }
    let checked = spidec_compiler::check::check_text(&a[1], &text)
        .checked
        .unwrap();
    let program = spidec_compiler::lower::lower(&checked.network, &checked.lines).unwrap();
    println!("{:?}", program.machine);
    let float = spidec_ir::random::initial_parameters(&checked.network, 1);
    let (p, _) = spidec_ir::fixed::quantize(&checked.network, &float).unwrap();
    let image = WeightImage::new(&program, &p);
    spidec_compiler::emit::write(
        &spidec_compiler::emit::project(&program, &image).unwrap(),
        std::path::Path::new(&a[2]),
    )
    .unwrap();
    spidec_verify::toolbox::set_up(&[
        rtlsim::tools::Group::Simulate,
        rtlsim::tools::Group::Synthesize,
    ])
    .unwrap();
}
