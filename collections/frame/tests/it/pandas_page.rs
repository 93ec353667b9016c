//! The page for those who come from pandas, polars or dask.dataframe: what it names is there, and what is there it names.

use std::path::Path;

const PAGE: &str = include_str!("../../docs/pandas.md");

/// What stands before each `(` in a text, if it is the name of a method or function.
fn called(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('(').filter_map(|(at, _)| {
        let before = &text[..at];
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = &before[before.trim_end_matches(is_name).len()..];
        name.starts_with(|c: char| c.is_ascii_lowercase()).then_some(name)
    })
}

/// What the last column of the page's tables names.
fn on_page() -> Vec<&'static str> {
    let rows = PAGE.lines().filter(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.trim_end_matches([' ', '|']).rsplit('|').next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).flat_map(called).collect()
}

/// The sources, one behind the other, without their comments.
fn sources() -> String {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut all = String::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().contains("tests")) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
            code.for_each(|line| all.extend([line, "\n"]));
        }
    }
    all
}

/// Whether a line of a macro's table is of this name: `abs() Function::Abs;`, `coalesce Coalesce;`.
fn is_tabled(line: &str, name: &str) -> bool {
    let rest = line.strip_prefix(name).filter(|_| line.ends_with(';'));
    rest.is_some_and(|rest| rest.starts_with(['(', ' ']) && !rest.contains(" = "))
}

/// What a frame, an expression or its options are not asked for, but results: sizes, kinds, bounds.
const RESULTS: [&str; 14] = [
    "bounds",
    "bytes",
    "bytes_read",
    "column",
    "dtype",
    "files",
    "into_expr",
    "into_exprs",
    "into_paths",
    "kind",
    "location",
    "output_name",
    "rows",
    "tasks",
];

#[test]
fn every_function_of_a_frame_is_on_the_page() {
    let sources = sources();
    let is_told = |name: &str| {
        let ends = ["(", "::<", "`"].map(|end| PAGE.contains(&format!("{name}{end}")));
        ends.contains(&true) || name.starts_with('$') || RESULTS.contains(&name)
    };
    let names = sources.lines().filter_map(|line| line.strip_prefix("pub fn "));
    let names = names.map(|rest| rest.split(['(', '<']).next().unwrap_or_default());
    let mut missing: Vec<&str> = names.filter(|name| !is_told(name)).collect();
    missing.sort_unstable();
    missing.dedup();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn what_the_tables_name_is_there() {
    let sources = sources();
    let is_there = |name: &&str| {
        let is_written = ["(", "<"].iter().any(|end| sources.contains(&format!("fn {name}{end}")));
        // Options of sorting are polars'.
        is_written
            || ["with_order_descending", "with_maintain_order"].contains(name)
            || sources.lines().any(|line| is_tabled(line, name))
    };
    let mut missing: Vec<_> = on_page().into_iter().filter(|name| !is_there(name)).collect();
    missing.sort_unstable();
    missing.dedup();
    assert!(missing.is_empty(), "{missing:?}");
}
