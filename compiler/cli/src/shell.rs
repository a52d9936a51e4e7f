//! Commands as they are typed.

use std::path::Path;

/// How spidec was called.
pub(crate) fn spidec() -> &'static str {
    // Set by `cargo run`.
    match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(_) => "cargo run -qp spidec --",
        None => "spidec",
    }
}

/// A path as a shell takes it.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-:\\".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_read_more() {
        for (word, wanted) in [
            ("net.fsnn", "net.fsnn"),
            ("my nets/a.fsnn", "'my nets/a.fsnn'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
            ("$HOME", "'$HOME'"),
        ] {
            assert_eq!(quoted(Path::new(word)), wanted);
        }
    }
}
