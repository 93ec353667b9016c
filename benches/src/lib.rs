//! Benchmarks; each answers one question, in `benches/`. They are no default members: their dependencies never reach users.
