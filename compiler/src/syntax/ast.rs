//! The tree of a file: what was written and where, not yet what it means.

use spidec_ir::Number;

/// A range of bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// From the start of one to the end of the other.
    pub fn to(self, other: Span) -> Span {
        Span {
            start: self.start,
            end: other.end,
        }
    }
}

/// A word: a keyword, a name, or something that is neither.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// As written.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// A file, block by block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// Lines that begin with `spidec`, with the version that follows.
    pub versions: Vec<Version>,
    /// Blocks in the order of the text.
    pub blocks: Vec<Block>,
    /// Statements outside of any block.
    pub stray: Vec<Statement>,
}

/// `spidec 1`.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// The version, where one is written.
    pub number: Option<Word>,
    /// The whole line.
    pub span: Span,
}

/// `keyword name { statements }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The block's keyword.
    pub keyword: Word,
    /// Its name, where one is written.
    pub name: Option<Word>,
    /// From the keyword to the opening brace.
    pub header: Span,
    /// One past the closing brace, where there is one.
    pub end: Option<usize>,
    /// The statements that could be read.
    pub statements: Vec<Statement>,
    /// All words of lines that could not be read: what they name is not missing.
    pub damaged: Vec<String>,
}

/// One statement with the parts that are there.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The first word.
    pub keyword: Word,
    /// The second word.
    pub name: Option<Word>,
    /// `-> name`.
    pub target: Option<Target>,
    /// `[shape]`.
    pub shape: Option<Value>,
    /// `= value`.
    pub definition: Option<Definition>,
    /// The whole statement.
    pub span: Span,
}

/// `-> name`.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// What the arrow points at, where that is written.
    pub name: Option<Word>,
    /// Arrow and name.
    pub span: Span,
}

/// `= value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// The value, where one is written.
    pub value: Option<Value>,
    /// Sign and value.
    pub span: Span,
}

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// Where.
    pub span: Span,
}

/// The one value grammar.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueKind {
    /// A decimal number or a fraction.
    Number {
        /// Its value.
        number: Number,
        /// Its exact value where it is written as a whole number.
        whole: Option<u64>,
    },
    /// A name.
    Name(Word),
    /// A list.
    List(Vec<Value>),
    /// A call.
    Call {
        /// What is called.
        name: Word,
        /// Its arguments.
        arguments: Vec<Argument>,
    },
    /// Something whose error is reported already.
    Broken,
}

/// An argument of a call: named, or just a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The name, where there is one.
    pub name: Option<Word>,
    /// The value.
    pub value: Value,
    /// The whole argument.
    pub span: Span,
}
