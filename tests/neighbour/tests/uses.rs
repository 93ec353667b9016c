//! Delayed functions of another crate, in edition 2024: the same tests as in edition 2021.

#[path = "../../edition2021/tests/uses.rs"]
mod uses;
