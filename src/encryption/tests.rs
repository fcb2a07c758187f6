//! Encryption end to end, in memory: what another program has made, and what must not go unnoticed.

use super::settings::Settings;
use super::{Encryption, Target, is_sealed, is_sealed_state, read, segment};
use crate::bucket::Surroundings;
use crate::diagnostic::SourceId;
use crate::syntax::ast::{Block, Identifier};
use crate::syntax::parse_file;
use std::sync::Arc;

const STATE: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"2ce64317-825a-f8cd-b35e-84fa110b561f"}"#;

fn settings(text: &str) -> Settings {
    let (body, found) = parse_file(SourceId(0), text);
    assert!(found.is_empty(), "{found:?}");
    let range = body.range;
    let kind = Identifier { name: "encryption".into(), range };
    let (settings, found) = read(&Block { kind, labels: Vec::new(), body, header: range, range });
    assert!(found.is_empty(), "{found:?}");
    settings
}

fn encryption(text: &str) -> Encryption {
    Encryption::new(Arc::new(settings(text)), Surroundings::default())
}

fn by_passphrase(passphrase: &str, more: &str) -> Target {
    let text = format!(
        "key_provider \"pbkdf2\" \"k\" {{\n  passphrase = \"{passphrase}\"\n  iterations = 1000\n  {more}\n}}\nmethod \"aes_gcm\" \"m\" {{\n  \
         keys = key_provider.pbkdf2.k\n}}\nstate {{\n  method = method.aes_gcm.m\n}}\n"
    );
    encryption(&text).state()
}

/// Made by Python's cryptography from the key that its PBKDF2 gave, with OpenTofu's names around it.
const BY_PYTHON: &str = include_str!("tests/state_by_python.json");

#[tokio::test]
async fn what_another_program_has_encrypted_is_read() {
    let opened = by_passphrase("correct horse battery", "").open(BY_PYTHON.trim().into()).await.unwrap();
    assert_eq!((String::from_utf8(opened.bytes).unwrap().as_str(), opened.is_current), (STATE, true));
    assert!(is_sealed_state(BY_PYTHON.as_bytes()));
    // What it shows of itself is looked at, though it is not encrypted.
    for (shown, other) in [("\"serial\":7", "\"serial\":8"), ("2ce64317", "3ce64317")] {
        let changed = BY_PYTHON.replacen(shown, other, 1);
        let error = by_passphrase("correct horse battery", "").open(changed.into()).await.unwrap_err();
        assert!(error.0.contains("mismatch"), "{error}");
    }
}

#[tokio::test]
async fn keys_of_all_lengths_and_both_hashes_open_what_they_have_sealed() {
    for more in ["key_length = 16", "key_length = 24\n  hash_function = \"sha256\"", "salt_length = 8"] {
        let target = by_passphrase("correct horse battery", more);
        let sealed = target.seal_state(STATE.as_bytes()).await.unwrap();
        assert!(is_sealed(&sealed) && !sealed.windows(9).any(|window| window == b"terraform"));
        // Another run: the key is derived from what stands beside the state.
        let opened = by_passphrase("correct horse battery", "").open(sealed.clone()).await.unwrap();
        assert_eq!(opened.bytes, STATE.as_bytes());
        let error = by_passphrase("battery horse correct", more).open(sealed).await.unwrap_err();
        assert!(error.0.contains("method.aes_gcm.m: the key is not the one"), "{error}");
    }
}

#[tokio::test]
async fn a_run_encrypts_by_one_key_with_ever_new_nonces() {
    let target = by_passphrase("correct horse battery", "");
    let (one, other) = (target.seal_state(STATE.as_bytes()).await.unwrap(), target.seal_state(STATE.as_bytes()).await.unwrap());
    let meta = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().split("encrypted_data").next().unwrap().to_owned();
    assert_eq!(meta(&one), meta(&other));
    assert_ne!(one, other);
}

#[tokio::test]
async fn keys_are_chained() {
    let text = r#"
        key_provider "pbkdf2" "outer" {
          passphrase = "correct horse battery"
          iterations = 1000
          key_length = 48
        }
        key_provider "pbkdf2" "inner" {
          chain                    = key_provider.pbkdf2.outer
          iterations               = 1000
          encrypted_metadata_alias = "kept here"
        }
        key_provider "xor" "both" {
          a = key_provider.pbkdf2.inner
          b = key_provider.pbkdf2.again
        }
        key_provider "pbkdf2" "again" {
          passphrase = "battery horse correct"
          iterations = 1000
        }
        method "aes_gcm" "m" {
          keys = key_provider.xor.both
        }
        plan {
          method = method.aes_gcm.m
        }
    "#;
    let sealed = encryption(text).plan().seal_plan(b"a plan").await.unwrap();
    let shown = String::from_utf8(sealed.clone()).unwrap();
    let names = ["key_provider.pbkdf2.again", "key_provider.pbkdf2.outer", "kept here"].map(|name| shown.contains(name));
    assert_eq!((names, is_sealed_state(&sealed)), ([true; 3], false), "{shown}");
    assert_eq!(encryption(text).plan().open(sealed.clone()).await.unwrap().bytes, b"a plan");
    let error = encryption(&text.replace("battery horse correct", "battery horse correct?")).plan().open(sealed).await.unwrap_err();
    assert!(error.0.contains("the data was changed"), "{error}");
}

async fn segment_of(target: &Target, name: &str, parts: &[&str]) -> Vec<Vec<u8>> {
    let (mut appended, mut writing) = (Vec::new(), None);
    for part in parts {
        let (bytes, next) = segment::append(target, name, writing.as_ref(), part.as_bytes()).await.unwrap();
        appended.push(bytes);
        writing = Some(next);
    }
    appended
}

#[tokio::test]
async fn segments_are_read_as_they_were_appended() {
    let target = by_passphrase("correct horse battery", "");
    let parts = segment_of(&target, "00000001", &["one", "two", "three"]).await;
    let read = async |bytes: Vec<u8>| segment::read(&target, Some("00000001"), bytes).await;
    assert_eq!(read(parts.concat()).await.unwrap(), b"onetwothree");
    // An append that was made twice, because the answer to the first one got lost, counts once.
    let twice = [&*parts[0], &parts[0], &parts[1], &parts[1], &parts[2], &parts[2]].concat();
    assert_eq!(read(twice).await.unwrap(), b"onetwothree");
    // A torn end is left for the journal to tell of.
    let head = parts[..2].concat();
    for cut in [1, 10, parts[2].len() - 1] {
        let torn = [head.as_slice(), &parts[2][..cut]].concat();
        assert_eq!(read(torn).await.unwrap(), [b"onetwo", &parts[2][..cut]].concat());
    }
    assert_eq!(read(parts[0][..20].to_vec()).await.unwrap(), parts[0][..20]);
}

#[tokio::test]
async fn frames_can_be_neither_moved_nor_left_out() {
    let target = by_passphrase("correct horse battery", "");
    let parts = segment_of(&target, "00000001", &["one", "two", "three"]).await;
    let other = segment_of(&target, "00000001", &["uno", "due", "tre"]).await;
    let refused = async |name: &str, bytes: Vec<u8>| segment::read(&target, Some(name), bytes).await.unwrap_err().0;
    let middle = "damage in its middle";
    assert!(refused("00000001", [&*parts[0], &parts[2], &parts[1]].concat()).await.contains(middle));
    assert!(refused("00000001", [&*parts[0], &parts[2]].concat()).await.contains(middle));
    assert!(refused("00000001", [&*parts[0], &parts[1], &parts[2], &parts[1]].concat()).await.contains(middle));
    assert!(refused("00000002", parts.concat()).await.contains(middle));
    assert!(refused("00000001", [&*parts[0], &parts[1][1..], &parts[2]].concat()).await.contains(middle));
    let changed = "the data was changed";
    assert!(refused("00000001", [&*parts[0], &other[1]].concat()).await.contains(changed));
    let renamed = String::from_utf8_lossy(&parts[0]).contains("00000001");
    assert!(renamed, "the name stands in the head");
    assert!(segment::read(&Target::none(), None, parts.concat()).await.unwrap_err().0.contains("it is encrypted"));
    assert!(refused("00000001", b"WLR1".to_vec()).await.contains("unencrypted payload"));
}

#[test]
fn secrets_are_not_shown() {
    let settings = settings("key_provider \"pbkdf2\" \"k\" {\n  passphrase = \"correct horse battery\"\n}\n");
    assert!(!format!("{settings:?}").contains("horse"));
}
