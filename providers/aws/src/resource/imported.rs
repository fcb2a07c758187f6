//! The ids that objects are imported by.

use windlass_api::{Error, ErrorKind};

/// Two parts of an id around a separator, neither empty. `form` says what the id should look like, such as `role:name`.
pub(crate) fn two_parts<'i>(id: &'i str, separator: char, form: &str) -> Result<(&'i str, &'i str), Error> {
    id.split_once(separator)
        .filter(|(first, second)| !first.is_empty() && !second.is_empty())
        .ok_or_else(|| Error::new(ErrorKind::Invalid, format!("unexpected format of import ID ({id:?}), expected {form}")))
}

/// The id without the region that may follow it, as in `vpc-0a1b2c@us-west-2`.
pub(crate) fn id_and_region(id: &str) -> (&str, Option<&str>) {
    match id.rsplit_once('@') {
        Some((id, region)) if is_region(region) => (id, Some(region)),
        _ => (id, None),
    }
}

/// Whether a text looks like `eu-west-1` or `us-gov-east-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [place @ .., number] = parts.as_slice() else { return false };
    place.len() >= 2
        && place.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()))
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_may_follow_an_id() {
        assert_eq!(id_and_region("vpc-1@us-west-2"), ("vpc-1", Some("us-west-2")));
        assert_eq!(id_and_region("vpc-1"), ("vpc-1", None));
        assert_eq!(id_and_region("role:name@example.com"), ("role:name@example.com", None));
        assert_eq!(id_and_region("a@b@us-gov-east-1"), ("a@b", Some("us-gov-east-1")));
    }

    #[test]
    fn parts_are_not_empty() {
        assert_eq!(two_parts("role:name", ':', "role:name").unwrap(), ("role", "name"));
        assert_eq!(two_parts("role/arn:aws:iam::1:policy/a/b", '/', "role/arn").unwrap(), ("role", "arn:aws:iam::1:policy/a/b"));
        let error = two_parts("role", ':', "role:name").unwrap_err();
        assert_eq!(error.message, "unexpected format of import ID (\"role\"), expected role:name");
    }
}
