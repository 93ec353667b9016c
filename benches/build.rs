//! Compiles the oneTBB contender where `libtbb-dev` is installed, and writes the static graphs of trees.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A binary tree as a static graph, and as calls one after the other.
fn tree(leaves: usize) -> Result<String, std::fmt::Error> {
    let tasks = 2 * leaves - 1;
    let mut lets = String::new();
    for leaf in 0..leaves {
        writeln!(lets, "let t{leaf} = leaf_task(salt, {leaf}_u64);")?;
    }
    for at in 0..leaves - 1 {
        writeln!(lets, "let t{} = pair_task(t{}, t{});", leaves + at, 2 * at, 2 * at + 1)?;
    }
    let output = tasks - 1;
    Ok(format!(
        "static_graph! {{ pub struct Tree{tasks}(salt: u64) {{ {lets} t{output} }} }}\n\
         #[allow(clippy::let_and_return)] pub fn by_hand_{tasks}(salt: u64) -> u64 {{ {lets} t{output} }}\n"
    ))
}

fn main() {
    let trees: String = [8, 128, 512]
        .into_iter()
        .map(|leaves| tree(leaves).expect("a string takes everything"))
        .collect();
    let folder = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    std::fs::write(folder.join("static_trees.rs"), trees).expect("the build folder can be written");
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
