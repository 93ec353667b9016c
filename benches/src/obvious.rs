//! What one writes first: nodes behind `Arc`, everything behind `Mutex`, tasks boxed, one queue. Never tuned later.
#![allow(clippy::unwrap_used)]

use crate::{Shape, Times, join, leaf, pair, step};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

struct Node {
    run: Mutex<Option<Box<dyn FnOnce(&[u64]) -> u64 + Send>>>,
    inputs: Vec<Arc<Node>>,
    successors: Mutex<Vec<Arc<Node>>>,
    waiting: AtomicUsize,
    output: Mutex<Option<u64>>,
}

#[derive(Default)]
struct Graph {
    nodes: Vec<Arc<Node>>,
}

impl Graph {
    fn task(
        &mut self,
        inputs: Vec<Arc<Node>>,
        run: impl FnOnce(&[u64]) -> u64 + Send + 'static,
    ) -> Arc<Node> {
        let node = Arc::new(Node {
            run: Mutex::new(Some(Box::new(run))),
            waiting: AtomicUsize::new(inputs.len()),
            inputs,
            successors: Mutex::default(),
            output: Mutex::default(),
        });
        for input in &node.inputs {
            input.successors.lock().unwrap().push(node.clone());
        }
        self.nodes.push(node.clone());
        node
    }
}

struct Queue {
    ready: Mutex<VecDeque<Arc<Node>>>,
    changed: Condvar,
    left: AtomicUsize,
}

fn work(queue: &Queue) {
    loop {
        let node = {
            let mut ready = queue.ready.lock().unwrap();
            loop {
                if let Some(node) = ready.pop_front() {
                    break node;
                }
                if queue.left.load(Ordering::Acquire) == 0 {
                    return;
                }
                ready = queue.changed.wait(ready).unwrap();
            }
        };
        let inputs: Vec<u64> =
            node.inputs.iter().map(|input| input.output.lock().unwrap().unwrap()).collect();
        let run = node.run.lock().unwrap().take().unwrap();
        *node.output.lock().unwrap() = Some(run(&inputs));
        for successor in node.successors.lock().unwrap().iter() {
            if successor.waiting.fetch_sub(1, Ordering::AcqRel) == 1 {
                queue.ready.lock().unwrap().push_back(successor.clone());
                queue.changed.notify_one();
            }
        }
        if queue.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            let _ready = queue.ready.lock().unwrap();
            queue.changed.notify_all();
        }
    }
}

fn build(shape: Shape) -> (Graph, Arc<Node>) {
    let mut graph = Graph::default();
    let output = match shape {
        Shape::Fan(n) => {
            let leaves =
                (0..u64::from(n)).map(|i| graph.task(vec![], move |_| leaf(i))).collect::<Vec<_>>();
            graph.task(leaves, |values| join(values.iter().copied()))
        }
        Shape::Chain(n) => {
            let mut x = graph.task(vec![], |_| leaf(0));
            for _ in 1..n {
                x = graph.task(vec![x], |x| step(x[0]));
            }
            x
        }
        Shape::Tree(leaves) => {
            let mut level: Vec<_> =
                (0..u64::from(leaves)).map(|i| graph.task(vec![], move |_| leaf(i))).collect();
            while level.len() > 1 {
                level = level
                    .chunks_exact(2)
                    .map(|two| graph.task(two.to_vec(), |two| pair(two[0], two[1])))
                    .collect();
            }
            level[0].clone()
        }
        Shape::Wave(side) => {
            let mut row: Vec<Arc<Node>> = Vec::new();
            for i in 0..u64::from(side) {
                let mut left: Option<Arc<Node>> = None;
                for j in 0..side as usize {
                    let cell = match (left, row.get(j).cloned()) {
                        (None, None) => graph.task(vec![], move |_| pair(leaf(i), 0)),
                        (None, Some(up)) => graph.task(vec![up], move |x| pair(leaf(i), x[0])),
                        (Some(left), None) => graph.task(vec![left], |x| pair(x[0], 0)),
                        (Some(left), Some(up)) => graph.task(vec![left, up], |x| pair(x[0], x[1])),
                    };
                    if j < row.len() {
                        row[j] = cell.clone();
                    } else {
                        row.push(cell.clone());
                    }
                    left = Some(cell);
                }
            }
            row[row.len() - 1].clone()
        }
    };
    (graph, output)
}

/// Builds, runs on `threads` threads of its own, frees.
pub fn run(shape: Shape, threads: usize) -> Times {
    let start = Instant::now();
    let (graph, output) = build(shape);
    let built = Instant::now();
    let queue = Queue {
        ready: Mutex::new(
            graph
                .nodes
                .iter()
                .filter(|node| node.waiting.load(Ordering::Relaxed) == 0)
                .cloned()
                .collect(),
        ),
        changed: Condvar::new(),
        left: AtomicUsize::new(graph.nodes.len()),
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| work(&queue));
        }
        work(&queue);
    });
    let value = output.output.lock().unwrap().expect("it has run");
    let done = Instant::now();
    drop(output);
    // In the order of building, and without the queue: a chain would else be freed by recursion.
    for node in &graph.nodes {
        node.successors.lock().unwrap().clear();
    }
    let mut graph = graph;
    while let Some(node) = graph.nodes.pop() {
        drop(node);
    }
    let freed = Instant::now();
    Times { construct: built - start, execute: done - built, free: freed - done, value }
}
