//! What has been named before, and where.

use std::{borrow::Cow, mem};

/// Two names, such as the two ids of an order; anything else has one name and an empty one.
type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// Pairs of names, each with a number. A tree that parts them by the first bits in which they differ: to find one takes no more
/// steps than it has bits, so no choice of names makes it slow. The library's tree is three times the program.
#[derive(Debug, Default)]
pub(crate) struct Names<'a> {
    entries: Vec<(Pair<'a>, usize)>,
    /// Each has come with the entry of its own place. The first has no bit to part by: it only leads to the others.
    forks: Vec<Fork>,
}

/// Parts the entries behind it by one bit; before that bit they are the same.
#[derive(Clone, Copy, Debug)]
struct Fork {
    byte: usize,
    bit: u8,
    /// Where it goes on if the bit is not set, and if it is.
    ways: [Way; 2],
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Fork(usize),
    Entry(usize),
}

impl<'a> Names<'a> {
    pub(crate) const fn new() -> Self {
        Self { entries: Vec::new(), forks: Vec::new() }
    }

    pub(crate) const fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn get(&self, pair: &Pair<'_>) -> Option<&usize> {
        let (known, number) = self.entries.get(self.nearest(pair))?;
        (known == pair).then_some(number)
    }

    /// Notes the pair with its number; gives the number that it had.
    pub(crate) fn insert(&mut self, pair: Pair<'a>, number: usize) -> Option<usize> {
        self.note(pair, number).map(|known| mem::replace(known, number))
    }

    /// Notes the pair with its number, unless it has one: that is given.
    #[inline(never)]
    pub(crate) fn note(&mut self, pair: Pair<'a>, number: usize) -> Option<&mut usize> {
        let (key, nearest, new) = (key(&pair), self.nearest(&pair), self.entries.len());
        let Some((known, _)) = self.entries.get(nearest) else {
            self.forks.push(Fork { byte: 0, bit: 0, ways: [Way::Entry(new); 2] });
            self.entries.push((pair, number));
            return None;
        };
        let known = self::key(known);
        let Some(byte) = (0..length(key)).find(|&at| byte_at(known, at) != byte_at(key, at)) else {
            return self.entries.get_mut(nearest).map(|(_, number)| number);
        };
        let bit = 0x80 >> (byte_at(known, byte) ^ byte_at(key, byte)).leading_zeros();
        // The new fork goes before the first one that parts by a later bit.
        let (mut from, mut side, mut way) = (0, 0, Way::Fork(0));
        while let Way::Fork(at) = way
            && let Some(fork) = self.forks.get(at)
            && (at == 0 || fork.byte < byte || (fork.byte == byte && fork.bit > bit))
        {
            (from, side) = (at, fork.side(key));
            way = fork.way(key);
        }
        let entry = Way::Entry(new);
        let ways = if byte_at(key, byte) & bit == 0 { [entry, way] } else { [way, entry] };
        if let Some(way) = self.forks.get_mut(from).and_then(|fork| fork.ways.get_mut(side)) {
            *way = Way::Fork(new);
        }
        self.forks.push(Fork { byte, bit, ways });
        self.entries.push((pair, number));
        None
    }

    /// The place of the entry that has the pair, if one has it; else of one that is the same as far as it is told from others.
    #[inline(never)]
    fn nearest(&self, pair: &Pair<'_>) -> usize {
        let (mut at, key) = (0, key(pair));
        let length = length(key);
        while let Some(fork) = self.forks.get(at).filter(|fork| fork.byte < length) {
            match fork.way(key) {
                Way::Fork(next) => at = next,
                Way::Entry(entry) => return entry,
            }
        }
        at
    }
}

impl Fork {
    fn side(&self, key: Key<'_>) -> usize {
        usize::from(byte_at(key, self.byte) & self.bit != 0)
    }

    fn way(&self, key: Key<'_>) -> Way {
        let [clear, set] = self.ways;
        if self.side(key) == 0 { clear } else { set }
    }
}

/// The bytes of both names.
type Key<'k> = (&'k [u8], &'k [u8]);

fn key<'k>((a, b): &'k Pair<'_>) -> Key<'k> {
    (a.as_bytes(), b.as_bytes())
}

/// One of the bytes, with one behind each name that no text has.
fn byte_at((a, b): Key<'_>, at: usize) -> u8 {
    let byte = if at < a.len() { a.get(at) } else { b.get((at - a.len()).wrapping_sub(1)) };
    byte.copied().unwrap_or(0xFF)
}

/// How many bytes those are.
const fn length((a, b): Key<'_>) -> usize {
    a.len() + b.len() + 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn it_finds_what_a_map_finds() {
        let (mut names, mut map, mut seed) = (Names::new(), BTreeMap::new(), 7_u32);
        let mut next = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) % below
        };
        for number in 0..20_000 {
            let mut name = || {
                let mut name = String::new();
                for _ in 0..next(6) {
                    name.push(['\0', 'a', 'b', 'é', '\u{10FFFF}'][next(5) as usize]);
                }
                name
            };
            let (a, b) = (name(), name());
            let pair = (a.into(), b.into());
            assert_eq!(names.get(&pair), map.get(&pair), "{pair:?}");
            if number % 3 > 0 {
                assert_eq!(names.insert(pair.clone(), number), map.insert(pair, number));
            }
            assert_eq!(names.len(), map.len());
        }
        assert!(map.iter().all(|(pair, number)| names.get(pair) == Some(number)));
    }

    #[test]
    fn names_that_begin_alike_are_found_as_fast_as_any() {
        let mut names = Names::new();
        for length in 0..3_000 {
            names.insert(("a".repeat(length).into(), "".into()), length);
        }
        // Were it to go down all forks for each of these, the test would not end soon.
        let found = (0..1_000_000).filter(|_| names.get(&("b".into(), "".into())).is_some()).count();
        assert_eq!(found, 0);
    }
}
