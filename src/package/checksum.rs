//! The `checksum=` of an address: what the archive must be.

use super::PackageError;
use sha2::Digest;
use std::fs::File;
use std::path::Path;

/// What an archive must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checksum {
    algorithm: Algorithm,
    /// In small hexadecimal digits.
    expected: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

/// Names, and how many hexadecimal digits a checksum has.
const ALGORITHMS: [(&str, usize, Algorithm); 4] =
    [("md5", 32, Algorithm::Md5), ("sha1", 40, Algorithm::Sha1), ("sha256", 64, Algorithm::Sha256), ("sha512", 128, Algorithm::Sha512)];

impl Checksum {
    /// Reads `sha256:0123…`, or the digits alone.
    pub(super) fn parse(text: &str) -> Result<Checksum, PackageError> {
        let (name, digits) = text.split_once(':').map_or((None, text), |(name, digits)| (Some(name), digits));
        let fits = |(known, length, _): &&(&str, usize, Algorithm)| name.is_none_or(|name| name == *known) && digits.len() == *length;
        match ALGORITHMS.iter().find(fits) {
            Some((_, _, algorithm)) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Ok(Checksum { algorithm: *algorithm, expected: digits.to_ascii_lowercase() })
            }
            _ => Err(PackageError::new(format!(
                "checksum is {text:?}; it must be md5, sha1, sha256 or sha512, a colon and the hexadecimal digits of such a checksum"
            ))),
        }
    }

    /// Compares a file with it.
    ///
    /// # Errors
    /// The file is another one, or can't be read.
    pub(super) fn check(&self, path: &Path) -> Result<(), PackageError> {
        let found = match self.algorithm {
            Algorithm::Md5 => digest_of::<md5::Md5>(path),
            Algorithm::Sha1 => digest_of::<sha1::Sha1>(path),
            Algorithm::Sha256 => digest_of::<sha2::Sha256>(path),
            Algorithm::Sha512 => digest_of::<sha2::Sha512>(path),
        };
        let found = found.map_err(|error| PackageError::file(path, error))?;
        if found == self.expected {
            return Ok(());
        }
        Err(PackageError::new(format!("checksums did not match: expected {}, got {found}", self.expected)))
    }
}

/// The digest of a file, in small hexadecimal digits.
pub(super) fn digest_of<D: Digest + std::io::Write>(path: &Path) -> std::io::Result<String> {
    let mut digest = D::new();
    std::io::copy(&mut File::open(path)?, &mut digest)?;
    Ok(hexadecimal(&digest.finalize()))
}

/// Bytes in small hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::Checksum;

    #[test]
    fn files_are_compared() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc").unwrap();
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for good in [sha256.to_owned(), format!("sha256:{}", sha256.to_uppercase()), "md5:900150983cd24fb0d6963f7d28e17f72".to_owned()] {
            assert_eq!(Checksum::parse(&good).unwrap().check(file.path()), Ok(()), "{good}");
        }
        let other = Checksum::parse("md5:00000000000000000000000000000000").unwrap().check(file.path()).unwrap_err();
        assert_eq!(
            other.to_string(),
            "checksums did not match: expected 00000000000000000000000000000000, got 900150983cd24fb0d6963f7d28e17f72"
        );
        for bad in ["", "md5:12", "file:sums", "crc:00", "sha1:zz0150983cd24fb0d6963f7d28e17f7200000000"] {
            assert!(Checksum::parse(bad).is_err(), "{bad}");
        }
    }
}
