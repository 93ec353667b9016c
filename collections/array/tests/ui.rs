//! Wrong programs with arrays, and their messages.
//!
//! Each file of `tests/ui` makes one mistake, which is its name; its `.stderr` is what the pinned compiler prints. Written anew by
//! `TRYBUILD=overwrite cargo test -p taskweave-array --test ui`, and reviewed like code. `docs/errors.md` shows them.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    #[cfg(not(feature = "linalg"))]
    cases.compile_fail("tests/ui/without_linalg/*.rs");
}
