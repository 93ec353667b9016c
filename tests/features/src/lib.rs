//! Tests of what stands behind features, apart, so that the others run without them: `cargo test -p taskweave-features`.
