//! Messages in edition 2021, where they could differ: the same files and snapshots as in edition 2024.
//!
//! `tests/ui` and `tests/pass` are links to the ones of the workspace. Snapshots that show lines of the runtime are left out:
//! its path is another one from here.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    for name in [
        "a_handle_leaves_the_block",
        "a_task_dropped_at_once",
        "borrow_of_a_temporary",
        "borrow_of_a_value_made_in_the_block",
        "borrowed_handle_for_a_value",
        "captured_closure",
        "field_of_a_handle",
        "graph_outlives_what_it_borrows",
        "handle_leaves_the_explicit_form",
        "index_into_a_handle",
        "lend_after_move_in_the_explicit_form",
        "misspelt_function",
        "moved_twice",
        "text_for_a_number",
        "too_few_arguments",
    ] {
        cases.compile_fail(format!("tests/ui/{name}.rs"));
    }
    cases.pass("tests/pass/*.rs");
}
