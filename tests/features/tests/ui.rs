//! Wrong programs with arrays in `graph!`, and their messages.
//!
//! Each file of `tests/ui` makes one mistake, which is its name; its `.stderr` is what the pinned compiler prints. Written anew by
//! `TRYBUILD=overwrite cargo test -p taskweave-features --test ui`, and reviewed like code. `docs/errors.md` shows them.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
