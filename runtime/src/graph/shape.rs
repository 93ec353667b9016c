//! Facts of a graph that has not run: how many tasks and edges, how deep, how wide, what leads nowhere.
//!
//! In: a checked order. Out: [`Shape`] for `Display`, [`TaskInfo`] and [`Facts`] for users' own checks, all O(tasks + edges).
//! Nodes that only tie handles together are looked through: an edge goes from task to task.

use super::Graph;
use super::node::{NodeRef, ORDERED, Role};
use crate::order::Dependencies;
use std::borrow::Cow;
use std::fmt;

/// One task of a graph, for a user's own checks.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::Graph;
/// let graph = Graph::build(|graph| {
///     let one = graph.value(1).map(|n: i32| n).named("one");
///     (one + one).named("two")
/// });
/// let tasks = graph.tasks()?;
/// assert_eq!((tasks[1].name(), tasks[1].dependencies()), ("two", &[0, 0][..]));
/// assert!(tasks.iter().all(|task| task.file().ends_with(".rs")));
/// # Ok::<(), taskweave::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskInfo {
    name: Cow<'static, str>,
    file: &'static str,
    line: u32,
    dependencies: Vec<usize>,
}

impl TaskInfo {
    /// The function's name, or the one it was given.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The file of the call.
    pub fn file(&self) -> &'static str {
        self.file
    }
    /// The line of the call, from 1.
    pub fn line(&self) -> u32 {
        self.line
    }
    /// The places (indices into [`Graph::tasks`]) of the tasks it waits for, in the order of its arguments; a task that
    /// is read twice stands there twice.
    pub fn dependencies(&self) -> &[usize] {
        &self.dependencies
    }
}

/// Numbers of a graph that has not run; see [`Graph::facts`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Facts {
    /// How many tasks run.
    pub tasks: usize,
    /// How many times a task reads another's output or comes after it.
    pub edges: usize,
    /// Tasks on the longest path.
    pub depth: usize,
    /// Tasks on the widest level, where a task's level is the longest path to it.
    pub widest_level: usize,
}

/// How many tasks that lead nowhere `Display` names.
const NAMED_MAX: usize = 3;

struct Shape {
    tasks: usize,
    edges: usize,
    depth: usize,
    widest: usize,
    /// Tasks that are graphs which grow while they run.
    grown: Vec<NodeRef>,
    idle: Vec<NodeRef>,
}

impl<T> Graph<'_, T> {
    /// The tasks that run, dependencies first: each one's index is its place in the depth-first order from the output. None of a graph that
    /// awaits, whose tasks are not known before it runs.
    ///
    /// # Errors
    /// What [`check`](Graph::check) finds.
    ///
    /// # Cost
    /// O(tasks + edges) time and memory.
    pub fn tasks(&self) -> Result<Vec<TaskInfo>, crate::Error> {
        let order = self.ordered()?;
        let extras = self.core.extras.borrow();
        // For a task its index, for glue what stands behind it.
        let mut seen: Vec<Vec<usize>> = Vec::with_capacity(order.len());
        let mut tasks: Vec<TaskInfo> = Vec::new();
        let mut dependencies = Dependencies::default();
        for &node in &order {
            let mut behind = Vec::new();
            dependencies.of(node, &extras, |input, _| {
                behind.extend_from_slice(&seen[input.place() as usize]);
            });
            if !node.kind().role.is_task() {
                seen.push(behind);
                continue;
            }
            seen.push(vec![tasks.len()]);
            let location = node.location();
            tasks.push(TaskInfo {
                name: extras.name(node),
                file: location.file(),
                line: location.line(),
                dependencies: behind,
            });
        }
        Ok(tasks)
    }

    /// What `Display` counts, for checks of one's own; all zero for a graph that awaits, and one task for such a part of another, whose tasks are not
    /// known before it runs.
    ///
    /// # Errors
    /// What [`check`](Graph::check) finds.
    ///
    /// # Cost
    /// O(tasks + edges).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_runtime as taskweave;
    /// use taskweave::Graph;
    /// let graph = Graph::build(|graph| graph.value(1).map(|n: i32| n + 1).map(|n| n + 1));
    /// let facts = graph.facts()?;
    /// assert_eq!((facts.tasks, facts.edges, facts.depth, facts.widest_level), (2, 1, 2, 1));
    /// # Ok::<(), taskweave::Error>(())
    /// ```
    pub fn facts(&self) -> Result<Facts, crate::Error> {
        let Shape { tasks, edges, depth, widest, .. } = self.shape()?;
        Ok(Facts { tasks, edges, depth, widest_level: widest })
    }

    fn shape(&self) -> Result<Shape, crate::Error> {
        let order = self.ordered()?;
        let extras = self.core.extras.borrow();
        // Of each node: its level, and how many edges end where a reader of it looks.
        let mut levels: Vec<(u32, usize)> = Vec::with_capacity(order.len());
        let mut widths: Vec<usize> = Vec::new();
        let mut dependencies = Dependencies::default();
        let (mut tasks, mut edges, mut grown) = (0, 0_usize, Vec::new());
        for &node in &order {
            let (mut level, mut behind) = (0, 0_usize);
            dependencies.of(node, &extras, |input, _| {
                let (input_level, input_edges) = levels[input.place() as usize];
                level = level.max(input_level);
                behind = usize::saturating_add(behind, input_edges);
            });
            if !node.kind().role.is_task() {
                levels.push((level, behind));
                continue;
            }
            tasks += 1;
            if node.kind().role == Role::Grown {
                grown.push(node);
            }
            edges = usize::saturating_add(edges, behind);
            if widths.len() <= level as usize {
                widths.push(0);
            }
            widths[level as usize] += 1;
            levels.push((level + 1, 1));
        }
        for node in &order {
            node.set_alone(ORDERED);
        }
        let unseen = |node: &NodeRef| !node.has(ORDERED) && node.kind().role.is_task();
        let mut idle: Vec<NodeRef> = self.core.nodes().filter(unseen).collect();
        // By line: spliced graphs don't stand where they were spliced.
        idle.sort_by_key(|node| (node.location().file(), node.location().line()));
        for node in &order {
            node.clear_alone(ORDERED);
        }
        let widest = widths.iter().copied().max().unwrap_or(0);
        Ok(Shape { tasks, edges, depth: widths.len(), widest, grown, idle })
    }
}

/// What `assert_graph!` compares: the facts, or why there are none that could be compared.
pub fn known_facts<T>(graph: &Graph<'_, T>) -> Result<Facts, String> {
    let Shape { tasks, edges, depth, widest, grown, .. } =
        graph.shape().map_err(|error| error.to_string())?;
    let (what, at) = match (graph.grows_at(), grown.first()) {
        (Some(at), _) => ("the graph", at),
        (None, Some(part)) => ("a part of the graph", part.location()),
        (None, None) => return Ok(Facts { tasks, edges, depth, widest_level: widest }),
    };
    Err(format!(
        "{what} awaits ({}:{}): it grows while it runs, so its numbers are not known before\n\
         assert those of the parts between its `.await`s, each a graph of its own, or what it computes; \
         a `Recorder` shows how many tasks a run had",
        at.file(),
        at.line()
    ))
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

impl<T> fmt::Display for Graph<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.grows() {
            return f.write_str(
                "a graph that grows while it runs: its tasks are not known before the run",
            );
        }
        let shape = match self.shape() {
            Ok(shape) => shape,
            Err(error) => return write!(f, "a graph that cannot run: {error}"),
        };
        let (tasks, edges) =
            (counted(shape.tasks, "task", "tasks"), counted(shape.edges, "edge", "edges"));
        let (depth, widest) = (grouped(shape.depth), grouped(shape.widest));
        write!(f, "{tasks}, {edges}, depth {depth}, widest level {widest}")?;
        if !shape.grown.is_empty() {
            let grown = counted(shape.grown.len(), "is a graph that grows", "are graphs that grow");
            write!(f, "; {grown} while it runs")?;
        }
        if shape.idle.is_empty() {
            return Ok(());
        }
        let extras = self.core.extras.borrow();
        let named: Vec<String> = shape
            .idle
            .iter()
            .take(NAMED_MAX)
            .map(|&node| {
                let at = node.location();
                format!("`{}` ({}:{})", extras.name(node), at.file(), at.line())
            })
            .collect();
        let idle = counted(shape.idle.len(), "task leads", "tasks lead");
        let more = if shape.idle.len() > NAMED_MAX { ", …" } else { "" };
        write!(f, "; {idle} nowhere and won't run: {}{more}", named.join(", "))
    }
}

impl<T> fmt::Debug for Graph<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Graph({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn numbers_are_grouped_in_threes() {
        let shown: Vec<String> = [0, 999, 1_000, 1_234_567].into_iter().map(grouped).collect();
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
    }
}
