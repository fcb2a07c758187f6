//! Handles as the journal keeps them.

use serde::{Deserialize, Serialize};
use windlass_api::{Error, ErrorKind, Handle};

/// Where an operation stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// The type.
    #[serde(rename = "type")]
    pub(super) type_name: String,
    /// The object's id.
    pub(super) id: String,
    /// The token by which the client remembers what is to be achieved.
    pub(super) token: String,
    /// The next step.
    pub(super) step: u32,
    /// How often in a row the object was not to be seen.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) misses: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Position {
    pub(super) fn to_handle(&self) -> Handle {
        Handle(serde_json::to_string(self).unwrap_or_default())
    }

    pub(super) fn of_handle(handle: &Handle) -> Result<Position, Error> {
        serde_json::from_str(&handle.0)
            .map_err(|error| Error::new(ErrorKind::Internal, format!("The handle of an AWS operation can't be read: {error}.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_comes_back_as_it_went() {
        let position = Position { type_name: "aws_vpc".into(), id: "vpc-1|\"x\"".into(), token: "0f".into(), step: 3, misses: 0 };
        assert_eq!(Position::of_handle(&position.to_handle()).as_ref(), Ok(&position));
        assert_eq!(Position::of_handle(&Handle("{".into())).map_err(|error| error.kind), Err(ErrorKind::Internal));
    }
}
