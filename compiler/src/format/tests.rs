//! What the formatter does to small texts.

use super::format;

#[track_caller]
fn becomes(text: &str, wanted: &str) {
    let once = format(text).expect("a text that can be read");
    assert_eq!(once, wanted);
    assert_eq!(format(&once).expect("its own text"), once);
}

#[test]
fn columns_align_in_runs_of_a_kind() {
    becomes(
        "spidec 1\nnetwork n {\ninput x[4]=constant(scale=1 / 4)\npopulation hidden [240] = if\n\
         forward x->hidden=dense\n\n  feedback hidden -> hidden = dense( bias=false, )\n}\n\
         training { seed=1\nupdate = sgd(rate=0.50)\n// between\nforward_stage = stage(steps=8,v_th=1)\n\
         backward_stage = stage(steps=16, v_th=1.5)\n}",
        "spidec 1
network n {
  input      x      [4]   = constant(scale = 1/4)
  population hidden [240] = if
  forward  x -> hidden = dense

  feedback hidden -> hidden = dense(bias = false)
}
training {
  seed   = 1
  update = sgd(rate = 0.50)
  // between
  forward_stage  = stage(steps = 8,  v_th = 1)
  backward_stage = stage(steps = 16, v_th = 1.5)
}
",
    );
}

#[test]
fn a_comment_ends_no_run_and_a_blank_line_does() {
    becomes(
        "spidec 1\narray {\nlanes = 4\n// c\nmembrane = 1\n\n\n\nerror = 2\n\n}\n\n\n",
        "spidec 1\narray {\n  lanes    = 4\n  // c\n  membrane = 1\n\n  error = 2\n}\n",
    );
}

#[test]
fn comments_stay_where_they_belong() {
    becomes(
        "\u{feff}\n// first   \nspidec 1//a\nnetwork n // b\n// c\n{ // d\ninput x [ // e\n4, // f\n\n// g\n1 // h\n\
         ] = constant // i\n} // j\n// last",
        "// first
spidec 1                                            //a
network n {                                         // b
  // c
  // d
  input x [                                         // e
    4,                                              // f

    // g
    1,                                              // h
  ] = constant                                      // i
}                                                   // j
// last
",
    );
}

#[test]
fn brackets_stay_open_where_they_are() {
    becomes(
        "spidec 1\ntraining {\n  update = sgd(\nrate = 0.1, batch = 1)\n  loss = a(b = c(\nd))\n  seed = f(\n)\n\
         schedule = step(every = 1,\nfactor = 0.5 // c\n, // d\n)\n}\n",
        "spidec 1
training {
  update   = sgd(
    rate = 0.1,
    batch = 1,
  )
  loss     = a(b = c(
    d,
  ))
  seed     = f()
  schedule = step(
    every = 1,
    factor = 0.5,                                   // c
    // d
  )
}
",
    );
}

#[test]
fn a_comment_behind_long_code_stands_three_spaces_behind_it() {
    let long = format!("{} = 1", "x".repeat(50));
    becomes(
        &format!("spidec 1\narray {{\n{long} // c\n}}\n"),
        &format!("spidec 1\narray {{\n  {long}   // c\n}}\n"),
    );
}

#[test]
fn lines_end_as_the_first_one_does() {
    becomes(
        "spidec 1 // c\r\narray {\r\n lanes=4\n}",
        "spidec 1                                            // c\r\narray {\r\n  lanes = 4\r\n}\r\n",
    );
    becomes("spidec 1\narray {\r\n}\r\n", "spidec 1\narray {\n}\n");
    becomes("", "");
    becomes(" \n\n", "");
}

#[test]
fn unfinished_and_misplaced_statements_keep_their_parts() {
    becomes(
        "seed =\nspidec 1 // a\nnetwork {\nspidec // b\nforward a -> // c\npopulation x // d\n}\n",
        "seed =
spidec 1                                            // a
network {
  spidec                                            // b
  forward a ->                                      // c
  population x                                      // d
}
",
    );
}

#[test]
fn what_cannot_be_read_is_refused_with_its_code() {
    for (text, code) in [
        ("spidec 1\nnetwork n {\n", "E003"),
        ("spidec 1\narray { lanes = 1.2.3 }\n", "E006"),
        ("spidec 1\narray { lanes == 4 }\n", "E002"),
        ("spidec 2\narray { }\n", "E011"),
    ] {
        let errors = format(text).expect_err(text);
        assert_eq!(errors[0].code.name(), code, "{errors:?}");
    }
}
