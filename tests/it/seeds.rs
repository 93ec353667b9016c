//! Seeds of tasks: the same on every driver, another one for each task.

use crate::everywhere;
use std::collections::HashSet;
use std::sync::Mutex;
use taskweave::prelude::*;
use taskweave::{TaskOptions, gather, static_graph, task_seed};

#[delayed]
fn draw() -> u64 {
    task_seed()
}
#[delayed]
fn draw_after(_x: u64) -> u64 {
    task_seed()
}
#[delayed]
fn draw_inside(n: usize) -> Vec<u64> {
    graph!({ (0..n).map(|_| draw()).collect::<Vec<_>>() }).compute().unwrap()
}

fn all_different(seeds: &[u64]) {
    assert_eq!(seeds.iter().collect::<HashSet<_>>().len(), seeds.len());
}

fn draws() -> Graph<'static, Vec<u64>> {
    graph!({
        let mut all: Vec<_> = (0..50).map(|_| draw()).collect();
        for at in 0..50 {
            all.push(draw_after(all[at]));
        }
        all.push(draw().named("another"));
        all
    })
}

#[test]
fn each_task_has_a_seed_of_its_own_the_same_on_every_driver() {
    let expected = draws().compute_on(&InThread).unwrap();
    all_different(&expected);
    everywhere(|scheduler| assert_eq!(draws().compute_on(scheduler).unwrap(), expected));
    let other = draws().seed(1).compute().unwrap();
    all_different(&[expected.clone(), other.clone()].concat());
    everywhere(|scheduler| assert_eq!(draws().seed(1).compute_on(scheduler).unwrap(), other));
    assert_eq!(draws().seed(0).compute().unwrap(), expected);
}

#[test]
fn a_name_is_part_of_the_seed() {
    let one = |name: &'static str| graph!({ draw().named(name) }).compute().unwrap();
    assert_ne!(one("a"), one("b"));
    assert_eq!(one("a"), one("a"));
}

#[test]
fn graphs_that_await_have_the_same_seeds_on_every_driver() {
    let graph = || {
        graph!({
            let unread: Vec<_> = (0..20).map(|_| draw()).collect();
            let first = draw().await;
            let mut all = vec![first];
            for _ in 0..5 {
                all.push(draw_after(first).await);
            }
            let late = gather((0..20).map(|_| draw()).collect::<Vec<_>>());
            all.extend(gather(unread).await);
            all.extend(late.await);
            all
        })
    };
    let expected = graph().compute_on(&InThread).unwrap();
    assert_eq!(expected.len(), 46);
    all_different(&expected);
    everywhere(|scheduler| assert_eq!(graph().compute_on(scheduler).unwrap(), expected));
}

#[test]
fn what_a_task_computes_has_seeds_made_of_its_own() {
    let graph = || graph!({ gather((draw_inside(3), draw_inside(3), draw())) });
    let (one, two, three) = graph().compute_on(&InThread).unwrap();
    all_different(&[one.clone(), two.clone(), vec![three]].concat());
    let expected = (one, two, three);
    everywhere(|scheduler| assert_eq!(graph().compute_on(scheduler).unwrap(), expected));
}

#[test]
fn plans_have_the_same_seeds_in_each_run_and_whichever_way_they_run() {
    let expected = draws().compute_on(&InThread).unwrap();
    everywhere(|scheduler| {
        let mut plan = draws().freeze().unwrap();
        for _ in 0..3 {
            assert_eq!(plan.run_on(scheduler).unwrap(), expected);
        }
        plan.set_seed(1);
        let other = plan.run_on(scheduler).unwrap();
        all_different(&[expected.clone(), other].concat());
    });
}

#[test]
fn all_attempts_of_a_task_have_its_seed() {
    #[delayed(retries = 2)]
    fn drawing(seen: &Mutex<Vec<u64>>) -> Result<u64, String> {
        let mut seen = seen.lock().unwrap();
        seen.push(task_seed());
        if seen.len() < 3 { Err("again".into()) } else { Ok(seen[0]) }
    }
    everywhere(|scheduler| {
        let seen = Mutex::new(Vec::new());
        let seed = graph!({ drawing(&seen)? }).compute_on(scheduler).unwrap();
        assert_eq!(*seen.lock().unwrap(), [seed; 3]);
        let priority = TaskOptions::new().priority(1);
        assert_eq!(
            graph!({ draw().with(priority) }).compute_on(scheduler).unwrap(),
            graph!({ draw() }).compute_on(scheduler).unwrap()
        );
    });
}

static_graph! {
    struct Two(x: u64) {
        let both = pair(a, b);
        let a = draw_after(x);
        let b = draw_after(x);
        both
    }
}
#[delayed]
fn pair(a: u64, b: u64) -> [u64; 2] {
    [a, b]
}

#[test]
fn no_two_calls_outside_of_tasks_or_in_static_graphs_give_the_same() {
    #[delayed]
    fn around(_x: u64) -> [u64; 2] {
        Two::new().run(1).unwrap()
    }
    let [a, b] = Two::new().run(1).unwrap();
    let [c, d] = graph!({ around(1) }).compute().unwrap();
    all_different(&[a, b, c, d, task_seed(), task_seed(), draw()]);
}

#[test]
fn runs_that_a_task_spawns_have_its_seed_whoever_begins_them() {
    #[delayed]
    fn spawning(pause: bool) -> u64 {
        let run = graph!({ draw() }).spawn();
        while pause && !run.is_finished() {
            std::thread::yield_now();
        }
        run.wait().unwrap()
    }
    let graph = |pause| graph!({ spawning(pause) });
    let expected = graph(false).compute_on(&InThread).unwrap();
    everywhere(|scheduler| {
        for pause in [false, true] {
            assert_eq!(graph(pause).compute_on(scheduler).unwrap(), expected);
        }
    });
}

#[test]
fn a_destructor_has_no_seed_of_a_task_that_is_done() {
    #[derive(Clone)]
    struct Asks(u64, std::sync::Arc<Mutex<Vec<u64>>>);
    impl Drop for Asks {
        fn drop(&mut self) {
            self.1.lock().unwrap().push(task_seed());
        }
    }
    #[delayed]
    fn make(asks: &Mutex<Vec<u64>>, log: std::sync::Arc<Mutex<Vec<u64>>>, n: u64) -> Asks {
        asks.lock().unwrap().push(task_seed());
        Asks(n, log)
    }
    #[delayed]
    fn read(asks: &Asks) -> u64 {
        asks.0
    }
    let (seeds, log) = (Mutex::new(Vec::new()), std::sync::Arc::new(Mutex::new(Vec::new())));
    everywhere(|scheduler| {
        for n in [0, 7] {
            let graph = graph!({
                let made = make(&seeds, log.clone(), n);
                let unread = make(&seeds, log.clone(), n);
                read(&made).after(&unread)
            });
            assert_eq!(graph.compute_on(scheduler).unwrap(), n);
        }
    });
    let log = log.lock().unwrap();
    all_different(&log);
    let seeds: HashSet<u64> = seeds.lock().unwrap().iter().copied().collect();
    assert!(seeds.len() == 2 && log.iter().all(|seed| !seeds.contains(seed)));
}
