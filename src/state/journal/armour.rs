//! A segment as text: for standard error, when no disk takes it, and back from what was saved of that.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN WINDLASS JOURNAL-----";
const END: &str = "-----END WINDLASS JOURNAL-----";
/// Characters a line.
const LINE: usize = 76;

/// A segment between two lines that say what it is.
pub fn armoured(segment: &[u8]) -> String {
    let encoded = STANDARD.encode(segment);
    let mut text = format!("{BEGIN}\n");
    for line in encoded.as_bytes().chunks(LINE) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text + END + "\n"
}

/// The segments that stand in a text, whatever else does: a log may hold other lines, and put a time before each.
/// `None` when one of them is not whole.
pub fn disarmoured(text: &str) -> Option<Vec<Vec<u8>>> {
    let mut segments = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines().map(str::trim_end) {
        match &mut open {
            None if line.ends_with(BEGIN) => open = Some(String::new()),
            None => {}
            Some(encoded) if line.ends_with(END) => {
                segments.push(STANDARD.decode(&*encoded).ok()?);
                open = None;
            }
            Some(encoded) => encoded.push_str(line.rsplit(char::is_whitespace).next().unwrap_or_default()),
        }
    }
    open.is_none().then_some(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_comes_back_out_of_a_log() {
        let segments: Vec<Vec<u8>> = vec![(0..=255).collect(), b"WLR1".to_vec()];
        let text = format!("before\n{}between\n{}after\n", armoured(&segments[0]), armoured(&segments[1]));
        assert_eq!(disarmoured(&text), Some(segments.clone()));
        let log: String = text.lines().map(|line| format!("2026-01-02T03:04:05Z  {line}\r\n")).collect();
        assert_eq!(disarmoured(&log), Some(segments));
        let cut = &text[..text.rfind(END).unwrap()];
        assert_eq!(disarmoured(cut), None);
        assert_eq!(disarmoured("nothing"), Some(Vec::new()));
    }
}
