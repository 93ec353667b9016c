//! Spans around tasks, and the caller's span in them.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use taskweave::prelude::*;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber, info, info_span};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

/// What was seen: each task's span with its fields and the span around it; each event with the spans it is in.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Log>>);
#[derive(Default)]
struct Log {
    tasks: Vec<(HashMap<String, String>, Option<String>)>,
    events: Vec<Vec<String>>,
}

#[derive(Default)]
struct Fields(HashMap<String, String>);
impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().into(), format!("{value:?}").trim_matches('"').into());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Seen {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.metadata().target() == "taskweave" {
            assert_eq!(attributes.metadata().name(), "task");
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            let around = context.span(id).unwrap().parent().map(|span| span.name().to_string());
            self.0.lock().unwrap().tasks.push((fields.0, around));
        }
    }
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() == "work" {
            let spans = context.event_scope(event).into_iter().flatten();
            let spans = spans.map(|span| span.name().to_string()).collect();
            self.0.lock().unwrap().events.push(spans);
        }
    }
}

#[delayed]
fn work(n: u32) -> u32 {
    info!(target: "work", n);
    n
}
#[delayed(retries = 2)]
fn flaky(calls: &Mutex<u32>) -> Result<u32, String> {
    let mut calls = calls.lock().unwrap();
    *calls += 1;
    if *calls < 3 { Err("again".into()) } else { Ok(*calls) }
}
#[delayed]
fn outer() -> u32 {
    graph!({ work(7).named("inner") }).compute().unwrap()
}

/// All of one test runs with the subscriber as the process's, because tasks run on other threads.
fn seen() -> Seen {
    let seen = Seen::default();
    tracing::subscriber::set_global_default(Registry::default().with(seen.clone())).unwrap();
    seen
}

#[test]
fn each_attempt_of_a_task_is_a_span_inside_of_its_callers() {
    let seen = seen();
    let take = || std::mem::take(&mut *seen.0.lock().unwrap());
    for scheduler in [&InThread as &dyn Scheduler, &Threads::new(4)] {
        let all = info_span!(target: "work", "caller").in_scope(|| {
            graph!({ (0..20).map(|n| work(n)).collect::<Vec<_>>() }).compute_on(scheduler).unwrap()
        });
        let log = take();
        assert_eq!(log.tasks.len(), 20);
        let mut places: Vec<u32> = Vec::new();
        for (fields, around) in &log.tasks {
            assert_eq!((fields["name"].as_str(), fields["attempt"].as_str()), ("work", "1"));
            assert_eq!(around.as_deref(), Some("caller"));
            places.push(fields["place"].parse().unwrap());
        }
        places.sort_unstable();
        assert_eq!(places, all);
        assert_eq!(log.events, vec![vec!["task".to_string(), "caller".into()]; 20]);

        let calls = Mutex::new(0);
        assert_eq!(graph!({ flaky(&calls)? }).compute_on(scheduler).unwrap(), 3);
        let attempts: Vec<_> =
            take().tasks.iter().map(|(fields, _)| fields["attempt"].clone()).collect();
        assert_eq!(attempts, ["1", "2", "3"]);

        // A graph in a task, in the background, that awaits, in a plan.
        info_span!(target: "work", "caller").in_scope(|| {
            graph!({ outer() }).compute_on(scheduler).unwrap();
            graph!({ work(work(1).await) }).spawn_on(scheduler).wait().unwrap();
            let mut plan = graph!({ work(2) }).freeze().unwrap();
            plan.run_on(scheduler).unwrap();
        });
        let log = take();
        let around: Vec<_> = log
            .tasks
            .iter()
            .map(|(fields, around)| (fields["name"].clone(), around.clone().unwrap()))
            .collect();
        let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
        assert_eq!(
            around,
            [
                pair("outer", "caller"),
                pair("inner", "task"),
                pair("work", "caller"),
                pair("work", "caller"),
                pair("work", "caller")
            ]
        );
    }
}
