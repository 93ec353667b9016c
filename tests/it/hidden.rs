//! A plain function that hides a delayed one of its name is an error of the graph: `graph!` knows names only, and would add the task.

use taskweave::ErrorKind;
use taskweave::prelude::*;

#[delayed]
fn fit(x: f64) -> f64 {
    x + 1.0
}
#[delayed]
fn parse(text: &str) -> Result<f64, std::num::ParseFloatError> {
    text.parse()
}
#[delayed]
fn split(x: f64) -> (f64, f64) {
    (x.trunc(), x.fract())
}
mod plain {
    pub(crate) fn fit(x: f64) -> f64 {
        x + 100.0
    }
    pub(crate) fn parse(_: &str) -> Result<f64, std::num::ParseFloatError> {
        Ok(100.0)
    }
    pub(crate) fn split(x: f64) -> (f64, f64) {
        (x, x)
    }
}

mod inner {
    use super::plain::fit;
    use super::*;
    pub(crate) const LINE: u32 = line!() + 2;
    pub(crate) fn graph() -> Graph<'static, f64> {
        graph!({ fit(1.0) })
    }
}

fn is_refused(graph: Graph<'_, f64>, name: &str, line: u32) {
    let error = graph.check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Hidden);
    assert_eq!(
        error.to_string(),
        format!(
            "task `{name}` ({}:{line}) is hidden by a plain function of its name: \
             write `({name})(..)` to call that, or give one of them another name",
            file!()
        )
    );
    assert_eq!(graph.compute().unwrap_err().kind(), ErrorKind::Hidden);
}

#[test]
fn by_a_function_or_an_import_around_the_graph() {
    {
        fn fit(x: f64) -> f64 {
            x + 100.0
        }
        assert_eq!(fit(1.0), 101.0);
        is_refused(graph!({ fit(1.0) }), "fit", line!());
        assert_eq!(graph!({ (fit)(1.0) }).compute().unwrap(), 101.0);
    }
    {
        use plain::fit;
        assert_eq!(fit(1.0), 101.0);
        is_refused(graph!({ fit(1.0) }), "fit", line!());
    }
    assert_eq!(graph!({ fit(1.0) }).compute().unwrap(), 2.0);
}

#[test]
fn by_an_import_inside_the_graph() {
    let graph = graph!({
        use plain::fit;
        fit(1.0)
    });
    is_refused(graph, "fit", line!() - 2);
}

#[test]
fn where_a_result_or_a_tuple_is_taken() {
    use plain::{parse, split};
    assert_eq!((parse("1").unwrap(), split(1.5)), (100.0, (1.5, 1.5)));
    is_refused(graph!({ parse("1")? }), "parse", line!());
    let graph = graph!({
        let (whole, _part) = split(1.5);
        whole
    });
    is_refused(graph, "split", line!() - 3);
}

#[test]
fn by_a_named_import_beside_a_glob() {
    is_refused(inner::graph(), "fit", inner::LINE);
}
