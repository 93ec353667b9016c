//! Random programs: any steps one after the other, of any shapes in any chunks, against plain loops over `ndarray` arrays.
//!
//! Elements are whole numbers, so that all results are exact. A failure prints the seed and the program; `TASKWEAVE_PROGRAMS=100000` runs more than a test run does.

use crate::given::Given;
use ndarray::{ArrayD, ArrayViewD, Axis, Ix2, IxDyn, SliceInfo, SliceInfoElem};
use taskweave_array::{Array, Boundary, Pad, concatenate, stack};
use taskweave_runtime::{InThread, Threads, compute};

/// So many programs in a test run.
const PROGRAMS: u64 = 400;
/// Arrays of a program have no more elements.
const ELEMENTS_MAX: usize = 4000;
/// Numbers stay as small as this.
const MODULUS: f64 = 1009.0;

/// The same array, plain and in chunks.
#[derive(Clone)]
struct Pair {
    plain: ArrayD<f64>,
    chunked: Array<f64, IxDyn>,
}

/// A program while it is written.
struct Program {
    given: Given,
    text: Vec<String>,
}

impl Program {
    fn below(&mut self, n: usize) -> usize {
        self.given.below(n)
    }

    fn input(&mut self) -> Pair {
        let rank = self.below(4);
        let longest = [1, 200, 30, 9][rank];
        let shape: Vec<usize> = (0..rank)
            .map(|_| match self.below(14) {
                0 => 0,
                1 | 2 => 1,
                _ => 1 + self.below(longest),
            })
            .collect();
        self.values(&shape)
    }

    fn values(&mut self, shape: &[usize]) -> Pair {
        let plain = self.given.whole(shape);
        let chunked = self.given.chunked(&plain);
        Pair { plain, chunked }
    }

    /// An axis; of rank 0 none.
    fn axis(&mut self, x: &Pair) -> Option<Axis> {
        (x.plain.ndim() > 0).then(|| Axis(self.below(x.plain.ndim())))
    }

    /// One more step of `x`; none, if the step it hits upon does not go.
    fn step(&mut self, x: &Pair) -> Option<Pair> {
        let kind = self.below(6);
        let (name, made) = match kind {
            0 => self.view(x)?,
            1 => self.elementwise(x)?,
            2 => self.joined(x)?,
            3 => self.reduced(x)?,
            4 => self.rearranged(x)?,
            _ => self.blocks(x)?,
        };
        self.text.push(format!("{name} -> {:?}", made.plain.shape()));
        Some(made)
    }

    fn view(&mut self, x: &Pair) -> Option<(String, Pair)> {
        let Pair { plain: a, chunked: y } = x;
        let rank = a.ndim();
        let (name, plain, chunked) = match self.below(6) {
            0 => {
                let mut order: Vec<usize> = (0..rank).collect();
                for at in (1..rank).rev() {
                    order.swap(at, self.below(at + 1));
                }
                let order = IxDyn(&order);
                (
                    format!("permuted_axes {order:?}"),
                    a.clone().permuted_axes(order.clone()),
                    y.permuted_axes(order),
                )
            }
            1 => {
                let axis = self.axis(x)?;
                let mut turned = a.clone();
                turned.invert_axis(axis);
                (format!("invert_axis {axis:?}"), turned, y.invert_axis(axis))
            }
            2 if rank < 4 => {
                let axis = Axis(self.below(rank + 1));
                let (mut plain, mut chunked) =
                    (a.clone().insert_axis(axis), y.insert_axis(axis).into_dyn());
                let mut shape = plain.shape().to_vec();
                shape[axis.0] = self.below(5);
                plain = plain.broadcast(&shape[..])?.to_owned();
                chunked = chunked.broadcast(IxDyn(&shape));
                (format!("broadcast to {shape:?}"), plain, chunked)
            }
            3 => {
                let axis = self.axis(x).filter(|&axis| a.len_of(axis) > 0)?;
                let index = self.below(a.len_of(axis));
                (
                    format!("index_axis {axis:?} {index}"),
                    a.index_axis(axis, index).to_owned(),
                    y.index_axis(axis, index),
                )
            }
            _ => {
                let info = self.slice(a.shape());
                (format!("slice {info:?}"), a.slice(&info).to_owned(), y.slice(&info))
            }
        };
        Some((name, Pair { plain, chunked }))
    }

    fn slice(&mut self, shape: &[usize]) -> SliceInfo<Vec<SliceInfoElem>, IxDyn, IxDyn> {
        let mut parts = Vec::new();
        for &len in shape {
            parts.push(match self.below(8) {
                0 if len > 0 => SliceInfoElem::Index(self.below(2 * len) as isize - len as isize),
                1 => SliceInfoElem::Slice { start: 0, end: None, step: -1 },
                _ => {
                    let (a, b) = (self.below(len + 1), self.below(len + 1));
                    let step = [1, 1, 2, 3, -1, -2, isize::MAX, isize::MIN][self.below(8)];
                    let (start, end) = (a.min(b) as isize, Some(a.max(b) as isize));
                    SliceInfoElem::Slice { start, end, step: step.max(-(1 << 40)) }
                }
            });
            if self.below(12) == 0 && shape.len() < 4 {
                parts.push(SliceInfoElem::NewAxis);
            }
        }
        SliceInfo::try_from(parts).unwrap()
    }

    /// Something that broadcasts against `x`: of it, or of its own.
    fn partner(&mut self, x: &Pair) -> Pair {
        let shape = x.plain.shape().to_vec();
        match self.below(4) {
            0 => x.clone(),
            1 => {
                let chunked = x.chunked.mapv(|x| x - 1.0).rechunk(self.given.chunks(&shape));
                Pair { plain: &x.plain - 1.0, chunked }
            }
            2 if !shape.is_empty() => {
                let axis = self.below(shape.len());
                let kept: Vec<usize> = shape
                    .iter()
                    .enumerate()
                    .map(|(at, &len)| if at == axis { 1 } else { len })
                    .collect();
                let sum = x.plain.sum_axis(Axis(axis)).into_shape_with_order(IxDyn(&kept));
                Pair { plain: sum.unwrap(), chunked: x.chunked.over([axis]).keep_dims().sum() }
            }
            _ => {
                let from = self.below(shape.len() + 1);
                let part: Vec<usize> = shape[from..]
                    .iter()
                    .map(|&len| if self.below(3) == 0 { 1 } else { len })
                    .collect();
                self.values(&part)
            }
        }
    }

    fn elementwise(&mut self, x: &Pair) -> Option<(String, Pair)> {
        let Pair { plain: a, chunked: y } = x;
        let Pair { plain: b, chunked: z } = self.partner(x);
        let with = |f: fn(f64, f64) -> f64| {
            let mut plain = a.clone();
            ndarray::Zip::from(&mut plain).and_broadcast(&b).for_each(|a, &b| *a = f(*a, b));
            plain
        };
        let (name, plain, chunked) = match self.below(8) {
            0 => ("+", with(|a, b| a + b), y + &z),
            1 => ("-", with(|a, b| b - a), &z - y),
            2 => ("*", with(|a, b| a * (b % 7.0)), y * z.mapv(|b| b % 7.0)),
            3 => ("maximum", with(f64::max), y.maximum(&z)),
            4 => {
                ("where", with(|a, b| if a < b { a } else { b + 1.0 }), y.lt(&z).where_(y, z + 1.0))
            }
            5 => ("abs", a.mapv(f64::abs), y.abs()),
            6 => ("clip", a.mapv(|a| a.clamp(-50.0, 60.0)), y.clip(-50.0, 60.0)),
            _ => ("cast", a.mapv(|a| f64::from(a as i16)), y.cast::<i16>().cast::<f64>()),
        };
        Some((format!("{name} {:?}", b.shape()), Pair { plain, chunked }))
    }

    fn joined(&mut self, x: &Pair) -> Option<(String, Pair)> {
        let Pair { plain: a, chunked: y } = x;
        let axis = self.axis(x)?;
        let len = a.len_of(axis);
        let of = |plain: &ArrayD<f64>, places: &[Option<usize>]| {
            let mut shape = plain.shape().to_vec();
            shape[axis.0] = places.len();
            ArrayD::from_shape_fn(shape, |index| {
                let mut index = index.clone();
                match places[index[axis.0]] {
                    Some(at) => {
                        index[axis.0] = at;
                        plain[index]
                    }
                    None => 5.0,
                }
            })
        };
        let (name, plain, chunked) = match self.below(6) {
            0 => {
                let mut shape = a.shape().to_vec();
                shape[axis.0] = self.below(6);
                let Pair { plain: b, chunked: z } = self.values(&shape);
                let views: [ArrayViewD<'_, f64>; 3] = [a.view(), b.view(), a.view()];
                let first = concatenate(axis, &[y.clone(), z]);
                let all = concatenate(axis, &[first, y.clone()]);
                ("concatenate".into(), ndarray::concatenate(axis, &views).unwrap(), all)
            }
            1 if a.ndim() < 4 => {
                let other = &y.rechunk(self.given.chunks(a.shape())) + 1.0;
                let both = ndarray::stack(axis, &[a.view(), (a + 1.0).view()]).unwrap();
                ("stack".into(), both, stack(axis, &[y.clone(), other]).into_dyn())
            }
            2 => {
                let shift = self.below(2 * len + 3) as isize - len as isize;
                let place = |at: usize| (at as isize - shift).rem_euclid(len.max(1) as isize);
                let places: Vec<_> = (0..len).map(|at| Some(place(at) as usize)).collect();
                (format!("roll {shift}"), of(a, &places), y.roll(shift, axis))
            }
            3 => {
                let count = self.below(4);
                let places: Vec<_> = (0..len * count).map(|at| Some(at % len)).collect();
                (format!("tile {count}"), of(a, &places), y.tile(count, axis))
            }
            4 => {
                let (before, after) = (self.below(len.min(4) + 1), self.below(len.min(4) + 1));
                let mut widths = vec![(0, 0); a.ndim()];
                widths[axis.0] = (before, after);
                let (len, end) = (len as isize, (before + len + after) as isize);
                let at = |place: isize| place - before as isize;
                let (how, places): (Pad<f64>, Vec<_>) = match self.below(4) {
                    0 => (
                        Pad::Constant(5.0),
                        (0..end).map(|p| (0..len).contains(&at(p)).then_some(at(p))).collect(),
                    ),
                    1 if len > 0 => {
                        (Pad::Edge, (0..end).map(|p| Some(at(p).clamp(0, len - 1))).collect())
                    }
                    2 if len > 0 => {
                        (Pad::Wrap, (0..end).map(|p| Some(at(p).rem_euclid(len))).collect())
                    }
                    _ if len > 0 => {
                        let round = |p: isize| at(p).rem_euclid(2 * len);
                        let place = |p| Some(round(p).min(2 * len - 1 - round(p)));
                        (Pad::Symmetric, (0..end).map(place).collect())
                    }
                    _ => return None,
                };
                let places: Vec<_> = places.iter().map(|at| at.map(|at| at as usize)).collect();
                (format!("pad {before} {after} {how:?}"), of(a, &places), y.pad(&widths, how))
            }
            _ => {
                let count = self.below(4);
                let places: Vec<_> = (0..len * count).map(|at| Some(at / count)).collect();
                (format!("repeat {count}"), of(a, &places), y.repeat(count, axis))
            }
        };
        Some((format!("{name} along {}", axis.0), Pair { plain, chunked }))
    }

    fn reduced(&mut self, x: &Pair) -> Option<(String, Pair)> {
        let Pair { plain: a, chunked: y } = x;
        let axis = self.axis(x)?;
        let is_empty = a.len_of(axis) == 0;
        let fold = |f: &dyn Fn(Vec<f64>) -> f64| a.map_axis(axis, |row| f(row.to_vec()));
        let least = |row: &[f64]| row.iter().copied().fold(f64::INFINITY, f64::min);
        let (name, plain, chunked) = match self.below(8) {
            0 => ("sum", a.sum_axis(axis), y.sum_axis(axis)),
            1 if !is_empty => ("min", fold(&|row| least(&row)), y.min_axis(axis)),
            2 if !is_empty => {
                let most = |row: Vec<f64>| row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                ("max", fold(&most), y.max_axis(axis))
            }
            3 if !is_empty => {
                let first =
                    |row: Vec<f64>| row.iter().position(|&x| x == least(&row)).unwrap() as f64;
                ("argmin", fold(&first), y.argmin_axis(axis).cast::<f64>())
            }
            4 => {
                let count = |row: Vec<f64>| row.iter().filter(|&&x| x != 0.0).count() as f64;
                ("count_nonzero", fold(&count), y.count_nonzero_axis(axis).cast::<f64>())
            }
            5 => {
                let any = |row: Vec<f64>| f64::from(row.iter().any(|&x| x > 0.0));
                ("any", fold(&any), y.gt(0.0).any_axis(axis).cast::<f64>())
            }
            6 => {
                let sum = y.over((0..a.ndim()).collect::<Vec<_>>()).sum();
                return Some((
                    "sum of all".into(),
                    Pair { plain: ndarray::arr0(a.sum()).into_dyn(), chunked: sum },
                ));
            }
            _ => {
                let last = |row: Vec<f64>| row.iter().fold(1.0, |all, x| (all * 2.0 + x) % 17.0);
                let chunked =
                    y.map_axis(axis, |row| row.iter().fold(1.0, |all, x| (all * 2.0 + x) % 17.0));
                ("map_axis", fold(&last), chunked)
            }
        };
        Some((format!("{name} along {}", axis.0), Pair { plain, chunked }))
    }

    fn rearranged(&mut self, x: &Pair) -> Option<(String, Pair)> {
        let Pair { plain: a, chunked: y } = x;
        let (name, plain, chunked) = match self.below(8) {
            0 => {
                let mut shape = vec![a.len()];
                for _ in 0..self.below(3) {
                    let last = shape.pop()?;
                    let part =
                        (1..=last.max(1)).filter(|n| last.is_multiple_of(*n)).collect::<Vec<_>>();
                    let part = part[self.below(part.len())];
                    shape.extend([part, last / part]);
                }
                let plain: Vec<f64> = a.iter().copied().collect();
                let plain = ArrayD::from_shape_vec(IxDyn(&shape), plain).unwrap();
                (format!("reshape {shape:?}"), plain, y.reshape(IxDyn(&shape)))
            }
            1 => {
                let axis = self.axis(x).filter(|&axis| a.len_of(axis) > 0)?;
                let len = a.len_of(axis);
                let indices: Vec<usize> = (0..self.below(20)).map(|_| self.below(len)).collect();
                (
                    format!("select {axis:?} {indices:?}"),
                    a.select(axis, &indices),
                    y.select(axis, &indices),
                )
            }
            2 => {
                let info = self.slice(a.shape());
                let shape = a.slice(&info).shape().to_vec();
                let Pair { plain: b, chunked: z } = self.values(&shape);
                let mut plain = a.clone();
                plain.slice_mut(&info).assign(&b);
                (format!("assign {info:?}"), plain, y.assign(&info, &z))
            }
            3 => {
                let axis = self.axis(x)?;
                let mut plain = a.clone();
                plain.accumulate_axis_inplace(axis, |before, x| *x += before);
                (format!("cumsum {axis:?}"), plain, y.cumsum(axis))
            }
            4 => {
                let axis = self.axis(x).filter(|&axis| a.len_of(axis) > 0)?;
                let later = a.slice_axis(axis, (1..).into()).to_owned();
                (format!("diff {axis:?}"), later - a.slice_axis(axis, (..-1).into()), y.diff(axis))
            }
            5 => {
                let axis = self.axis(x).filter(|&axis| a.len_of(axis) > 0)?;
                let k = 1 + self.below(a.len_of(axis));
                let mut plain = a.clone();
                for mut row in plain.lanes_mut(axis) {
                    let mut values = row.to_vec();
                    values.sort_by(|a, b| b.total_cmp(a));
                    row.assign(&ndarray::Array1::from(values));
                }
                let plain = plain.slice_axis(axis, (..k).into()).to_owned();
                (format!("topk {k} {axis:?}"), plain, y.topk(k, axis))
            }
            6 => {
                let chunks = self.given.chunks(a.shape());
                (format!("rechunk {chunks:?}"), a.clone(), y.rechunk(chunks))
            }
            _ => {
                let (m, n) = (self.below(5), self.below(5));
                let (&k, _) = a.shape().split_last().filter(|_| a.ndim() == 2)?;
                let Pair { plain: b, chunked: z } = self.values(&[k, n]);
                let left = a.mapv(|a| a % 11.0).into_dimensionality::<Ix2>().unwrap();
                let right = b.mapv(|b| b % 13.0).into_dimensionality::<Ix2>().unwrap();
                let (y, z) = (y.mapv(|a| a % 11.0), z.mapv(|b| b % 13.0));
                let product = match m {
                    0 => y.tensordot(&z, [1], [0]),
                    _ => y
                        .into_dimensionality::<Ix2>()
                        .dot(&z.into_dimensionality::<Ix2>())
                        .into_dyn(),
                };
                (format!("dot {:?}", b.shape()), left.dot(&right).into_dyn(), product)
            }
        };
        Some((name, Pair { plain, chunked }))
    }

    fn blocks(&mut self, x: &Pair) -> Option<(String, Pair)> {
        let Pair { plain: a, chunked: y } = x;
        let (name, plain, chunked) = match self.below(5) {
            0 => ("map_blocks".into(), a + 3.0, y.map_blocks(|block, _| &block + 3.0)),
            1 => {
                let Pair { plain: b, chunked: z } = self.partner(x);
                ("zip_blocks".into(), a - &b, y.zip_blocks(&z, |a, b| &a - &b))
            }
            2 => ("persist".into(), a.clone(), y.persist_on(&InThread).unwrap()),
            3 => {
                // Computed once, and read in several places.
                let (other, twice) = (y.mapv(|x| x * 2.0), a * 3.0);
                ("three times".into(), twice, &other + (&other - other.rechunk(2)) + &other / 2.0)
            }
            _ => {
                let axis = self.axis(x).filter(|_| !a.is_empty())?;
                let depth = self.below(2 * a.len_of(axis) + 2);
                let mut depths = vec![self.below(2); a.ndim()];
                depths[axis.0] = depth;
                let len = a.len_of(axis) as isize;
                // The element so far before each one.
                let before = a.axis_iter(axis).enumerate().map(|(at, _)| {
                    a.index_axis(axis, (at as isize - depth as isize).rem_euclid(len) as usize)
                });
                let plain = ndarray::stack(axis, &before.collect::<Vec<_>>()).unwrap();
                let shifted = move |block: ArrayViewD<'_, f64>| {
                    let mut out = block.to_owned();
                    let (to, from) = (
                        block.len_of(axis) - depth,
                        block.slice_axis(axis, (..-(depth as isize)).into()),
                    );
                    if depth > 0 {
                        out.slice_axis_mut(axis, (block.len_of(axis) - to..).into()).assign(&from);
                    }
                    out
                };
                (
                    format!("map_overlap {depths:?}"),
                    plain,
                    y.map_overlap(&depths, Boundary::Periodic, shifted),
                )
            }
        };
        Some((name, Pair { plain, chunked }))
    }
}

#[test]
fn random_programs_give_what_plain_loops_give() {
    let programs = std::env::var("TASKWEAVE_PROGRAMS").ok().and_then(|count| count.parse().ok());
    let first: u64 =
        std::env::var("TASKWEAVE_FIRST").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let threads = Threads::new(3);
    for seed in first..first + programs.unwrap_or(PROGRAMS) {
        let mut program = Program { given: Given::seed(seed ^ 0xA5A5_0000), text: Vec::new() };
        let mut x = program.input();
        program.text.push(format!("{:?}", x.chunked));
        let mut earlier = x.clone();
        for _ in 0..2 + program.below(8) {
            if let Some(next) = program.step(&x).filter(|next| next.plain.len() <= ELEMENTS_MAX) {
                earlier = std::mem::replace(&mut x, next);
                // Numbers stay small, and zeros have one sign.
                if x.plain.iter().any(|x| x.abs() > MODULUS * MODULUS) {
                    x.plain.mapv_inplace(|x| x % MODULUS + 0.0);
                    x.chunked = x.chunked.mapv(|x| x % MODULUS + 0.0);
                }
            }
        }
        let what = || format!("seed {seed}: {:#?}", program.text);
        assert_eq!(x.chunked.shape(), x.plain.shape(), "{}", what());
        let got = x.chunked.compute_on(&InThread);
        let got = got.unwrap_or_else(|error| panic!("{error}, {}", what()));
        assert!(got == x.plain, "{}\ngot {got}\nwant {}", what(), x.plain);
        let got = x.chunked.to_graph().unwrap().compute_on(&threads).unwrap();
        assert!(got == x.plain, "as a graph, {}", what());
        // With what it is made of in one run, and in a plan.
        let (a, b, sum) = compute((x.chunked.clone(), earlier.chunked, x.chunked.sum())).unwrap();
        assert!(a == x.plain && b == earlier.plain, "together, {}", what());
        assert_eq!(sum.into_scalar(), x.plain.sum(), "sum, {}", what());
        assert!(x.chunked.plan(2).unwrap().tasks() > 0);
    }
}
