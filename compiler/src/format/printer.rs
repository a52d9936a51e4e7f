//! The tree and the comments to lines, in the order of the text.

use super::columns::{self, COLUMNS, Row, SHAPE, pad, rows};
use super::comments::{Comment, comments};
use super::line::Line;
use super::values::{Item, bracketed, flat, is_flat};
use crate::syntax::{Block, File, Statement, Value, Version};
use std::iter::Peekable;
use std::vec::IntoIter;

/// Spaces a level.
const INDENT: usize = 2;

/// Prints a file.
pub(super) struct Printer<'a> {
    text: &'a str,
    /// The comments that are not printed yet.
    comments: Peekable<IntoIter<Comment<'a>>>,
    lines: Vec<Line<'a>>,
    indent: usize,
    /// Where the text ends that is printed.
    end: usize,
    /// Nothing is printed yet of the file, block or brackets: no blank line comes first.
    first: bool,
}

/// What stands in a file or a block.
enum Part<'a> {
    Version(&'a Version),
    Block(&'a Block),
    Statement(&'a Statement),
}

impl Part<'_> {
    fn start(&self) -> usize {
        match self {
            Part::Version(version) => version.span.start,
            Part::Block(block) => block.header.start,
            Part::Statement(statement) => statement.span.start,
        }
    }
}

impl<'a> Printer<'a> {
    pub(super) fn new(text: &'a str) -> Printer<'a> {
        Printer {
            text,
            comments: comments(text).into_iter().peekable(),
            lines: Vec::new(),
            indent: 0,
            end: 0,
            first: true,
        }
    }

    pub(super) fn file(mut self, file: &File) -> Vec<Line<'a>> {
        let inside = |version: &Version| {
            let at = version.span.start;
            let mut blocks = file.blocks.iter();
            blocks.any(|block| block.header.start < at && block.end.is_none_or(|end| at < end))
        };
        let versions = file.versions.iter().filter(|version| !inside(version));
        let blocks = file.blocks.iter().map(Part::Block);
        let stray = file.stray.iter().map(Part::Statement);
        let parts = versions.map(Part::Version).chain(blocks).chain(stray);
        self.parts(file, parts.collect());
        self.comments_before(self.text.len());
        self.lines
    }

    fn parts(&mut self, file: &File, mut parts: Vec<Part>) {
        parts.sort_by_key(Part::start);
        let statements = parts.iter().filter_map(|part| match part {
            Part::Statement(statement) => Some(*statement),
            _ => None,
        });
        let mut rows = rows(self.text, &statements.collect::<Vec<_>>()).into_iter();
        for part in &parts {
            self.begin(part.start());
            match part {
                Part::Version(version) => self.version(version),
                Part::Block(block) => self.block(file, block),
                Part::Statement(statement) => {
                    if let Some(row) = rows.next() {
                        self.statement(statement, &row);
                    }
                }
            }
        }
    }

    fn version(&mut self, version: &Version) {
        self.write("spidec");
        self.end = version.span.start + "spidec".len();
        if let Some(number) = &version.number {
            self.write(&format!(" {}", number.text));
            self.end = number.span.end;
        }
    }

    fn block(&mut self, file: &File, block: &Block) {
        self.write(&block.keyword.text);
        if let Some(name) = &block.name {
            self.write(&format!(" {}", name.text));
        }
        self.write(" {");
        self.end = block.header.end;
        self.indent += INDENT;
        self.first = true;
        let end = block.end.unwrap_or(self.text.len());
        self.comments_before(block.header.end);
        let versions = file.versions.iter();
        let versions = versions.filter(|v| (block.header.end..end).contains(&v.span.start));
        let statements = block.statements.iter().map(Part::Statement);
        let parts = versions.map(Part::Version).chain(statements).collect();
        self.parts(file, parts);
        self.comments_before(end);
        self.indent -= INDENT;
        self.line();
        self.write("}");
        self.end = end;
        self.first = false;
    }

    fn statement(&mut self, statement: &Statement, row: &Row) {
        let open_shape = { statement.shape.as_ref() }.filter(|shape| !is_flat(self.text, shape));
        for c in 0..COLUMNS {
            if row.widths[c] > 0 && (c < SHAPE || open_shape.is_none()) {
                self.write(&(pad(&row.cells[c], row.widths[c]) + " "));
            }
        }
        if let Some(shape) = open_shape {
            self.value(shape);
            self.write(" ");
        }
        if let Some(definition) = &statement.definition {
            self.write("= ");
            match (row.call(), &definition.value) {
                (Some(call), _) => self.write(&call),
                (None, Some(value)) => self.value(value),
                (None, None) => {}
            }
        }
        self.end = columns::end(self.text, statement);
    }

    /// A value, from where the last line ends.
    fn value(&mut self, value: &Value) {
        let parts = bracketed(self.text, value).filter(|_| !is_flat(self.text, value));
        let Some(parts) = parts else {
            return self.write(&flat(self.text, value));
        };
        self.write(&parts.open);
        self.end = parts.inside;
        if parts.is_open(self.text, value) {
            self.indent += INDENT;
            self.first = true;
            for item in &parts.items {
                self.begin(item.start);
                self.item(item);
                self.write(",");
            }
            self.comments_before(value.span.end);
            self.indent -= INDENT;
            self.line();
        } else {
            for (k, item) in parts.items.iter().enumerate() {
                self.write(if k > 0 { ", " } else { "" });
                self.item(item);
            }
        }
        self.write(parts.close);
        self.end = value.span.end;
        self.first = false;
    }

    fn item(&mut self, item: &Item) {
        if let Some(name) = item.name {
            self.write(&format!("{name} = "));
        }
        self.value(item.value);
        self.end = item.end;
    }

    /// A new line for what stands there, after the comments before it.
    fn begin(&mut self, start: usize) {
        self.comments_before(start);
        self.blank_before(start);
        self.line();
        self.first = false;
    }

    /// Prints the comments up to there: behind the code that they stand behind, or on lines of their own.
    fn comments_before(&mut self, place: usize) {
        while let Some(comment) = self.comments.next_if(|c| c.span.start < place) {
            match self.lines.last_mut() {
                Some(line) if !comment.own_line && line.comment.is_none() => {
                    line.comment = Some(comment.text);
                }
                _ => {
                    self.blank_before(comment.span.start);
                    self.first = false;
                    self.lines.push(Line {
                        indent: self.indent,
                        comment: Some(comment.text),
                        ..Line::default()
                    });
                }
            }
            self.end = self.end.max(comment.span.end);
        }
    }

    /// A blank line, if there are some before that place.
    fn blank_before(&mut self, start: usize) {
        let gap = self.text.get(self.end..start).unwrap_or_default();
        if !self.first && gap.matches('\n').count() > 1 {
            self.lines.push(Line::default());
        }
    }

    fn line(&mut self) {
        self.lines.push(Line {
            indent: self.indent,
            ..Line::default()
        });
    }

    fn write(&mut self, text: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.code += text;
        }
    }
}
