//! Many objects in one call.

use std::collections::HashMap;
use std::future::Future;
use windlass_api::{Error, ErrorKind};

/// As many ids as one Describe call takes without trouble; the API's own limit is 1,000.
const IDS_PER_CALL: usize = 200;

/// Describes objects by id in as few calls as possible. The API refuses a whole call when one id is gone; the batch is halved
/// then until the missing one stands alone. `call` answers with (id, object) pairs.
pub(crate) async fn describe<T: Clone, F, Fut>(ids: &[&str], call: F) -> Vec<Result<Option<T>, Error>>
where
    F: Fn(Vec<String>) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Vec<(String, T)>, Error>> + Send,
{
    let mut found: HashMap<String, T> = HashMap::new();
    let mut failed: HashMap<String, Error> = HashMap::new();
    let mut pending: Vec<Vec<String>> = ids.chunks(IDS_PER_CALL).map(|chunk| chunk.iter().map(|id| (*id).to_owned()).collect()).collect();
    while let Some(mut batch) = pending.pop() {
        match call(batch.clone()).await {
            Ok(objects) => found.extend(objects),
            Err(error) if is_about_one_id(&error) => {
                if batch.len() > 1 {
                    pending.push(batch.split_off(batch.len() / 2));
                    pending.push(batch);
                } else if error.kind != ErrorKind::NotFound {
                    failed.extend(batch.into_iter().map(|id| (id, error.clone())));
                }
            }
            Err(error) => failed.extend(batch.into_iter().map(|id| (id, error.clone()))),
        }
    }
    ids.iter().map(|id| failed.get(*id).map_or_else(|| Ok(found.get(*id).cloned()), |error| Err(error.clone()))).collect()
}

/// A malformed id spoils the batch as a missing one does.
fn is_about_one_id(error: &Error) -> bool {
    error.kind == ErrorKind::NotFound
        || (error.kind == ErrorKind::Invalid && error.code.as_deref().is_some_and(|code| code.ends_with("Malformed")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn one_missing_id_does_not_hide_the_others() {
        let calls = AtomicUsize::new(0);
        let ids: Vec<String> = (0..128).map(|number| number.to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let answers = describe(&ids, |batch| {
            calls.fetch_add(1, Ordering::Relaxed);
            async move {
                if batch.iter().any(|id| id == "77") {
                    return Err(Error::new(ErrorKind::NotFound, "The vpc ID '77' does not exist"));
                }
                Ok(batch.into_iter().map(|id| (id.clone(), id)).collect())
            }
        })
        .await;
        assert_eq!(answers.iter().filter(|answer| matches!(answer, Ok(Some(_)))).count(), 127);
        assert!(matches!(answers[77], Ok(None)));
        assert_eq!(calls.load(Ordering::Relaxed), 1 + 2 * 7);
    }
}
