//! The reference page is the one that the tables make.

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
