//! What is used of polars that its documentation does not have, all of it, each with a test.
//!
//! In: closures that call polars' kernels, rows, column chunks. Out: what is made of them, on the thread that calls.
//!
//! Not here: what is documented, however seldom it is used.

use polars_async::executor::ALLOW_RAYON_THREADS;
use polars_core::prelude::{DataFrame, PlSmallStr, PolarsResult};
use polars_core::utils::arrow::array::{MutableBinaryViewArray, View};

/// Decodes the column chunks that it is given, and reads nothing itself; `parquet/tests` reads all types by it.
pub(crate) use polars_io::parquet::read::_internal::to_deserializer;

/// Appends a text that stands in its view, as it is: nobody looks whether it is UTF-8, and zero behind its end. What comes from the CSV reader is
/// (`O2`, `O3` there).
#[inline]
pub(crate) fn push_short(texts: &mut MutableBinaryViewArray<str>, view: View) {
    texts.push_view(view, &[]);
}

/// The rows in parts of equal keys, in the order in which these come first. The documented way hands work to other threads.
pub(crate) fn parts_by(rows: &DataFrame, keys: &[PlSmallStr]) -> PolarsResult<Vec<DataFrame>> {
    rows._partition_by_impl(keys, true, true, false)
}

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
    use super::{on_this_thread, parts_by, push_short};
    use polars_core::df;
    use polars_core::prelude::{Column, DataFrame, SortMultipleOptions};
    use polars_core::runtime::RAYON;
    use polars_core::utils::arrow::array::{MutableBinaryViewArray, View};

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
    fn short_texts_are_those_of_their_views() {
        let all = ["", "a", "é", "twelve bytes"];
        let mut texts = MutableBinaryViewArray::<str>::with_capacity(0);
        all.iter().for_each(|text| push_short(&mut texts, View::new_inline(text.as_bytes())));
        let texts = texts.freeze();
        assert!(texts.values_iter().eq(all));
        assert_eq!(texts.total_bytes_len(), 15);
    }

    #[test]
    fn parts_come_in_the_order_of_their_first_rows() {
        let rows = df!("k" => ["b", "a", "b"], "x" => [1, 2, 3]).unwrap();
        let parts = parts_by(&rows, &["k".into()]).unwrap();
        let expected = [df!("k" => ["b", "b"], "x" => [1, 3]), df!("k" => ["a"], "x" => [2])];
        assert_eq!(parts, expected.map(Result::unwrap));
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
