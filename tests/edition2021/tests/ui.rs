//! Messages in edition 2021, where they could differ: the same files and snapshots as in edition 2024.
//!
//! `tests/ui` and `tests/pass` are links to the ones of the workspace. Snapshots that show lines of the runtime are not the same, for
//! its path is another one from here: in `tests/own` the programs are links, and the snapshots are this edition's.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    for name in [
        "a_handle_leaves_the_block",
        "a_task_dropped_at_once",
        "await_inside_a_closure",
        "awaiting_graph_outlives_a_local",
        "borrow_of_a_temporary",
        "borrow_of_a_value_made_in_the_block",
        "borrowed_handle_for_a_value",
        "captured_closure",
        "field_of_a_handle",
        "graph_outlives_what_it_borrows",
        "handle_leaves_the_explicit_form",
        "index_into_a_handle",
        "lend_after_move_in_the_explicit_form",
        "method_that_is_not_delayed",
        "method_with_the_wrong_argument",
        "misspelt_function",
        "moved_twice",
        "print_a_handle",
        "print_a_handle_by_its_name",
        "return_inside_an_awaiting_graph",
        "static_graph_with_a_cycle",
        "static_graph_with_a_plain_function",
        "static_graph_with_an_unknown_name",
        "text_for_a_number",
        "too_few_arguments",
        "tuple_field_of_a_handle",
    ] {
        cases.compile_fail(format!("tests/ui/{name}.rs"));
    }
    cases.compile_fail("tests/own/*.rs");
    cases.pass("tests/pass/*.rs");
}
