//! Lines to blocks, with recovery from braces that are missing or too many.

use super::parse::Rule;
use super::tree::{span, statement, word};
use super::{BLOCKS, Block, File, Span, Statement, Version, Word, broken};
use crate::diagnostics::{Code, Diagnostic};
use pest::iterators::Pair;

/// Puts blocks together from lines.
pub(super) struct Builder<'a> {
    text: &'a str,
    file: File,
    block: Option<Block>,
    /// Braces open inside of the block, which may have none.
    nested: usize,
    /// The broken line just read: a brace after it belongs to it.
    broken: Option<Span>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: &'a str) -> Builder<'a> {
        Builder {
            text,
            file: File::default(),
            block: None,
            nested: 0,
            broken: None,
            diagnostics: Vec::new(),
        }
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn line(&mut self, line: Pair<Rule>) {
        let broken = self.broken.take();
        match line.as_rule() {
            Rule::open => self.open(line, broken),
            Rule::close => self.close(span(&line)),
            Rule::version => self.version(line),
            Rule::statement => self.statement(line),
            Rule::broken => self.broken(span(&line)),
            _ => {}
        }
    }

    fn open(&mut self, line: Pair<Rule>, broken: Option<Span>) {
        let place = span(&line);
        let mut words = line.into_inner().filter(|p| p.as_rule() == Rule::word);
        let keyword = words.next().map(word);
        let name = words.next().map(word);
        if let (None, Some(line)) = (&keyword, broken) {
            return self.open_broken(line);
        }
        match (self.block.take(), keyword) {
            (Some(block), Some(keyword)) if BLOCKS.contains(&keyword.text.as_str()) => {
                self.unclosed(&block);
                self.file.blocks.push(block);
                self.start(keyword, name, place);
            }
            (None, Some(keyword)) => self.start(keyword, name, place),
            (block, _) => {
                self.block = block;
                self.nested += 1;
                self.diagnostics.push(Diagnostic::new(
                    Code::Brace,
                    place,
                    "a `{` that opens no block".to_string(),
                    "no block can begin here",
                    "blocks are `network NAME { }`, `training { }` and `array { }`, and none stands inside another",
                ));
            }
        }
    }

    /// A brace after a broken line, whose error is reported. Outside of all blocks the line was a
    /// header; its first word may be the keyword.
    fn open_broken(&mut self, line: Span) {
        if self.block.is_some() {
            return;
        }
        match broken::words(self.text, line).next() {
            Some(keyword) if BLOCKS.contains(&keyword.text.as_str()) => {
                self.start(keyword, None, line);
                if let Some(block) = &mut self.block {
                    block.damaged = broken::words(self.text, line).map(|w| w.text).collect();
                }
            }
            _ => self.nested += 1,
        }
    }

    fn start(&mut self, keyword: Word, name: Option<Word>, header: Span) {
        self.nested = 0;
        self.block = Some(Block {
            keyword,
            name,
            header,
            end: None,
            statements: Vec::new(),
            damaged: Vec::new(),
        });
    }

    fn close(&mut self, place: Span) {
        if self.nested > 0 {
            self.nested -= 1;
        } else if let Some(mut block) = self.block.take() {
            block.end = Some(place.end);
            self.file.blocks.push(block);
        } else {
            self.diagnostics.push(Diagnostic::new(
                Code::Brace,
                place,
                "a `}` that closes no block".to_string(),
                "no block is open here",
                "remove it, or open a block before it: `network NAME {`, `training {` or `array {`",
            ));
        }
    }

    fn unclosed(&mut self, block: &Block) {
        self.diagnostics.push(Diagnostic::new(
            Code::Unclosed,
            block.keyword.span,
            format!("the block `{}` is never closed", block.keyword.text),
            "opened here",
            "write `}` on a line of its own after the last statement of the block",
        ));
    }

    fn version(&mut self, line: Pair<Rule>) {
        let span = span(&line);
        let number = line.into_inner().find(|p| p.as_rule() == Rule::word);
        self.file.versions.push(Version {
            number: number.map(word),
            span,
        });
    }

    fn statement(&mut self, line: Pair<Rule>) {
        if self.nested > 0 {
            return;
        }
        let Some(statement) = statement(line, &mut self.diagnostics) else {
            return;
        };
        match &mut self.block {
            Some(block) => block.statements.push(statement),
            None if is_header(&statement) => {
                self.diagnostics
                    .push(missing_brace(self.text, statement.span));
                self.start(statement.keyword, statement.name, statement.span);
            }
            None => self.file.stray.push(statement),
        }
    }

    fn broken(&mut self, place: Span) {
        self.broken = Some(place);
        if self.nested > 0 {
            return;
        }
        if let Some(block) = &mut self.block {
            let words = broken::words(self.text, place).map(|word| word.text);
            block.damaged.extend(words);
        }
        self.diagnostics.push(broken::explain(self.text, place));
    }

    pub(super) fn finish(mut self) -> (File, Vec<Diagnostic>) {
        if let Some(block) = self.block.take() {
            self.unclosed(&block);
            self.file.blocks.push(block);
        }
        (self.file, self.diagnostics)
    }
}

/// Whether a statement outside of all blocks is a block's header without its brace.
fn is_header(statement: &Statement) -> bool {
    BLOCKS.contains(&statement.keyword.text.as_str())
        && statement.target.is_none()
        && statement.shape.is_none()
        && statement.definition.is_none()
}

fn missing_brace(text: &str, header: Span) -> Diagnostic {
    let place = Span {
        start: header.end,
        end: header.end,
    };
    let header = &text[header.start..header.end];
    Diagnostic::new(
        Code::Brace,
        place,
        format!("the block `{header}` has no `{{`"),
        "expected `{`",
        format!("write `{header} {{`"),
    )
}
