//! A provider's schemas in one indexed, compressed file, inflated and decoded type by type on first use.
//!
//! `providers/*/schemas/generate.py` writes the file; its head describes the format. Types stand in name order in chunks of about
//! 100 KB, so that neighbours of one service share a chunk, and a run inflates only the chunks it needs.

use super::Schema;
use super::wire::{self, Index, Place};
use crate::Mode;
use flate2::read::ZlibDecoder;
use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

const MAGIC: &[u8; 8] = b"WLPACK01";

/// Schemas of one provider.
pub struct SchemaPack {
    chunks: Vec<Chunk>,
    resources: BTreeMap<Arc<str>, Place>,
    data: BTreeMap<Arc<str>, Place>,
    providers: BTreeMap<Arc<str>, Place>,
    decoded: Mutex<BTreeMap<Place, Arc<Schema>>>,
}

struct Chunk {
    compressed: &'static [u8],
    inflated: OnceLock<Vec<u8>>,
}

/// Why a pack can't be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackError(String);

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broken schema pack: {}", self.0)
    }
}

impl std::error::Error for PackError {}

impl SchemaPack {
    /// Reads the index of a pack, as `include_bytes!` has it.
    ///
    /// # Errors
    /// When the bytes are no pack.
    pub fn open(bytes: &'static [u8]) -> Result<SchemaPack, PackError> {
        let broken = |what: &str| PackError(what.to_owned());
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| broken("it does not begin with WLPACK01"))?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(|| broken("no index"))?;
        let (index, body) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(|| broken("the index is cut off"))?;
        let index = inflate(index).map_err(|error| PackError(error.to_string()))?;
        let index: Index = wire::index(&index).map_err(|error| PackError(error.to_string()))?;
        let chunks = index
            .chunks
            .iter()
            .map(|&(offset, length)| {
                let compressed = body.get(offset..offset + length).ok_or_else(|| broken("a chunk is cut off"))?;
                Ok(Chunk { compressed, inflated: OnceLock::new() })
            })
            .collect::<Result<_, PackError>>()?;
        Ok(SchemaPack {
            chunks,
            resources: by_name(index.resource),
            data: by_name(index.data),
            providers: by_name(index.provider),
            decoded: Mutex::default(),
        })
    }

    /// The schema of a type.
    ///
    /// # Panics
    /// When the pack is corrupt: it is part of the program, and a test decodes all of it.
    pub fn schema(&self, mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        self.places(mode).get(type_name).map(|place| self.decode(*place))
    }

    /// The schema of the `provider` block of a local name.
    ///
    /// # Panics
    /// As [`SchemaPack::schema`].
    pub fn configuration(&self, provider: &str) -> Option<Arc<Schema>> {
        self.providers.get(provider).map(|place| self.decode(*place))
    }

    /// All type names of a mode, in order.
    pub fn type_names(&self, mode: Mode) -> impl Iterator<Item = &Arc<str>> {
        self.places(mode).keys()
    }

    fn places(&self, mode: Mode) -> &BTreeMap<Arc<str>, Place> {
        match mode {
            Mode::Managed => &self.resources,
            Mode::Data => &self.data,
            Mode::Ephemeral => {
                static NONE: BTreeMap<Arc<str>, Place> = BTreeMap::new();
                &NONE
            }
        }
    }

    fn decode(&self, place: Place) -> Arc<Schema> {
        let mut decoded = self.decoded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = decoded.get(&place) {
            return schema.clone();
        }
        let chunk = &self.chunks[place.chunk];
        let inflated = chunk.inflated.get_or_init(|| inflate(chunk.compressed).expect("built-in schemas inflate"));
        let text = &inflated[place.offset..place.offset + place.length];
        let schema = Arc::new(wire::schema(text).expect("built-in schemas decode"));
        decoded.insert(place, schema.clone());
        schema
    }
}

fn by_name(places: BTreeMap<String, Place>) -> BTreeMap<Arc<str>, Place> {
    places.into_iter().map(|(name, place)| (name.into(), place)).collect()
}

fn inflate(compressed: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut inflated = Vec::new();
    ZlibDecoder::new(compressed).read_to_end(&mut inflated)?;
    Ok(inflated)
}

#[cfg(test)]
mod tests {
    use super::SchemaPack;

    #[test]
    fn what_is_no_pack_is_refused() {
        for bytes in [&b""[..], b"WLPACK01", b"WLPACK01\x09\0\0\0abc", b"WLPACK02\0\0\0\0"] {
            assert!(SchemaPack::open(bytes).is_err(), "{bytes:?}");
        }
    }
}
