//! What a graph shows of itself.

use taskweave::PICTURE_TASKS_MAX;
use taskweave::prelude::*;

#[delayed]
fn load(n: u32) -> u32 {
    n
}
#[delayed]
fn join(a: u32, b: u32) -> u32 {
    a + b
}
#[delayed]
fn total(values: Vec<u32>) -> u32 {
    values.iter().sum()
}

#[test]
fn display_counts_and_names_what_leads_nowhere() {
    let graph = graph!({
        let kept = load(1);
        let dead: Vec<_> = (0..5).map(|n| load(n)).collect();
        drop(total(dead));
        join(kept, kept)
    });
    let line = line!() - 4;
    let at = format!("`load` (tests/it/pictures.rs:{line})");
    assert_eq!(
        graph.to_string(),
        format!(
            "2 tasks, 2 edges, depth 2, widest level 1; \
             6 tasks lead nowhere and won't run: {at}, {at}, {at}, …"
        )
    );
    assert_eq!(graph.compute().unwrap(), 2);
}

#[test]
fn debug_shows_no_value() {
    let graph = graph!({ load(4242) });
    assert_eq!(format!("{graph:?}"), "Graph(1 task, 0 edges, depth 1, widest level 1)");
}

#[test]
fn tasks_have_names_lines_and_dependencies() {
    let graph = graph!({
        let a = load(1);
        let (b, c) = (load(2), load(3));
        vec![join(a, b), join(b, c)]
    });
    let tasks = graph.tasks().unwrap();
    let shape: Vec<(&str, &[usize])> =
        tasks.iter().map(|task| (task.name(), task.dependencies())).collect();
    let expected: [(&str, &[usize]); 5] =
        [("load", &[]), ("load", &[]), ("join", &[0, 1]), ("load", &[]), ("join", &[1, 3])];
    assert_eq!(shape, expected);
    assert_eq!(tasks[0].file(), "tests/it/pictures.rs");
    assert_eq!(tasks[2].line(), tasks[0].line() + 2);
}

#[test]
fn pictures_show_names_and_tooltips() {
    let graph = graph!({ join(load(1).named("say \"hi\""), load(2)) });
    let dot = graph.to_dot().unwrap();
    assert!(dot.contains(r#"t0 [label="say \"hi\"", tooltip="tests/it/pictures.rs:"#), "{dot}");
    assert!(dot.contains("t0 -> t2;") && dot.contains("t1 -> t2;"), "{dot}");
    let mermaid = graph.to_mermaid().unwrap();
    assert!(mermaid.contains("t0[\"say #quot;hi#quot;\"]"), "{mermaid}");
    assert!(mermaid.contains("t1 --> t2"), "{mermaid}");
}

#[test]
fn a_large_picture_is_collapsed() {
    let graph = graph!({
        let values: Vec<_> = (0..PICTURE_TASKS_MAX as u32).map(|n| load(n)).collect();
        total(values)
    });
    let dot = graph.to_dot().unwrap();
    assert!(dot.contains("label=\"load × 500\"") && dot.contains("t0 -> t1;"), "{dot}");
    assert_eq!(dot.lines().count(), 6);
}
