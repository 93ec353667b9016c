//! What is a message of handles stays what it is of plain values, whose callees are in the block as well.
use taskweave::prelude::*;

#[derive(Debug, Clone, PartialEq)]
struct Model {
    loss: f64,
}

fn fitted(alpha: f64) -> Model {
    Model { loss: alpha }
}
fn known(alpha: f64) -> Model {
    Model { loss: alpha * 2.0 }
}
fn plain(x: f64) -> f64 {
    x
}

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    let graph = graph!({
        let (a, b) = (fitted(1.0), known(1.0));
        let c = fitted(3.0);
        assert!(a.loss < b.loss && (b.loss - a.loss) * c.loss == 3.0);
        assert_eq!(vec![a.loss, b.loss], [1.0, 2.0]);
        assert_eq!(format!("{} {}", a.loss, b.loss), "1 2");
        let larger = a.loss > b.loss;
        let models = vec![fitted(2.0), known(0.5)];
        assert_eq!(models, [Model { loss: 2.0 }, Model { loss: 1.0 }]);
        let mut losses: Vec<f64> = models.iter().map(|model| plain(model.loss)).collect();
        losses.sort_by(|a, b| a.total_cmp(b));
        losses.dedup();
        let above = losses.iter().filter(|loss| **loss > 1.0).count();
        let most = losses.iter().max_by(|a, b| a.total_cmp(b)).copied().unwrap();
        let n = if larger { plain(1.0) } else { plain(most) };
        if larger {
            plain(1.0);
        } else {
            plain(2.0);
        }
        let nothing = match above {
            1 => {
                plain(1.0);
            }
            _ => {
                plain(2.0);
            }
        };
        assert_eq!(nothing, ());
        half(a.loss + b.loss + n)
    });
    assert_eq!(graph.compute().unwrap(), 2.5);
}
