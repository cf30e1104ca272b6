//! Chance that a seed replays.

use crate::ports::Random;
use std::cell::RefCell;

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// Random bytes that a seed replays, so that an emulator gives the same tokens and order ids again. Fit for nothing secret.
#[derive(Debug)]
pub struct SeededRandom(RefCell<Dice>);

impl SeededRandom {
    /// The same seed gives the same bytes.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(RefCell::new(Dice::new(seed)))
    }
}

impl Random for SeededRandom {
    fn fill(&self, buffer: &mut [u8]) {
        let mut dice = self.0.borrow_mut();
        for chunk in buffer.chunks_mut(8) {
            for (byte, random) in chunk.iter_mut().zip(dice.roll().to_le_bytes()) {
                *byte = random;
            }
        }
    }
}
