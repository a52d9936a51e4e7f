//! The spidec command.
fn main() {}
