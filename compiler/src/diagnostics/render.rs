//! Findings as text for people: the source line with the place underlined.

use super::{Diagnostic, Severity};
use crate::syntax::Span;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet, normalize_untrusted_str};

/// All findings as one text, each followed by an empty line; with the codes of a terminal's colors if wanted.
///
/// `name` is what the file is called, `text` its contents.
pub fn render(name: &str, text: &str, diagnostics: &[Diagnostic], color: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    diagnostics
        .iter()
        .map(|diagnostic| one(&renderer, name, text, diagnostic) + "\n\n")
        .collect()
}

fn one(renderer: &Renderer, name: &str, text: &str, diagnostic: &Diagnostic) -> String {
    let labels = || std::iter::once(&diagnostic.label).chain(&diagnostic.secondary);
    // Only the lines that are shown: a long file with many findings is not read again for each.
    let first = labels().map(|label| label.span.start).min().unwrap_or(0);
    let last = labels().map(|label| label.span.end).max().unwrap_or(0);
    let start = text[..first].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[last..]
        .find('\n')
        .map_or(text.len(), |newline| last + newline);
    let line = 1 + text[..start].matches('\n').count();

    let annotation = |kind: AnnotationKind, span: Span, label: &str| {
        kind.span(span.start - start..span.end - start)
            .label(normalize_untrusted_str(label))
    };
    let snippet = Snippet::source(&text[start..end])
        .path(name)
        .line_start(line)
        .annotation(annotation(
            AnnotationKind::Primary,
            diagnostic.label.span,
            &diagnostic.label.text,
        ))
        .annotations(
            diagnostic
                .secondary
                .iter()
                .map(|label| annotation(AnnotationKind::Context, label.span, &label.text)),
        );
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let group = level
        .primary_title(normalize_untrusted_str(&diagnostic.message))
        .id(diagnostic.code.name())
        .element(snippet)
        .element(Level::HELP.message(normalize_untrusted_str(&diagnostic.help)));
    renderer.render(&[group])
}
