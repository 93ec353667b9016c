//! The heat of a plate that is larger than the memory it is computed in.
//!
//! A plate of 12,288 × 12,288 cells (1.1 GiB of `f64`) is heated along the shape of a torus knot, then cools for 48 steps of the five-point scheme for the heat equation, and
//! becomes a picture of 512 × 512 pixels. No more than a few blocks of it are ever there: a block takes its neighbours' edges along, as wide as there are steps, goes
//! all the steps while it is in the cache, and is averaged to a few pixels at once.
//!
//! `cargo run --release --features array --example heat` writes `target/heat.png`.

use ndarray::{Array2, ArrayView2, Axis, Ix2, Zip, s};
use taskweave::array::{Array, Boundary, Bytes};

/// Cells along a side.
const CELLS: usize = 12_288;
/// Cells along a side of a block.
const BLOCK: usize = 384;
/// Pixels along a side.
const PIXELS: usize = 512;
/// Steps in time, which a block goes at once.
const STEPS: usize = 24;
/// So many times.
const ROUNDS: usize = 2;
/// Share of the difference to its neighbours that a cell loses in a step; stable up to 0.25.
const DIFFUSION: f64 = 0.24;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut plate = Array::<f64, Ix2>::from_fn([CELLS, CELLS], heat_at).rechunk(BLOCK);
    println!("{plate}");
    let before = plate.sum();
    for _ in 0..ROUNDS {
        plate = plate.map_overlap(STEPS, Boundary::Nearest, cooled);
    }
    let total = plate.sum();
    let per_pixel = CELLS / PIXELS;
    let pixels_of_block = vec![BLOCK / per_pixel; CELLS / BLOCK];
    let picture =
        plate.map_blocks_to(vec![pixels_of_block.clone(), pixels_of_block], move |block, _| {
            Array2::from_shape_fn(
                (block.nrows() / per_pixel, block.ncols() / per_pixel),
                |(i, j)| {
                    let (i, j) = (i * per_pixel, j * per_pixel);
                    block.slice(s![i..i + per_pixel, j..j + per_pixel]).mean().unwrap_or(0.0)
                },
            )
        });
    println!("picture: {}", picture.plan(2)?);

    // The three have blocks in common, which are computed once, and let go of after the last of them has read.
    let (before, total, picture) = taskweave::compute((before, total, picture))?;
    let (before, after) = (before.into_scalar(), total.into_scalar());
    println!("heat before {before:.1}, after {} steps {after:.1}", STEPS * ROUNDS);
    // Nothing leaves the plate.
    assert!((before - after).abs() < 1e-9 * before);

    let path = std::path::Path::new("target").join("heat.png");
    std::fs::create_dir_all("target")?;
    write_png(&path, &picture)?;
    println!("written: {}", path.display());
    if let Some(peak) = peak_memory() {
        println!(
            "memory in use at most: {} of the plate's {}",
            Bytes(peak),
            Bytes((CELLS * CELLS * 8) as u64)
        );
        assert!(peak < 400 << 20, "the plate does not fit into what was used for it");
    }
    Ok(())
}

/// A band of heat around the shadow of a torus knot, brighter where it is nearer.
fn heat_at([i, j]: [usize; 2]) -> f64 {
    let unit = |at: usize| (at as f64 + 0.5) / CELLS as f64 * 2.0 - 1.0;
    let (y, x) = (unit(i), unit(j));
    let (radius, angle) = ((x * x + y * y).sqrt(), y.atan2(x));
    let mut heat = 0.0;
    // The knot winds twice around the centre: at each angle it is seen at two places.
    for turn in 0..2 {
        let phase = 1.5 * (angle + std::f64::consts::TAU * f64::from(turn));
        let distance = (radius - (0.55 + 0.22 * phase.cos())).abs();
        let nearness = 0.6 + 0.4 * phase.sin();
        if distance < 0.05 {
            heat += nearness * (1.0 - distance / 0.05);
        }
    }
    heat
}

/// The block after all steps: with its neighbours, of which one row less is right after each step.
#[allow(clippy::reversed_empty_ranges, reason = "`s!` counts -1 from the end")]
fn cooled(block: ArrayView2<'_, f64>) -> Array2<f64> {
    let mut now = block.to_owned();
    let mut next = now.clone();
    for _ in 0..STEPS {
        Zip::from(next.slice_mut(s![1..-1, 1..-1]).rows_mut())
            .and(now.slice(s![..-2, 1..-1]).rows())
            .and(now.slice(s![2.., 1..-1]).rows())
            .and(now.slice(s![1..-1, ..]).rows())
            .for_each(|next, above, below, row| {
                step(next.into_slice(), above.to_slice(), below.to_slice(), row.to_slice())
            });
        std::mem::swap(&mut now, &mut next);
    }
    now
}

/// A row of the five-point scheme; `row` is one cell longer at both ends.
fn step(
    next: Option<&mut [f64]>,
    above: Option<&[f64]>,
    below: Option<&[f64]>,
    row: Option<&[f64]>,
) {
    let (Some(next), Some(above), Some(below), Some(row)) = (next, above, below, row) else {
        return;
    };
    let (left, middle, right) = (row, &row[1..], &row[2..]);
    for (i, next) in next.iter_mut().enumerate() {
        let around = above[i] + below[i] + left[i] + right[i];
        *next = middle[i] + DIFFUSION * (around - 4.0 * middle[i]);
    }
}

/// Black, red, yellow, white, as iron that is heated.
fn write_png(
    path: &std::path::Path,
    picture: &Array2<f64>,
) -> Result<(), Box<dyn std::error::Error>> {
    let hottest = picture.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let colour = |heat: f64| {
        let heat = (heat / hottest).sqrt();
        [0.0, 1.0, 2.0].map(|from| ((heat * 3.0 - from).clamp(0.0, 1.0) * 255.0) as u8)
    };
    let pixels: Vec<u8> =
        picture.axis_iter(Axis(0)).flat_map(|row| row.to_vec()).flat_map(colour).collect();
    let mut encoder = png::Encoder::new(
        std::io::BufWriter::new(std::fs::File::create(path)?),
        PIXELS as u32,
        PIXELS as u32,
    );
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(())
}

/// The most memory that the process has had, where the system says so.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok().map(|kib| kib * 1024)
}
