//! Each target holds on its seeds and on what is made of them by chance, as far as a few seconds go. A seed of which a target
//! would say nothing is none: those of `broker` and `errors` are seen to reach what they are named after.

use pb_fulfillment_fuzz::TARGETS;
use std::{fs, path::Path};

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn every_target_holds_on_its_seeds() {
    for (name, check) in TARGETS {
        let seeds = seeds(name);
        assert!(seeds.len() >= 3, "{name} has no seeds");
        seeds.iter().for_each(|seed| check(seed));
    }
}

#[test]
fn every_target_holds_on_damaged_seeds() {
    let mut dice = 1u64;
    let mut below = |bound: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(dice >> 33).unwrap() % bound.max(1)
    };
    for (name, check) in TARGETS {
        let seeds = seeds(name);
        for _ in 0..300 {
            let mut input = seeds[below(seeds.len())].clone();
            let other = &seeds[below(seeds.len())];
            let (at, from) = (below(input.len()), below(other.len()));
            let piece = &other[from..(from + below(40)).min(other.len())];
            match below(3) {
                0 => drop(input.splice(at..at, piece.iter().copied())),
                1 => drop(input.drain(at..(at + below(20)).min(input.len()))),
                _ => input.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << below(8)),
            }
            check(&input);
        }
    }
}
