//! Which element of an old sequence answers to which of a new one.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::collections::HashMap;

/// Elements side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row<'a, T> {
    /// In both.
    Same(&'a T, &'a T),
    /// One for the other.
    Changed(&'a T, &'a T),
    /// In the old one only.
    Removed(&'a T),
    /// In the new one only.
    Added(&'a T),
}

/// Aligns two sequences. Of the same length they are compared place by place; else by what they have in common, where elements that
/// `is_compound` holds of, and that take each other's place, are one change. `key` is equal for equal elements.
pub fn align<'a, T>(old: &'a [T], new: &'a [T], key: impl Fn(&T) -> String, is_compound: impl Fn(&T) -> bool) -> Vec<Row<'a, T>> {
    let mut numbers = HashMap::new();
    let mut number = |element: &T| {
        let next = numbers.len();
        *numbers.entry(key(element)).or_insert(next)
    };
    let before: Vec<usize> = old.iter().map(&mut number).collect();
    let after: Vec<usize> = new.iter().map(&mut number).collect();
    if old.len() == new.len() {
        let row = |index: usize| match before[index] == after[index] {
            true => Row::Same(&old[index], &new[index]),
            false => Row::Changed(&old[index], &new[index]),
        };
        return (0..old.len()).map(row).collect();
    }
    let mut rows = Vec::new();
    for operation in capture_diff_slices(Algorithm::Myers, &before, &after) {
        let (old, new) = (&old[operation.old_range()], &new[operation.new_range()]);
        if let DiffOp::Equal { .. } = operation {
            rows.extend(old.iter().zip(new).map(|(old, new)| Row::Same(old, new)));
            continue;
        }
        let paired = old.iter().zip(new).take_while(|(old, new)| is_compound(old) && is_compound(new)).count();
        rows.extend(old.iter().zip(new).take(paired).map(|(old, new)| Row::Changed(old, new)));
        rows.extend(old[paired..].iter().map(Row::Removed));
        rows.extend(new[paired..].iter().map(Row::Added));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(old: &str, new: &str) -> String {
        let split = |text: &str| text.chars().collect::<Vec<_>>();
        let (old, new) = (split(old), split(new));
        let row = |row: Row<'_, char>| match row {
            Row::Same(text, _) => format!(" {text}"),
            Row::Changed(old, new) => format!("~{old}{new}"),
            Row::Removed(text) => format!("-{text}"),
            Row::Added(text) => format!("+{text}"),
        };
        align(&old, &new, char::to_string, char::is_ascii_uppercase).into_iter().map(row).collect()
    }

    #[test]
    fn sequences_are_aligned() {
        assert_eq!(rows("abc", "bcd"), "~ab~bc~cd");
        assert_eq!(rows("abc", "ac"), " a-b c");
        assert_eq!(rows("abcde", "aBcDfe"), " a-b+B c-d+D+f e");
        assert_eq!(rows("AB", "XBC"), "~AX B+C");
        assert_eq!(rows("", "ab"), "+a+b");
    }
}
