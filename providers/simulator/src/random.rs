//! The world's source of ids: seeded, stored with the world, the same on every platform and in every version.

use serde::{Deserialize, Serialize};

/// SplitMix64. Written out here because its sequence is part of the journal's format: ids must come out the same when requests are replayed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Random {
    state: u64,
}

impl Random {
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    pub fn word(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Between 0 (inclusive) and 1.
    pub fn fraction(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// `digits` lower-case hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        let mut out = String::with_capacity(digits + 16);
        while out.len() < digits {
            out.push_str(&format!("{:016x}", self.word()));
        }
        out.truncate(digits);
        out
    }

    /// `length` characters of A–Z and 2–7, as in AWS's unique ids (`AROA…`).
    pub fn base32(&mut self, length: usize) -> String {
        (0..length).map(|_| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(self.word() % 32) as usize] as char).collect()
    }

    /// An EC2 id: the prefix, a hyphen, 17 hexadecimal digits with the leading zero that AWS's ids have.
    pub fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}-0{}", self.hex(16))
    }

    /// A UUID by form (version 4).
    pub fn uuid(&mut self) -> String {
        let hex = self.hex(30);
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[12..15], &hex[15..18], &hex[18..30])
    }
}
