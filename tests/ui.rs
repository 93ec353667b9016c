//! Wrong programs and their messages, odd programs that are right.
//!
//! Each file of `tests/ui` breaks one rule, which is its name; its `.stderr` is what the pinned compiler prints. Written anew
//! by `TRYBUILD=overwrite cargo test --test ui`, and reviewed like code. No message here shows lines of the standard library: they are
//! printed only where the component `rust-src` is installed.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    cases.pass("tests/pass/*.rs");
}
