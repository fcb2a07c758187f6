//! Source files and places in them.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The number of a source file in its [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A range of bytes of a source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    /// The file.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Line and column, both from 1; the column counts characters (grapheme clusters), as Terraform's does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
    /// Byte offset, from 0.
    pub byte: usize,
}

/// One source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The name shown in messages, relative to the working folder.
    pub name: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
}

/// By file and start: the end of a block and what it is called.
type Blocks = BTreeMap<(SourceId, u32), (u32, Arc<str>)>;

/// All source files of a run. Saved plans embed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap {
    files: Vec<SourceFile>,
    /// Top-level blocks by where they begin, for [`SourceMap::context`].
    blocks: Arc<Blocks>,
}

impl Range {
    /// From the start of `self` to the end of `other`, which must be of the same file.
    #[must_use]
    pub fn to(self, other: Range) -> Range {
        debug_assert_eq!(self.source, other.source);
        Range { end: other.end.max(self.end), ..self }
    }
}

impl SourceMap {
    /// Adds a file.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> SourceId {
        self.files.push(SourceFile { name: name.into(), text: text.into() });
        SourceId((self.files.len() - 1) as u32)
    }

    /// A file.
    pub fn file(&self, id: SourceId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files in order of their ids.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// Notes a top-level block and its title, such as `resource "aws_vpc" "main"`.
    pub fn note_block(&mut self, range: Range, title: impl Into<Arc<str>>) {
        Arc::make_mut(&mut self.blocks).insert((range.source, range.start), (range.end, title.into()));
    }

    /// The title of the top-level block around a place; none where the block begins, for its header says the same.
    pub fn context(&self, range: Range) -> Option<&str> {
        let (_, (end, title)) = self.blocks.range((range.source, 0)..(range.source, range.start)).next_back()?;
        (range.start <= *end).then_some(title)
    }

    /// A place as messages give it: `main.tf:5,3-7`.
    pub fn place(&self, range: Range) -> String {
        let (start, end) = (self.position(range.source, range.start), self.position(range.source, range.end));
        let name = &self.file(range.source).name;
        match start.line == end.line {
            true => format!("{name}:{},{}-{}", start.line, start.column, end.column),
            false => format!("{name}:{},{}-{},{}", start.line, start.column, end.line, end.column),
        }
    }

    /// The text of a range.
    pub fn text(&self, range: Range) -> &str {
        &self.file(range.source).text[range.start as usize..range.end as usize]
    }

    /// The line and column of a byte of a file.
    pub fn position(&self, source: SourceId, byte: u32) -> Position {
        use unicode_segmentation::UnicodeSegmentation;
        let text = &self.file(source).text;
        let byte = (byte as usize).min(text.len());
        let line_start = text[..byte].rfind('\n').map_or(0, |position| position + 1);
        Position { line: text[..line_start].matches('\n').count() + 1, column: text[line_start..byte].graphemes(true).count() + 1, byte }
    }
}
