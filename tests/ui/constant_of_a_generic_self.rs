use taskweave::prelude::*;

struct Grid<T>(T);

impl<T> Grid<T> {
    const ROWS: usize = 3;
}

#[delayed]
impl<T: Send + Sync + 'static> Grid<T> {
    pub fn zeros(&self) -> [f64; Self::ROWS] {
        [0.0; 3]
    }
}

#[delayed]
fn grid() -> Grid<f64> {
    Grid(1.0)
}

fn main() {
    let graph = graph!({
        let grid = grid();
        grid.zeros()
    });
    let _ = graph.compute();
}

// Remedy: `const ROWS: usize = 3;` outside of the `impl`, and `[f64; ROWS]`.
