//! Where the bytes of a text stand in its source.

/// Where the bytes of a text stand in its source: as written, or with escapes in between, as in a JSON string.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Places {
    /// Byte of the text → byte of the source; each holds up to the next. The first is byte 0 of the text.
    segments: Vec<(u32, u32)>,
}

impl Places {
    /// A text that stands in its source as it is.
    pub(super) fn at(offset: u32) -> Places {
        Places { segments: vec![(0, offset)] }
    }

    /// From byte `text` on the text stands at byte `source`.
    pub(super) fn moved(&mut self, text: u32, source: u32) {
        self.segments.push((text, source));
    }

    /// The byte of the source.
    pub(super) fn in_source(&self, text: u32) -> u32 {
        let after = self.segments.partition_point(|(start, _)| *start <= text);
        let (start, source) = self.segments[after.saturating_sub(1)];
        source + (text - start)
    }

    /// The byte of the text that stands at a byte of the source.
    pub(super) fn in_text(&self, source: u32) -> u32 {
        let after = self.segments.partition_point(|(_, start)| *start <= source);
        let (text, start) = self.segments[after.saturating_sub(1)];
        text + source.saturating_sub(start)
    }
}
