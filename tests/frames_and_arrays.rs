//! Frames of arrays and arrays of frames through the facade, which has them where the features `array` and `frame` are both on.
#![allow(clippy::unwrap_used)]

use ndarray::{Array2, Axis};
use taskweave::array::{Array, Random};
use taskweave::frame::prelude::*;
use taskweave::prelude::*;

#[delayed]
fn rows(values: &Array2<f64>) -> usize {
    values.nrows()
}

#[test]
fn a_frame_of_an_array_is_an_array_again_in_a_graph() {
    let x = Random::new(1).uniform::<f64, _>([1000, 3]).rechunk([300, 2]);
    let late = Frame::from_array(&x, ["a", "b", "c"]).filter(col("a").gt(0.5)).select(["b", "c"]);
    let y: Array<f64, _> = late.to_array();
    let graph = graph!({ rows(y.mean_axis(Axis(0)).insert_axis(Axis(0))) + rows(y.clone()) });
    let values = x.compute().unwrap();
    let left = values.column(0).iter().filter(|&&a| a > 0.5).count();
    assert_eq!(graph.compute().unwrap(), left + 1);
}

#[test]
fn errors_of_both_are_errors_of_the_facade() {
    fn mean(frame: &Frame) -> Result<f64, Error> {
        Ok(frame.to_array::<f64>().mean().compute()?.into_scalar())
    }
    let frame = Frame::from_polars(df!("x" => [Some(1), None, Some(3)]).unwrap(), 2);
    assert!(mean(&frame).unwrap().is_nan());
    assert_eq!(mean(&frame.drop_nulls("x")).unwrap(), 2.0);
    let text = Frame::from_polars(df!("x" => ["a"]).unwrap(), 1);
    let error = mean(&text).unwrap_err();
    let own = error.downcast_ref::<taskweave::array::Error>().unwrap();
    let source = std::error::Error::source(own).unwrap();
    let of_frame = source.downcast_ref::<taskweave::frame::Error>().unwrap();
    assert_eq!(of_frame.kind(), taskweave::frame::ErrorKind::Type);
}
