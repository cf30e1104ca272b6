//! The pages of docs/ that are made from the crate are up to date.

#[allow(dead_code, reason = "only the page is asked for")]
#[path = "../examples/generate.rs"]
mod generate;

#[test]
fn the_reference_page_is_up_to_date() {
    assert!(
        include_str!("../docs/reference.md") == generate::page(),
        "run: cargo run --example generate -- reference > docs/reference.md"
    );
}

#[test]
fn the_emulators_page_is_up_to_date() {
    assert!(
        include_str!("../docs/emulator.md") == generate::emulator_page(),
        "run: cargo run --example generate -- emulator > docs/emulator.md"
    );
}
