//! Compiles the oneTBB contender where `libtbb-dev` is installed.

use std::path::Path;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(has_tbb)");
    println!("cargo::rerun-if-changed=src/tbb.cpp");
    if !Path::new("/usr/include/tbb/flow_graph.h").exists() {
        println!(
            "cargo::warning=oneTBB is not installed (libtbb-dev); it is left out of the comparison"
        );
        return;
    }
    let mut build = cc::Build::new();
    build
        .cpp(true)
        .std("c++17")
        .opt_level(3)
        .flag_if_supported("-march=native")
        .file("src/tbb.cpp");
    if build.try_compile("taskweave_bench_tbb").is_ok() {
        println!("cargo::rustc-link-lib=tbb");
        println!("cargo::rustc-cfg=has_tbb");
    }
}
