//! Terraform's flags have one dash, clap's two; both are taken.

use std::ffi::OsString;

/// Turns `-flag` and `-flag=value` into `--flag…`. What follows `--` stays, and so does a lone dash.
pub fn normalize(arguments: Vec<OsString>) -> Vec<OsString> {
    let mut literal = false;
    let mut result = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let text = argument.to_str().unwrap_or("");
        literal |= text == "--";
        let is_single = text.len() > 2 && text.starts_with('-') && !text.starts_with("--") && text.as_bytes()[1].is_ascii_alphabetic();
        match text {
            _ if literal => result.push(argument),
            "-v" => result.push("--version".into()),
            _ if is_single => result.push(format!("-{text}").into()),
            _ => result.push(argument),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_dashes_become_double_ones() {
        let given = ["windlass", "-chdir=x", "plan", "-out", "f", "--json", "-h", "-", "--", "-raw"].map(OsString::from);
        let expected = ["windlass", "--chdir=x", "plan", "--out", "f", "--json", "-h", "-", "--", "-raw"].map(OsString::from);
        assert_eq!(normalize(given.to_vec()), expected);
    }
}
