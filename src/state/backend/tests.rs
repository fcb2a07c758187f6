//! Tests of back ends.

use super::*;
use crate::state::Effects;
use crate::state::store::Store;
use windlass_api::Value;

fn local_config(path: Option<&str>) -> Value {
    let path = path.map_or(Value::null(windlass_api::Type::String), Value::from);
    Value::object_of([("path", path), ("workspace_dir", Value::null(windlass_api::Type::String))])
}

#[test]
fn a_block_hashes_as_in_terraform() {
    // As Terraform 1.11.4 recorded them.
    assert_eq!(config_hash("local", &local_config(Some("states/a.tfstate"))), 32_857_222);
    assert_eq!(config_hash("local", &local_config(Some("states/b.tfstate"))), 675_145_844);
    let address = Value::from("http://127.0.0.1:9/x");
    let http = schema("http").unwrap().null_config().with_field("address", address);
    assert_eq!(config_hash("http", &http), 2_104_588_477);
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Record::read(folder.path(), schema).unwrap(), Record::default());
    let backend = Recorded { kind: "local".into(), config: local_config(Some("a")), hash: 7 };
    let record = Record { backend: Some(backend), exists: true };
    std::fs::write(Record::path(folder.path()), record.to_bytes("1.2.3")).unwrap();
    assert_eq!(Record::read(folder.path(), schema).unwrap(), record);
    std::fs::write(Record::path(folder.path()), "{\"version\": 4}").unwrap();
    assert!(Record::read(folder.path(), schema).unwrap_err().contains("version 4"));
}

#[test]
fn names_of_workspaces_are_safe_in_paths() {
    for good in ["default", "dev-1", "a.b", "x_y~z"] {
        assert!(is_workspace_name(good), "{good}");
    }
    for bad in ["", ".", "..", "a/b", "a b", "é", "a\\b", "%2e"] {
        assert!(!is_workspace_name(bad), "{bad}");
    }
}

#[tokio::test]
async fn local_workspaces_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let backend = LocalBackend::new(folder.path(), Some("a.tfstate"), Some("other"), Effects::unarmed());
    assert_eq!(backend.workspaces().await.unwrap(), ["default"]);
    backend.create("dev", b"").await.unwrap();
    backend.store("dev").put_if(None, b"{}").await.unwrap();
    assert!(folder.path().join("other/dev/terraform.tfstate").exists());
    assert_eq!(backend.workspaces().await.unwrap(), ["default", "dev"]);
    backend.delete("dev").await.unwrap();
    assert_eq!(backend.workspaces().await.unwrap(), ["default"]);
}

#[tokio::test]
async fn other_files_than_its_own_are_read_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("in"), b"1").unwrap();
    let files = StateFiles { state: Some("in".into()), out: Some("out".into()), backup: Some("kept".into()) };
    let backend = LocalBackend::new(folder.path(), None, None, Effects::unarmed()).with_files(files);
    let store: std::sync::Arc<dyn Store> = backend.store("default");
    let before = store.get().await.unwrap().unwrap();
    assert_eq!(before.bytes, b"1");
    store.put_if(Some(&before.version), b"2").await.unwrap();
    assert_eq!(store.get().await.unwrap().unwrap().bytes, b"2");
    let read = |name: &str| std::fs::read(at(name)).unwrap();
    assert_eq!((read("in"), read("out"), read("kept")), (b"1".to_vec(), b"2".to_vec(), b"1".to_vec()));
    let files = StateFiles { backup: Some("-".into()), ..StateFiles::default() };
    let backend = LocalBackend::new(folder.path(), Some("x"), None, Effects::unarmed()).with_files(files);
    let first = backend.store("default").put_if(None, b"1").await.unwrap();
    backend.store("default").put_if(Some(&first), b"2").await.unwrap();
    assert!(!at("x.backup").exists());
}
