//! Sizes, such as `4 TiB`.

/// A size in bytes; decimal (`GB`) and binary (`GiB`) units.
pub(super) fn bytes(text: &str) -> Option<f64> {
    let text = text.trim();
    let split = text.find(|character: char| !character.is_ascii_digit() && character != '.')?;
    let number: f64 = text[..split].parse().ok()?;
    let (base, letter): (f64, &str) = match text[split..].trim() {
        "B" => return Some(number),
        unit if unit.ends_with("iB") => (1024.0, &unit[..unit.len() - 2]),
        unit if unit.ends_with('B') => (1000.0, &unit[..unit.len() - 1]),
        _ => return None,
    };
    let power = ["K", "M", "G", "T", "P"].iter().position(|known| *known == letter)? + 1;
    Some(number * base.powi(power as i32))
}

/// A size in GiB.
pub(super) fn gib(text: &str) -> Option<f64> {
    bytes(text).map(|bytes| bytes / 1024_f64.powi(3))
}

#[cfg(test)]
mod tests {
    use super::{bytes, gib};

    #[test]
    fn sizes() {
        assert_eq!(gib("4 TiB"), Some(4096.0));
        assert_eq!(gib("512MiB"), Some(0.5));
        assert_eq!(bytes("1.5 GB"), Some(1.5e9));
        for broken in ["", "4", "TiB", "4 XiB", "4 tib", "-1 GiB"] {
            assert_eq!(bytes(broken), None, "{broken}");
        }
    }
}
