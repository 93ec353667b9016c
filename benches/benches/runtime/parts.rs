//! The parts of the benchmark, each a table.

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};
use taskweave::{Graph, InThread, Recorder, Scheduler, Threads, graph};
use taskweave_benches::measure::{Median, median_times, paired, status_kib};
use taskweave_benches::{Shape, Times, as_times, dag_exec, dagx, obvious, ours, plain};

/// Two threads everywhere: what the machine that the figures in the README are of has.
pub const THREADS: usize = 2;
pub const PAIRS: usize = 15;
const TASKS: u32 = 1_000_000;
/// The longest a contender may take for one run; beyond it a shape is left out.
const PATIENCE: Duration = Duration::from_secs(20);

/// The parts by name.
pub const ALL: &[(&str, fn(&mut Report))] = &[
    ("tasks", tasks),
    ("rivals", rivals),
    ("sizes", sizes),
    ("small", small),
    ("efficiency", efficiency),
    ("memory", memory),
    ("cold", cold),
    ("events", events),
    ("frozen", crate::again::frozen),
    ("static", crate::again::fixed),
    ("await", crate::again::awaits),
    ("options", crate::optioned::options),
    ("hosted", crate::optioned::hosted),
    ("neighbours", neighbours),
    ("huge", huge),
    ("dask", dask),
];

/// What was measured, for the file.
#[derive(Default)]
pub struct Report(Vec<(String, f64)>);

impl Report {
    pub fn note(&mut self, name: impl Into<String>, value: f64) {
        self.0.push((name.into(), value));
    }

    /// Writes the file.
    pub fn write(&self) {
        let mut text = String::from("{\n");
        for (at, (name, value)) in self.0.iter().enumerate() {
            let comma = if at + 1 < self.0.len() { "," } else { "" };
            let _ = writeln!(text, "  \"{name}\": {value}{comma}");
        }
        text.push_str("}\n");
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench-runtime.json");
        if let Err(error) = std::fs::write(path, text) {
            eprintln!("cannot write {path}: {error}");
        }
    }
}

fn of(shape: Shape, scheduler: &dyn Scheduler, runs: usize) -> Vec<Times> {
    let value = plain::value(shape);
    let times: Vec<Times> = (0..=runs).map(|_| ours::run(shape, scheduler)).collect();
    assert!(times.iter().all(|times| times.value == value), "a wrong result");
    times[1..].to_vec()
}

/// ns for each task, on one and two threads.
fn tasks(report: &mut Report) {
    println!("\n## A task, in ns: construct + execute and free (warm, median of {PAIRS})\n");
    println!(
        "| shape | tasks | in thread | {THREADS} threads | plain loop |\n|---|---|---|---|---|"
    );
    let threads = Threads::new(THREADS);
    for shape in Shape::all(TASKS) {
        let mut row = format!("| {} | {} |", shape.name(), shape.tasks());
        for (name, scheduler) in [("in thread", &InThread as &dyn Scheduler), ("threads", &threads)]
        {
            let [construct, execute, _] = median_times(shape.tasks(), &of(shape, scheduler, PAIRS));
            let _ = write!(row, " {construct:.0} + {execute:.0} = {:.0} |", construct + execute);
            report.note(format!("tasks/{}/{name}/construct", shape.name()), construct);
            report.note(format!("tasks/{}/{name}/execute", shape.name()), execute);
        }
        let plain: Vec<Times> = (0..PAIRS).map(|_| plain::run(shape)).collect();
        let [_, plain, _] = median_times(shape.tasks(), &plain);
        println!("{row} {plain:.1} |");
    }
}

/// rayon's pool and tokio's runtime, on as many threads as ours.
pub fn others() -> (::rayon::ThreadPool, ::tokio::runtime::Runtime) {
    let pool = ::rayon::ThreadPoolBuilder::new().num_threads(THREADS).build();
    let runtime = ::tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).build();
    (pool.expect("rayon starts two threads"), runtime.expect("tokio starts two threads"))
}

/// How many times longer the others take.
fn rivals(report: &mut Report) {
    println!("\n## How many times longer the others take, {THREADS} threads, construct to free\n");
    println!(
        "Median of {PAIRS} paired ratios, with its 95 % interval; `–`: it cannot be said there.\n"
    );
    println!("| | fan | chain | tree | wave |\n|---|---|---|---|---|");
    let threads = Threads::new(THREADS);
    let (pool, runtime) = others();
    let mut row = |name: &str, tasks: u32, run: &dyn Fn(Shape) -> Option<Times>| {
        let mut line = format!("| {name} |");
        for shape in Shape::all(tasks) {
            let patience = Instant::now();
            let cell = match run(shape) {
                None => "–".into(),
                Some(_) if patience.elapsed() > PATIENCE => "over 20 s".into(),
                Some(_) => {
                    let their = || run(shape).expect("it could be said before");
                    let (ratio, _, _) = paired(PAIRS, || ours::run(shape, &threads), their);
                    report.note(format!("rivals/{name}/{}", shape.name()), ratio.value);
                    ratio.to_string()
                }
            };
            let _ = write!(line, " {cell} |");
        }
        println!("{line}");
    };
    row("the obvious version (1 M tasks)", TASKS, &|shape| Some(obvious::run(shape, THREADS)));
    #[cfg(has_tbb)]
    row("oneTBB flow graph (1 M)", TASKS, &|shape| {
        Some(taskweave_benches::tbb::run(shape, THREADS))
    });
    row("rayon `scope`, `join` (1 M)", TASKS, &|shape| taskweave_benches::rayon::run(shape, &pool));
    row("tokio `spawn` (1 M)", TASKS, &|shape| taskweave_benches::tokio::run(shape, &runtime));
    row("dagx (10,000)", 10_000, &|shape| dagx::run(shape, &runtime));
    row("dag_exec (10,000)", 10_000, &|shape| Some(dag_exec::run(shape, THREADS)));
}

/// ns for each task at other sizes.
fn sizes(report: &mut Report) {
    println!("\n## ns for each task by size, {THREADS} threads\n");
    println!("| tasks | fan | chain | tree | wave |\n|---|---|---|---|---|");
    let threads = Threads::new(THREADS);
    for tasks in [1_000, 10_000, 100_000, TASKS] {
        let mut line = format!("| {tasks} |");
        for shape in Shape::all(tasks) {
            let times = of(shape, &threads, 2 * PAIRS + 1);
            let ns: f64 = median_times(shape.tasks(), &times).iter().sum();
            report.note(format!("sizes/{}/{tasks}", shape.name()), ns);
            let _ = write!(line, " {ns:.0} |");
        }
        println!("{line}");
    }
}

/// A graph of 15 tasks, again and again.
fn small(report: &mut Report) {
    println!("\n## A graph of 15 tasks, warm, from outside the pool\n");
    println!("| | µs |\n|---|---|");
    let threads = Threads::new(THREADS);
    for (name, scheduler) in [("in thread", &InThread as &dyn Scheduler), ("2 threads", &threads)] {
        let times = of(Shape::Tree(8), scheduler, 2_001);
        let us = median_times(1_000, &times).iter().sum::<f64>();
        report.note(format!("small/{name}"), us);
        println!("| {name} | {us:.1} |");
    }
}

fn busy(time: Duration) -> u64 {
    let start = Instant::now();
    let mut turns = 0;
    while start.elapsed() < time {
        turns += 1;
    }
    turns
}

#[taskweave::delayed]
fn work(ns: u64) -> u64 {
    black_box(busy(Duration::from_nanos(ns)));
    1
}

#[taskweave::delayed]
fn count(done: Vec<u64>) -> u64 {
    done.iter().sum()
}

/// Of two threads' time, how much went into tasks of a known length.
fn efficiency(report: &mut Report) {
    println!("\n## Efficiency: the tasks' own time, over {THREADS} threads' time\n");
    println!("Median of {PAIRS} paired ratios of time, other / here, with its 95 % interval.\n");
    println!(
        "| a task of | here | rayon `scope` / here | rayon `par_iter` / here | tokio `spawn` / here |"
    );
    println!("|---|---|---|---|---|");
    let threads = Threads::new(THREADS);
    let (pool, runtime) = others();
    for (us, tasks) in [(1_u64, 200_000_u64), (10, 40_000), (100, 4_000)] {
        let ns = us * 1_000;
        let run = |f: &dyn Fn() -> u64| as_times(f);
        let here = || {
            run(&|| {
                let graph = graph!({
                    let done: Vec<_> = (0..tasks).map(|_| work(ns)).collect();
                    count(done)
                });
                graph.compute_on(&threads).expect("no task fails")
            })
        };
        let rayon = || {
            run(&|| {
                use ::rayon::prelude::*;
                // One task for each, as everywhere.
                pool.install(|| {
                    (0..tasks as usize).into_par_iter().with_max_len(1).map(|_| work(ns)).sum()
                })
            })
        };
        let scope = || {
            run(&|| {
                let mut done = vec![0; tasks as usize];
                pool.scope(|scope| {
                    for slot in &mut done {
                        scope.spawn(move |_| *slot = work(ns));
                    }
                });
                done.iter().sum()
            })
        };
        let tokio = || {
            run(&|| {
                runtime.block_on(async {
                    let all: Vec<_> =
                        (0..tasks).map(|_| ::tokio::spawn(async move { work(ns) })).collect();
                    let mut sum = 0;
                    for task in all {
                        sum += task.await.expect("no task panics");
                    }
                    sum
                })
            })
        };
        let ideal = tasks as f64 * ns as f64 / 1e9 / THREADS as f64;
        let (by_scope, own, _) = paired(PAIRS, here, scope);
        let (by_rayon, _, _) = paired(PAIRS, here, rayon);
        let (by_tokio, _, _) = paired(PAIRS, here, tokio);
        let here = ideal / own.value;
        println!("| {us} µs | {here:.3} | {by_scope} | {by_rayon} | {by_tokio} |");
        report.note(format!("efficiency/{us} us"), here);
        report.note(format!("efficiency/rayon scope/{us} us"), by_scope.value);
        report.note(format!("efficiency/rayon par_iter/{us} us"), by_rayon.value);
        report.note(format!("efficiency/tokio/{us} us"), by_tokio.value);
    }
}

#[taskweave::delayed]
fn load(i: u64) -> Vec<u8> {
    let mut block = vec![0_u8; 4_000_000];
    block.iter_mut().step_by(512).for_each(|byte| *byte = i as u8);
    block
}

#[taskweave::delayed]
fn reduce(block: Vec<u8>) -> u64 {
    block.iter().step_by(512).map(|&byte| u64::from(byte)).sum()
}

#[taskweave::delayed]
fn add(a: u64, b: u64) -> u64 {
    a + b
}

/// 2,000 loads of 4 MB, each reduced to a number, added in a tree.
fn blocks(loads_first: bool) -> Graph<'static, u64> {
    graph!({
        let mut level = Vec::new();
        if loads_first {
            let loaded: Vec<_> = (0..2_000).map(|i| load(i)).collect();
            level.extend(loaded.into_iter().map(|block| reduce(block)));
        } else {
            for i in 0..2_000 {
                let block = load(i);
                level.push(reduce(block));
            }
        }
        while level.len() > 1 {
            level = level
                .chunks(2)
                .map(|two| if two.len() == 2 { add(two[0], two[1]) } else { two[0] })
                .collect();
        }
        level[0]
    })
}

/// Peaks, each in a process of its own.
fn memory(report: &mut Report) {
    println!("\n## Memory\n");
    println!("| | |\n|---|---|");
    let base = child(&["child", "base"]).map_or(0.0, |(_, kib)| kib);
    for shape in Shape::all(TASKS) {
        if let Some((_, kib)) = child(&["child", shape.name()]) {
            let bytes = (kib - base) * 1024.0 / shape.tasks() as f64;
            report.note(format!("memory/{}", shape.name()), bytes);
            println!("| bytes for each task, {} (peak resident) | {bytes:.0} |", shape.name());
        }
    }
    for (name, title) in [("blocks", "as written"), ("blocks-loads-first", "all loads built first")]
    {
        if let Some((_, kib)) = child(&["child", name]) {
            let blocks = (kib - base) * 1024.0 / 4e6;
            report.note(format!("memory/{name}"), blocks);
            println!(
                "| 2,000 loads of 4 MB, {title}: peak over the base, in blocks | {blocks:.2} |"
            );
        }
    }
}

/// First runs in fresh processes, against warm ones.
fn cold(report: &mut Report) {
    println!("\n## The first run in a fresh process, {THREADS} threads\n");
    println!("| shape | first, ns a task | warm, ns a task | ratio |\n|---|---|---|---|");
    for shape in Shape::all(TASKS) {
        let runs: Vec<(f64, f64)> =
            (0..PAIRS).filter_map(|_| child(&["child", "cold", shape.name()])).collect();
        if runs.len() < PAIRS {
            continue;
        }
        let first = Median::of(runs.iter().map(|run| run.0).collect());
        let warm = Median::of(runs.iter().map(|run| run.1).collect());
        let ratio = Median::of(runs.iter().map(|run| run.0 / run.1).collect());
        report.note(format!("cold/{}", shape.name()), ratio.value);
        println!("| {} | {:.0} | {:.0} | {ratio} |", shape.name(), first.value, warm.value);
    }
}

/// What observing costs.
fn events(report: &mut Report) {
    println!("\n## Events: a recorder, in thread (ns more for each event)\n");
    println!("| shape | events a task | ns an event |\n|---|---|---|");
    for shape in Shape::all(100_000) {
        let recorder = std::sync::Arc::new(Recorder::new());
        ours::run(shape, &InThread.observe(recorder.clone()));
        let count = recorder.events().len() as f64;
        // The recorder of each run is dropped outside of the time.
        let mut kept = Vec::new();
        let (ratio, off, _) = paired(
            2 * PAIRS + 1,
            || ours::run(shape, &InThread),
            || {
                let recorder = std::sync::Arc::new(Recorder::new());
                let times = ours::run(shape, &InThread.observe(recorder.clone()));
                kept = vec![recorder];
                times
            },
        );
        let ns = off.value * (ratio.value - 1.0) * 1e9 / count;
        report.note(format!("events/{}", shape.name()), ns);
        println!("| {} | {:.2} | {ns:.0} |", shape.name(), count / shape.tasks() as f64);
    }
}

#[taskweave::delayed]
fn squares(n: u64) -> u64 {
    use ::rayon::prelude::*;
    (0..n).into_par_iter().map(|i| black_box(i) ^ (i >> 3)).sum()
}

/// Tasks that use `par_iter` inside, on our threads beside rayon's, against rayon alone.
fn neighbours(report: &mut Report) {
    println!(
        "\n## Tasks that use `par_iter` inside: our pool beside rayon's, against rayon alone\n"
    );
    println!("| tasks of 20 M steps | here / rayon alone |\n|---|---|");
    let threads = Threads::new(THREADS);
    for tasks in [1_u64, 2, 3, 12] {
        let timed = |f: &dyn Fn() -> u64| as_times(f);
        let here = || {
            timed(&|| {
                let graph = graph!({
                    let all: Vec<_> = (0..tasks).map(|_| squares(20_000_000)).collect();
                    count(all)
                });
                graph.compute_on(&threads).expect("no task fails")
            })
        };
        let alone = || {
            timed(&|| {
                use ::rayon::prelude::*;
                (0..tasks as usize).into_par_iter().map(|_| squares(20_000_000)).sum()
            })
        };
        let (ratio, _, _) = paired(2 * PAIRS + 1, alone, here);
        report.note(format!("neighbours/{tasks}"), ratio.value);
        println!("| {tasks} | {ratio} |");
    }
}

/// Graphs of ten million tasks on stacks of 256 KiB.
fn huge(report: &mut Report) {
    println!(
        "\n## Ten million tasks: built, printed, computed and dropped on a stack of 256 KiB\n"
    );
    println!("| | seconds | peak GB |\n|---|---|---|");
    for name in ["fan", "chain", "tree", "wave"] {
        if let Some((seconds, kib)) = child(&["child", "huge", name]) {
            report.note(format!("huge/{name}"), seconds);
            println!("| {name} | {seconds:.1} | {:.2} |", kib * 1024.0 / 1e9);
        }
    }
}

/// Dask, where Python has it: µs for each task, against ours at the same size.
fn dask(report: &mut Report) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/dask_shapes.py");
    let installed = Command::new("python3").args(["-c", "import dask"]).output();
    if !installed.is_ok_and(|output| output.status.success()) {
        println!("\n(Dask is left out: `python3` has none.)");
        return;
    }
    println!("\n## dask.delayed on its threads, against ours\n");
    println!(
        "| shape | tasks | Dask, µs a task | here, µs a task | times |\n|---|---|---|---|---|"
    );
    let threads = Threads::new(THREADS);
    for shape in [Shape::Fan(2_000), Shape::Chain(2_000), Shape::Tree(1_024), Shape::Wave(45)] {
        let (Shape::Fan(size) | Shape::Chain(size) | Shape::Tree(size) | Shape::Wave(size)) = shape;
        let output = Command::new("python3")
            .args([script, shape.name(), &size.to_string(), &THREADS.to_string(), "7"])
            .output();
        let Ok(output) = output else { continue };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut theirs = Vec::new();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let seconds = words.next().and_then(|word| word.parse::<f64>().ok());
            let value = words.next().and_then(|word| word.parse::<u64>().ok());
            assert_eq!(value, Some(plain::value(shape)), "Dask disagrees on the result");
            theirs.extend(seconds);
        }
        let us = 1e6 / shape.tasks() as f64;
        let dask = Median::of(theirs).value * us;
        let ns: f64 = median_times(shape.tasks(), &of(shape, &threads, 2 * PAIRS + 1)).iter().sum();
        report.note(format!("dask/{}", shape.name()), dask * 1e3 / ns);
        println!(
            "| {} | {} | {dask:.0} | {:.3} | {:.0} |",
            shape.name(),
            shape.tasks(),
            ns / 1e3,
            dask * 1e3 / ns
        );
    }
}

/// Runs this program again; its two numbers.
fn child(arguments: &[&str]) -> Option<(f64, f64)> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map(str::parse::<f64>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(a)), Some(Ok(b))) => Some((a, b)),
        _ => {
            println!("(no figure: {})", String::from_utf8_lossy(&output.stderr).trim());
            None
        }
    }
}

fn named(name: &str) -> Option<Shape> {
    Shape::all(TASKS).into_iter().find(|shape| shape.name() == name)
}

/// What a child does; true if this process is one.
pub fn as_child(words: &[&str]) -> bool {
    let threads = Threads::new(THREADS);
    match words {
        ["child", "cold", name] => {
            let Some(shape) = named(name) else { return true };
            let ns = |times: Times| times.total().as_secs_f64() * 1e9 / shape.tasks() as f64;
            let first = ns(ours::run(shape, &threads));
            let warm = (0..8).map(|_| ns(ours::run(shape, &threads))).collect();
            println!("{first} {}", Median::of(warm).value);
        }
        ["child", "huge", name] => {
            let Some(shape) = Shape::all(10_000_000).into_iter().find(|s| s.name() == *name) else {
                return true;
            };
            let value = plain::value(shape);
            let start = Instant::now();
            let small_stack = std::thread::Builder::new().stack_size(256 << 10);
            let worker = small_stack.spawn(move || {
                let graph = ours::build(shape);
                black_box(graph.to_string());
                assert_eq!(graph.compute_on(&InThread).expect("no task fails"), value);
                drop(black_box(ours::build(shape)));
            });
            worker.expect("a thread").join().expect("it fits into the stack");
            println!("{} {}", start.elapsed().as_secs_f64(), status_kib("VmHWM").unwrap_or(0));
        }
        ["child", what] => {
            let value = match *what {
                "base" => ours::run(Shape::Tree(8), &threads).value,
                "blocks" => blocks(false).compute_on(&threads).expect("no task fails"),
                "blocks-loads-first" => blocks(true).compute_on(&threads).expect("no task fails"),
                name => named(name).map_or(0, |shape| ours::run(shape, &threads).value),
            };
            black_box(value);
            println!("0 {}", status_kib("VmHWM").unwrap_or(0));
        }
        ["loop", name, times] | ["loop", name, times, _] => {
            let (Some(shape), Ok(times)) = (named(name), times.parse::<u32>()) else { return true };
            let alone = words.len() == 3;
            let scheduler: &dyn Scheduler = if alone { &InThread } else { &threads };
            for _ in 0..times {
                black_box(ours::run(shape, scheduler));
            }
        }
        _ => return false,
    }
    true
}
