//! Archives: zip and tar, unpacked without leaving the folder that they are meant for.
//!
//! What an archive must not hold: absolute paths, paths with `..`, links out of it, devices. A link is kept only if where it leads
//! lies inside; nothing is ever written through one.

use super::{PackageError, folder};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};

/// What an archive may come to when it is unpacked, so that a small file can't fill the disk.
pub(super) const UNPACKED_BYTES_MAX: u64 = 4 << 30;
/// How much memory unpacking may take that an xz archive asks for.
const XZ_MEMORY_KIBIBYTES_MAX: u32 = 512 << 10;
/// How many files and folders an archive may hold.
const ENTRIES_MAX: usize = 200_000;

/// A kind of archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Zip,
    Tar,
    TarGz,
    TarBz2,
    TarXz,
}

/// The endings of files' names.
const ENDINGS: [(&str, Kind); 8] = [
    ("zip", Kind::Zip),
    ("tar", Kind::Tar),
    ("tar.gz", Kind::TarGz),
    ("tgz", Kind::TarGz),
    ("tar.bz2", Kind::TarBz2),
    ("tbz2", Kind::TarBz2),
    ("tar.xz", Kind::TarXz),
    ("txz", Kind::TarXz),
];

impl Kind {
    /// By the ending of a file's name.
    pub(super) fn of_name(name: &str) -> Option<Kind> {
        let name = name.to_ascii_lowercase();
        let is_its = |ending: &str| name.strip_suffix(ending).is_some_and(|stem| stem.ends_with('.'));
        ENDINGS.iter().find(|(ending, _)| is_its(ending)).map(|(_, kind)| *kind)
    }

    /// The endings in words.
    pub(super) fn endings() -> String {
        ENDINGS.map(|(ending, _)| ending).join(", ")
    }
}

/// Unpacks a file into a folder.
///
/// # Errors
/// The file is no such archive, too large, or holds what it must not.
pub(super) fn unpack(file: &Path, kind: Kind, into: &Path) -> Result<(), PackageError> {
    let opened = File::open(file).map_err(|error| PackageError::file(file, error))?;
    fs::create_dir_all(into).map_err(|error| PackageError::file(into, error))?;
    let mut target = Target { folder: into, entries: 0, left: UNPACKED_BYTES_MAX, links: Vec::new() };
    let reader = BufReader::new(opened);
    let done = match kind {
        Kind::Zip => target.zip(reader),
        Kind::Tar => target.tar(reader),
        Kind::TarGz => target.tar(flate2::bufread::MultiGzDecoder::new(reader)),
        Kind::TarBz2 => target.tar(bzip2::bufread::MultiBzDecoder::new(reader)),
        Kind::TarXz => target.tar(lzma_rust2::XzReader::new_mem_limit(reader, true, XZ_MEMORY_KIBIBYTES_MAX)),
    };
    done.and_then(|()| target.make_links()).map_err(|error| PackageError::new(format!("the archive can't be unpacked: {error}")))
}

struct Target<'a> {
    folder: &'a Path,
    entries: usize,
    left: u64,
    /// Where links stand and lead; made last, so that nothing is written through them.
    links: Vec<(PathBuf, PathBuf)>,
}

impl Target<'_> {
    fn zip(&mut self, reader: BufReader<File>) -> io::Result<()> {
        let mut archive = zip::ZipArchive::new(reader)?;
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index)?;
            let name = entry.name().to_owned();
            let path = self.inside(&name)?;
            if entry.is_symlink() {
                let mut link = String::new();
                entry.by_ref().take(4096).read_to_string(&mut link)?;
                self.links.push((path, PathBuf::from(link)));
            } else if entry.is_dir() {
                fs::create_dir_all(self.folder.join(&path))?;
            } else {
                let executable = entry.unix_mode().is_some_and(|mode| mode & 0o100 != 0);
                self.file(&path, &mut entry, executable)?;
            }
        }
        Ok(())
    }

    fn tar(&mut self, reader: impl Read) -> io::Result<()> {
        let mut archive = tar::Archive::new(reader);
        for entry in archive.entries()? {
            let mut entry = entry?;
            let kind = entry.header().entry_type();
            if matches!(kind, tar::EntryType::XGlobalHeader | tar::EntryType::XHeader) {
                continue;
            }
            let name = entry.path()?.to_string_lossy().into_owned();
            let path = self.inside(&name)?;
            if kind.is_dir() {
                fs::create_dir_all(self.folder.join(&path))?;
            } else if kind.is_symlink() {
                let link = entry.link_name()?.map(|link| link.into_owned()).unwrap_or_default();
                self.links.push((path, link));
            } else if kind.is_hard_link() {
                let link = entry.link_name()?.map(|link| link.to_string_lossy().into_owned()).unwrap_or_default();
                let other = self.folder.join(self.inside(&link)?);
                let mut other = File::open(&other).map_err(|error| refused(format!("{name:?} is a link to {link:?}: {error}")))?;
                self.file(&path, &mut other, false)?;
            } else if kind.is_file() || kind == tar::EntryType::Continuous || kind == tar::EntryType::GNUSparse {
                let executable = entry.header().mode().is_ok_and(|mode| mode & 0o100 != 0);
                self.file(&path, &mut entry, executable)?;
            } else {
                return Err(refused(format!("{name:?} is neither a file, a folder nor a link")));
            }
        }
        Ok(())
    }

    /// The path of an entry, if it lies inside.
    fn inside(&mut self, name: &str) -> io::Result<PathBuf> {
        self.entries += 1;
        if self.entries > ENTRIES_MAX {
            return Err(refused(format!("it holds more than {ENTRIES_MAX} files and folders")));
        }
        let name = name.replace('\\', "/");
        let mut path = PathBuf::new();
        for component in Path::new(&name).components() {
            match component {
                Component::Normal(part) => path.push(part),
                Component::CurDir => {}
                _ => return Err(refused(format!("the path {name:?} leads outside of it"))),
            }
        }
        Ok(path)
    }

    fn file(&mut self, path: &Path, content: &mut impl Read, executable: bool) -> io::Result<()> {
        let target = self.folder.join(path);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = File::create(&target)?;
        // One byte more than is left, so that too much shows.
        let copied = io::copy(&mut content.take(self.left + 1), &mut file)?;
        self.left = self.left.checked_sub(copied).ok_or_else(|| {
            refused(format!("unpacked it is larger than {} GiB, which is the limit for a module package", UNPACKED_BYTES_MAX >> 30))
        })?;
        file.flush()?;
        #[cfg(unix)]
        if executable {
            fs::set_permissions(&target, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        }
        let _ = executable;
        Ok(())
    }

    /// Makes the links whose ends lie inside, by their text: no other link may stand on the way.
    fn make_links(&self) -> io::Result<()> {
        let places: BTreeSet<&Path> = self.links.iter().map(|(place, _)| place.as_path()).collect();
        for (place, link) in &self.links {
            let outside = || refused(format!("the link {} leads to {}, outside of it", place.display(), link.display()));
            let mut end: PathBuf = place.parent().unwrap_or(Path::new("")).to_owned();
            for component in link.components() {
                match component {
                    Component::Normal(part) => end.push(part),
                    Component::CurDir => {}
                    // Above a link it is not told by the text where `..` leads.
                    Component::ParentDir if !places.contains(end.as_path()) && end.pop() => {}
                    _ => return Err(outside()),
                }
            }
            let path = self.folder.join(place);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            folder::link(link, &path)?;
        }
        Ok(())
    }
}

fn refused(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests;
