//! CSV files as users read them, against the `csv` crate and against what is written here.
#![allow(clippy::unwrap_used)]

mod compressed;
mod corpus;
mod dialects;
mod errors;
mod files;
mod globs;
mod oracle;
mod parts;
mod support;
mod types;
