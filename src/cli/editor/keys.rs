//! Bytes of a terminal → keys.

/// A key, or what it is pressed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Text(char),
    Enter,
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D: the end of the input on an empty line, else what Delete does.
    EndOfInput,
    Tab,
    Backspace,
    Delete,
    Left,
    Right,
    WordLeft,
    WordRight,
    Home,
    End,
    Up,
    Down,
    /// Ctrl-K.
    CutToEnd,
    /// Ctrl-U.
    CutToStart,
    /// Ctrl-W.
    CutWord,
    /// Ctrl-Y.
    Paste,
    /// Ctrl-L.
    Clear,
}

/// Puts keys together from bytes.
#[derive(Default)]
pub(super) struct Keys {
    pending: Vec<u8>,
}

/// No terminal sends longer sequences for a key.
const SEQUENCE_BYTES_MAX: usize = 16;

impl Keys {
    /// Takes a byte; the key that it completes, if it is one that means something.
    pub(super) fn push(&mut self, byte: u8) -> Option<Key> {
        self.pending.push(byte);
        let key = match self.pending.as_slice() {
            [0x1b] | [0x1b, b'[' | b'O'] => return None,
            [0x1b, b'[', parameters @ .., last] if !(0x40..=0x7e).contains(last) && parameters.len() < SEQUENCE_BYTES_MAX => return None,
            [0x1b, b'[' | b'O', parameters @ .., last] => sequence(parameters, *last),
            [0x1b, byte] => with_alt(*byte),
            [byte] if *byte < 0x20 || *byte == 0x7f => control(*byte),
            bytes => match std::str::from_utf8(bytes) {
                Ok(text) => text.chars().next().map(Key::Text),
                Err(error) if error.error_len().is_none() => return None,
                Err(_) => None,
            },
        };
        self.pending.clear();
        key
    }
}

fn control(byte: u8) -> Option<Key> {
    Some(match byte {
        0x01 => Key::Home,
        0x02 => Key::Left,
        0x03 => Key::Interrupt,
        0x04 => Key::EndOfInput,
        0x05 => Key::End,
        0x06 => Key::Right,
        0x08 | 0x7f => Key::Backspace,
        0x09 => Key::Tab,
        0x0a | 0x0d => Key::Enter,
        0x0b => Key::CutToEnd,
        0x0c => Key::Clear,
        0x0e => Key::Down,
        0x10 => Key::Up,
        0x15 => Key::CutToStart,
        0x17 => Key::CutWord,
        0x19 => Key::Paste,
        _ => return None,
    })
}

fn with_alt(byte: u8) -> Option<Key> {
    match byte {
        b'b' => Some(Key::WordLeft),
        b'f' => Some(Key::WordRight),
        0x7f => Some(Key::CutWord),
        _ => None,
    }
}

fn sequence(parameters: &[u8], last: u8) -> Option<Key> {
    // 5 is Ctrl and 3 is Alt: `ESC [ 1 ; 5 C`.
    let by_words = matches!(parameters, [.., b';', b'5' | b'3']);
    Some(match (last, parameters) {
        (b'A', _) => Key::Up,
        (b'B', _) => Key::Down,
        (b'C', _) if by_words => Key::WordRight,
        (b'D', _) if by_words => Key::WordLeft,
        (b'C', _) => Key::Right,
        (b'D', _) => Key::Left,
        (b'H', _) | (b'~', b"1" | b"7") => Key::Home,
        (b'F', _) | (b'~', b"4" | b"8") => Key::End,
        (b'~', b"3") => Key::Delete,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Key, Keys};

    #[test]
    fn bytes_are_keys() {
        for (bytes, expected) in [
            (&b"a"[..], vec![Key::Text('a')]),
            ("ä€".as_bytes(), vec![Key::Text('ä'), Key::Text('€')]),
            (b"\x1b[A\x1b[D\x1b[1;5D\x1bOH\x1b[3~", vec![Key::Up, Key::Left, Key::WordLeft, Key::Home, Key::Delete]),
            (b"\x1bb\x1b\x7f\x1bx", vec![Key::WordLeft, Key::CutWord]),
            (b"\x01\x03\x04\r\n\t", vec![Key::Home, Key::Interrupt, Key::EndOfInput, Key::Enter, Key::Enter, Key::Tab]),
            (b"\x1b[200~x", vec![Key::Text('x')]),
            (b"\xffx", vec![Key::Text('x')]),
        ] {
            let mut keys = Keys::default();
            let found: Vec<Key> = bytes.iter().filter_map(|byte| keys.push(*byte)).collect();
            assert_eq!(found, expected, "{bytes:?}");
        }
    }
}
