//! Pictures of a graph as text: Graphviz DOT and Mermaid.
//!
//! In: [`TaskInfo`]s. Out: a node a task, with its call's file and line as tooltip. A graph with more than
//! [`PICTURE_TASKS_MAX`] tasks is collapsed: a node for all tasks of one name and line, with their number.

use super::Graph;
use super::shape::{TaskInfo, grouped};
use crate::error::Error;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

/// The most tasks a picture shows one by one: beyond it neither Graphviz nor a reader copes.
pub const PICTURE_TASKS_MAX: usize = 500;

struct Picture {
    /// Label and tooltip of each box.
    boxes: Vec<(String, String)>,
    arrows: BTreeSet<(usize, usize)>,
}

fn picture(tasks: &[TaskInfo]) -> Picture {
    let collapsed = tasks.len() > PICTURE_TASKS_MAX;
    let mut kinds: HashMap<(&str, &str, u32), usize> = HashMap::new();
    let mut counts: Vec<usize> = Vec::new();
    let mut boxes: Vec<(String, String)> = Vec::new();
    let mut box_of = Vec::with_capacity(tasks.len());
    for task in tasks {
        let key = (task.name(), task.file(), task.line());
        let at = match kinds.get(&key) {
            Some(&at) if collapsed => at,
            _ => {
                boxes.push((task.name().to_string(), format!("{}:{}", task.file(), task.line())));
                counts.push(0);
                kinds.insert(key, boxes.len() - 1);
                boxes.len() - 1
            }
        };
        counts[at] += 1;
        box_of.push(at);
    }
    let mut arrows = BTreeSet::new();
    for (at, task) in tasks.iter().enumerate() {
        for &input in task.dependencies() {
            arrows.insert((box_of[input], box_of[at]));
        }
    }
    if collapsed {
        for (name, count) in boxes.iter_mut().zip(counts) {
            name.0 = format!("{} × {}", name.0, grouped(count));
        }
    }
    Picture { boxes, arrows }
}

impl<T> Graph<'_, T> {
    /// What there is to see; of a graph that awaits, only that.
    fn picture(&self) -> Result<Picture, Error> {
        let mut picture = picture(&self.tasks()?);
        if let Some(location) = self.grows_at() {
            let tooltip = format!("{}:{}", location.file(), location.line());
            picture.boxes.push(("grows while it runs".into(), tooltip));
        }
        Ok(picture)
    }

    /// The graph in Graphviz' DOT: names in boxes, the call's file and line as tooltips, arrows along the data.
    /// Above [`PICTURE_TASKS_MAX`] tasks, one box for all tasks of one call.
    ///
    /// # Errors
    /// What [`check`](Graph::check) finds.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_runtime as taskweave;
    /// use taskweave::Graph;
    /// let graph = Graph::build(|graph| graph.value(1).map(|n: i32| n).named("load").map(|n| n));
    /// let dot = graph.to_dot()?;
    /// assert!(dot.starts_with("digraph taskweave {") && dot.contains("t0 -> t1"));
    /// # Ok::<(), taskweave::Error>(())
    /// ```
    pub fn to_dot(&self) -> Result<String, Error> {
        let picture = self.picture()?;
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let mut text = String::from("digraph taskweave {\n  node [shape=box];\n");
        for (at, (label, tooltip)) in picture.boxes.iter().enumerate() {
            let (label, tooltip) = (quoted(label), quoted(tooltip));
            let _ = writeln!(text, "  t{at} [label=\"{label}\", tooltip=\"{tooltip}\"];");
        }
        for (from, to) in &picture.arrows {
            let _ = writeln!(text, "  t{from} -> t{to};");
        }
        text.push_str("}\n");
        Ok(text)
    }

    /// The graph as a Mermaid flowchart, which GitHub and many editors draw; otherwise as [`to_dot`](Graph::to_dot).
    ///
    /// # Errors
    /// What [`check`](Graph::check) finds.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_runtime as taskweave;
    /// use taskweave::Graph;
    /// let graph = Graph::build(|graph| graph.value(1).map(|n: i32| n).named("load").map(|n| n));
    /// let mermaid = graph.to_mermaid()?;
    /// assert!(mermaid.starts_with("flowchart TD\n") && mermaid.contains("t0 --> t1"));
    /// # Ok::<(), taskweave::Error>(())
    /// ```
    pub fn to_mermaid(&self) -> Result<String, Error> {
        let picture = self.picture()?;
        let quoted = |text: &str| text.replace('"', "#quot;");
        let mut text = String::from("flowchart TD\n");
        for (at, (label, tooltip)) in picture.boxes.iter().enumerate() {
            let (label, tooltip) = (quoted(label), quoted(tooltip));
            let _ = writeln!(text, "  t{at}[\"{label}\"]");
            let _ = writeln!(text, "  click t{at} callback \"{tooltip}\"");
        }
        for (from, to) in &picture.arrows {
            let _ = writeln!(text, "  t{from} --> t{to}");
        }
        Ok(text)
    }
}
