//! What is used of polars that its documentation does not have, all of it, each with a test.
//!
//! In: closures that call polars' kernels. Out: what they give, computed on the thread that calls.

use polars_async::executor::ALLOW_RAYON_THREADS;

/// Runs `f` so that no kernel of polars hands work to polars' own threads: a task is one thread, and one that waits for others of another
/// pool may wait for itself.
pub(crate) fn on_this_thread<T>(f: impl FnOnce() -> T) -> T {
    /// Puts the switch back, also if `f` panics.
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            ALLOW_RAYON_THREADS.set(self.0);
        }
    }
    let _before = Before(ALLOW_RAYON_THREADS.replace(false));
    f()
}

#[cfg(test)]
mod tests {
    use super::on_this_thread;
    use polars_core::prelude::{Column, DataFrame, SortMultipleOptions};
    use polars_core::runtime::RAYON;

    #[test]
    fn kernels_stay_on_the_thread_that_calls() {
        let own = std::thread::current().id();
        let there = on_this_thread(|| RAYON.install(|| std::thread::current().id()));
        assert_eq!(there, own);
        // Without the switch they do not, or this test says nothing.
        assert_ne!(RAYON.install(|| std::thread::current().id()), own);
    }

    #[test]
    fn the_switch_is_put_back_after_a_panic() {
        let own = std::thread::current().id();
        let panicked = std::panic::catch_unwind(|| on_this_thread(|| panic!("in a kernel")));
        assert!(panicked.is_err());
        assert_ne!(RAYON.install(|| std::thread::current().id()), own);
    }

    #[test]
    fn large_sorts_work_on_one_thread() {
        let values: Vec<i64> = (0..300_000).map(|at| (at * 7_919) % 300_007).collect();
        let frame = DataFrame::new_infer_height(vec![Column::new("x".into(), &values)]).unwrap();
        let sorted = on_this_thread(|| frame.sort(["x"], SortMultipleOptions::default())).unwrap();
        let mut expected = values;
        expected.sort_unstable();
        assert!(sorted["x"].i64().unwrap().iter().flatten().eq(expected));
    }
}
