//! The hash of a package: Go's `h1`, which Terraform uses for providers.

use super::PackageError;
use super::checksum::{digest_of, hexadecimal};
use base64::Engine;
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::Path;

/// `h1:` and, in Base64, the SHA-256 of the list of files: for each, in the order of their paths, the SHA-256 of the content and the
/// path. A link counts as the file that it leads to; one to a folder by the text of where it leads.
///
/// # Errors
/// A file can't be read.
pub fn hash_folder(folder: &Path) -> Result<String, PackageError> {
    let mut files = Vec::new();
    collect(folder, "", &mut files).map_err(|error| PackageError::file(folder, error))?;
    files.sort();
    let mut list = Sha256::new();
    for (name, hash) in files {
        list.update(format!("{hash}  {name}\n"));
    }
    Ok(format!("h1:{}", base64::engine::general_purpose::STANDARD.encode(list.finalize())))
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
        } else if kind.is_symlink() && !path.is_file() {
            let end = fs::read_link(&path)?;
            files.push((name, hexadecimal(&Sha256::digest(end.to_string_lossy().as_bytes()))));
        } else {
            files.push((name, digest_of::<Sha256>(&path)?));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::hash_folder;

    #[test]
    fn the_hash_is_that_of_go() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        std::fs::write(folder.path().join("main.tf"), "a\n").unwrap();
        std::fs::write(folder.path().join("sub/b.tf"), "b\n").unwrap();
        // { sha256sum main.tf; sha256sum sub/b.tf; } | sha256sum, in Base64
        assert_eq!(hash_folder(folder.path()).unwrap(), "h1:x8KZetXxvqS2BnyErLkVoVQuqqql5qSDtdGI5JNWs3w=");
        std::fs::write(folder.path().join("sub/b.tf"), "c\n").unwrap();
        assert_ne!(hash_folder(folder.path()).unwrap(), "h1:x8KZetXxvqS2BnyErLkVoVQuqqql5qSDtdGI5JNWs3w=");
    }
}
