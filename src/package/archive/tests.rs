//! Tests of archives: every kind is unpacked, and nothing leaves the folder.

use super::{Kind, unpack};
use std::io::Write;
use std::path::Path;

/// An entry: path, content, and where it leads when it is a link.
type Item<'a> = (&'a str, &'a str, Option<&'a str>);

fn tar_of(items: &[Item]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, content, link) in items {
        let mut header = tar::Header::new_gnu();
        // Set by bytes: the library refuses to write what we want to see refused.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_mode(0o644);
        match link {
            Some(link) => {
                header.set_entry_type(tar::EntryType::Symlink);
                header.set_link_name_literal(link).unwrap();
                header.set_size(0);
            }
            None => header.set_size(content.len() as u64),
        }
        header.set_cksum();
        builder.append(&header, if link.is_some() { &[][..] } else { content.as_bytes() }).unwrap();
    }
    builder.into_inner().unwrap()
}

fn zip_of(items: &[Item]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (path, content, link) in items {
        match link {
            Some(link) => writer.add_symlink(*path, *link, options).unwrap(),
            None => {
                writer.start_file(*path, options).unwrap();
                writer.write_all(content.as_bytes()).unwrap();
            }
        }
    }
    writer.finish().unwrap().into_inner()
}

fn unpacked(kind: Kind, bytes: &[u8]) -> Result<tempfile::TempDir, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("archive"), bytes).unwrap();
    unpack(&folder.path().join("archive"), kind, &folder.path().join("into")).map_err(|error| error.to_string())?;
    Ok(folder)
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join("into").join(name)).unwrap()
}

#[test]
fn kinds_are_told_by_the_name() {
    for (name, kind) in [
        ("x.zip", Some(Kind::Zip)),
        ("x.tar.gz", Some(Kind::TarGz)),
        ("X.TGZ", Some(Kind::TarGz)),
        ("x.tbz2", Some(Kind::TarBz2)),
        ("x.tar.xz", Some(Kind::TarXz)),
        ("x.tar", Some(Kind::Tar)),
        ("x.gz", None),
        ("zip", None),
    ] {
        assert_eq!(Kind::of_name(name), kind, "{name}");
    }
}

#[test]
fn every_kind_is_unpacked() {
    let items = [("main.tf", "x", None), ("net/main.tf", "y", None), ("net/link.tf", "", Some("../main.tf"))];
    let tar = tar_of(&items);
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&tar).unwrap();
    let mut bz2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bz2.write_all(&tar).unwrap();
    for (kind, bytes) in [
        (Kind::Zip, zip_of(&items)),
        (Kind::Tar, tar),
        (Kind::TarGz, gz.finish().unwrap()),
        (Kind::TarBz2, bz2.finish().unwrap()),
        (Kind::TarXz, XZ.to_vec()),
    ] {
        let folder = unpacked(kind, &bytes).unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        assert_eq!(text(folder.path(), "main.tf"), "x", "{kind:?}");
        assert_eq!(text(folder.path(), "net/main.tf"), "y", "{kind:?}");
        assert_eq!(text(folder.path(), "net/link.tf"), "x", "{kind:?}");
    }
}

#[test]
fn nothing_leaves_the_folder() {
    for (items, expected) in [
        (vec![("../x", "", None)], "the path \"../x\" leads outside of it"),
        (vec![("/x", "", None)], "the path \"/x\" leads outside of it"),
        (vec![("a/../../x", "", None)], "leads outside of it"),
        (vec![("link", "", Some("/etc/passwd"))], "the link link leads to /etc/passwd, outside of it"),
        (vec![("a/link", "", Some("../../x"))], "outside of it"),
        (vec![("in", "", Some("a")), ("a/b", "", None), ("out", "", Some("in/../../x"))], "outside of it"),
    ] {
        for (kind, bytes) in [(Kind::Tar, tar_of(&items)), (Kind::Zip, zip_of(&items))] {
            let error = unpacked(kind, &bytes).expect_err("refused");
            assert!(error.contains(expected), "{kind:?} {items:?}: {error}");
        }
    }
    // A file whose path goes through a link of the same archive is not written there.
    let folder = unpacked(Kind::Tar, &tar_of(&[("dir", "", Some("/tmp")), ("dir/x", "", None)]));
    assert!(folder.is_err());
}

#[test]
fn what_is_no_archive_is_refused() {
    for kind in [Kind::Zip, Kind::Tar, Kind::TarGz, Kind::TarBz2, Kind::TarXz] {
        let error = unpacked(kind, b"<html>not here</html>").expect_err("refused");
        assert!(error.starts_with("the archive can't be unpacked: "), "{kind:?}: {error}");
    }
}

/// The same files by `tar -cJ`: the library that reads xz is built without its writer.
const XZ: &[u8] = &[
    253, 55, 122, 88, 90, 0, 0, 4, 230, 214, 180, 70, 2, 0, 33, 1, 22, 0, 0, 0, 116, 47, 229, 163, 224, 39, 255, 0, 129, 93, 0, 54, 152,
    73, 114, 133, 2, 210, 232, 225, 76, 212, 58, 77, 196, 197, 168, 181, 108, 209, 69, 92, 35, 231, 121, 19, 103, 249, 126, 227, 12, 131,
    204, 99, 185, 145, 76, 15, 26, 38, 145, 68, 207, 179, 244, 60, 128, 147, 62, 163, 216, 243, 243, 105, 95, 198, 161, 40, 162, 52, 97,
    246, 76, 78, 164, 147, 72, 3, 119, 147, 213, 106, 151, 29, 38, 253, 95, 240, 186, 136, 155, 72, 84, 190, 22, 118, 101, 1, 112, 90, 242,
    182, 118, 21, 55, 24, 147, 63, 204, 16, 120, 134, 136, 31, 219, 62, 78, 114, 250, 176, 80, 33, 88, 173, 62, 148, 42, 131, 224, 51, 151,
    116, 42, 213, 169, 122, 203, 156, 121, 0, 0, 0, 0, 0, 110, 0, 51, 159, 20, 8, 144, 70, 0, 1, 157, 1, 128, 80, 0, 0, 123, 96, 40, 222,
    177, 196, 103, 251, 2, 0, 0, 0, 0, 4, 89, 90,
];
