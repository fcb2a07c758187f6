//! The store in files.

use super::*;
use crate::state::{Effects, StopAt};
use std::fs;
use std::path::Path;

fn store(folder: &Path) -> LocalStore {
    LocalStore::new(folder.join("terraform.tfstate"), Effects::unarmed())
}

fn info(id: &str) -> LockInfo {
    LockInfo { id: id.into(), operation: "OperationTypeApply".into(), ..LockInfo::default() }
}

#[tokio::test]
async fn a_snapshot_is_replaced_only_if_nobody_else_was_faster() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    assert!(store.get().await.unwrap().is_none());
    let first = store.put_if(None, b"1").await.unwrap();
    assert!(matches!(store.put_if(None, b"2").await, Err(StoreError::Conflict)));
    store.put_if(Some(&first), b"2").await.unwrap();
    assert!(matches!(store.put_if(Some(&first), b"3").await, Err(StoreError::Conflict)));
    assert_eq!(store.get().await.unwrap().unwrap().bytes, b"2");
    assert_eq!(fs::read(folder.path().join("terraform.tfstate.backup")).unwrap(), b"1");
}

#[tokio::test]
async fn the_lock_survives_a_rename_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (store(folder.path()), store(folder.path()));
    ours.lock(&info("a")).await.unwrap();
    let Err(StoreError::Locked(Some(holder))) = theirs.lock(&info("b")).await else { panic!("locked twice") };
    assert_eq!(holder.id, "a");
    ours.put_if(None, b"1").await.unwrap();
    assert!(matches!(theirs.lock(&info("b")).await, Err(StoreError::Locked(_))));
    assert!(matches!(theirs.force_unlock("x").await, Err(StoreError::NoSuchLock(_))));
    assert!(matches!(theirs.force_unlock("a").await, Err(StoreError::Locked(_))));
    ours.unlock("a").await.unwrap();
    theirs.lock(&info("b")).await.unwrap();
    theirs.unlock("b").await.unwrap();
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["terraform.tfstate"]);
}

#[tokio::test]
async fn what_a_killed_process_left_of_its_lock_blocks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    fs::write(folder.path().join(".terraform.tfstate.lock.info"), r#"{"ID":"dead","Who":"me"}"#).unwrap();
    fs::write(folder.path().join(".terraform.tfstate.77.new"), "half").unwrap();
    store.lock(&info("a")).await.unwrap();
    store.unlock("a").await.unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    fs::write(folder.path().join(".terraform.tfstate.lock.info"), r#"{"ID":"dead","Who":"me"}"#).unwrap();
    store.force_unlock("dead").await.unwrap();
    assert!(matches!(store.force_unlock("dead").await, Err(StoreError::NoSuchLock(_))));
}

#[tokio::test]
async fn segments_grow_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.append_segment("00000002", b"c").await.unwrap();
    store.append_segment("00000001", b"a").await.unwrap();
    store.append_segment("00000001", b"b").await.unwrap();
    let names = store.list_segments().await.unwrap();
    assert_eq!(names, ["00000001", "00000002"]);
    assert_eq!(store.read_segment("00000001").await.unwrap(), b"ab");
    store.delete_segments(&names).await.unwrap();
    store.delete_segments(&names).await.unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn stopped_at_any_write_a_snapshot_is_whole() {
    for k in 1.. {
        let folder = tempfile::tempdir().unwrap();
        let first = store(folder.path()).put_if(None, b"old").await.unwrap();
        let (effects, frozen) = Effects::freezing(StopAt::After(k));
        let stopping = LocalStore::new(folder.path().join("terraform.tfstate"), effects);
        let is_done = tokio::select! {
            done = stopping.put_if(Some(&first), b"new") => done.is_ok(),
            () = frozen.notified() => false,
        };
        let bytes = store(folder.path()).get().await.unwrap().unwrap().bytes;
        assert!(bytes == b"old" || bytes == b"new", "{k}");
        if is_done {
            assert_eq!((bytes.as_slice(), k), (&b"new"[..], 4));
            break;
        }
    }
}
