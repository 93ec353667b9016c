//! How far a function of blocks looks at neighbours, and at what beyond the ends of an array.
//!
//! In: what users write. Out: a depth before and after, and a boundary, for each axis.
//!
//! Not here: what comes of it (`overlap`).

/// What lies beyond the ends of an array, for functions that look at neighbours.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Boundary<A> {
    /// Nothing: blocks at the ends get fewer neighbours, and the function has to return a block of the shape that it gets.
    None,
    /// A number.
    Constant(A),
    /// The element at the end, again and again.
    Nearest,
    /// The elements turned round, with that at the end: `b a | a b c d | d c`. It is what dask's `overlap` calls `reflect`, and NumPy's and our `pad` `symmetric`,
    /// [`Pad::Symmetric`](crate::Pad::Symmetric). [`Pad::Reflect`](crate::Pad::Reflect) is another thing, without the element at the end.
    Reflect,
    /// The elements of the other end.
    Periodic,
}

/// What lies beyond the ends along each axis: one [`Boundary`] for all, or an array of one for each.
///
/// A corner is beyond the ends of two axes; if both have a [`Boundary::Constant`], it is the number of the later one, as in dask.
#[derive(Clone, Debug)]
pub struct Boundaries<A>(Ends<A>);

#[derive(Clone, Debug)]
enum Ends<A> {
    All(Boundary<A>),
    Each(Vec<Boundary<A>>),
}

impl<A: Clone> Boundaries<A> {
    /// One for each of so many axes, or as many as were given.
    pub(crate) fn along(self, axes: usize) -> Vec<Boundary<A>> {
        match self.0 {
            Ends::All(one) => vec![one; axes],
            Ends::Each(each) => each,
        }
    }
}

/// What a boundary of elements of type `B` is for arrays of `Self`: one of their own type, and nothing else.
#[diagnostic::on_unimplemented(
    message = "a `Boundary` of `{B}` is none for an array of `{Self}`",
    label = "the number is of another type than the array's elements",
    note = "`Boundary::Constant` has a number of the array's type: a literal is written as one, `Boundary::Constant(0.0)` for `f64`"
)]
pub trait Bounded<B>: Sized {
    #[doc(hidden)]
    fn own(boundary: Boundary<B>) -> Boundary<Self>;
}
#[doc(hidden)]
#[diagnostic::do_not_recommend]
impl<A> Bounded<A> for A {
    fn own(boundary: Boundary<A>) -> Boundary<A> {
        boundary
    }
}

impl<A: Bounded<B>, B> From<Boundary<B>> for Boundaries<A> {
    fn from(boundary: Boundary<B>) -> Boundaries<A> {
        Boundaries(Ends::All(A::own(boundary)))
    }
}
impl<A: Bounded<B>, B, const N: usize> From<[Boundary<B>; N]> for Boundaries<A> {
    fn from(each: [Boundary<B>; N]) -> Boundaries<A> {
        Boundaries(Ends::Each(each.map(A::own).into()))
    }
}

/// What a boundary by its name in a text needs: nothing has it.
#[diagnostic::on_unimplemented(
    message = "a boundary is no text",
    label = "not a `Boundary`",
    note = "what dask calls \"periodic\", \"reflect\" and \"nearest\" is `Boundary::Periodic`, `Boundary::Reflect` and `Boundary::Nearest` here, \"none\" is `Boundary::None`, and a number `Boundary::Constant(0.0)`"
)]
pub trait NamedByText {
    #[doc(hidden)]
    fn never() -> !;
}
#[doc(hidden)]
impl<A: NamedByText> From<&str> for Boundaries<A> {
    fn from(_: &str) -> Boundaries<A> {
        A::never()
    }
}

/// How many neighbours a function of blocks gets along each axis: as many on both sides, `[1, 2]`, or before and after a block, `[(1, 0), (2, 2)]`, also as references; or as many along
/// every axis, `1`.
#[derive(Clone, Debug)]
pub struct Depths(Sides);

#[derive(Clone, Debug)]
enum Sides {
    All(usize),
    Each(Vec<(usize, usize)>),
}

impl Depths {
    /// One for each of so many axes, or as many as were given.
    pub(crate) fn along(self, axes: usize) -> Vec<(usize, usize)> {
        match self.0 {
            Sides::All(depth) => vec![(depth, depth); axes],
            Sides::Each(each) => each,
        }
    }
}

/// As many along every axis.
impl From<usize> for Depths {
    fn from(depth: usize) -> Depths {
        Depths(Sides::All(depth))
    }
}
impl From<&[usize]> for Depths {
    fn from(both: &[usize]) -> Depths {
        Depths(Sides::Each(both.iter().map(|&depth| (depth, depth)).collect()))
    }
}
impl From<&[(usize, usize)]> for Depths {
    fn from(sides: &[(usize, usize)]) -> Depths {
        Depths(Sides::Each(sides.into()))
    }
}

macro_rules! lists {
    ($([$($generics:tt)*] $From:ty;)*) => {$(
        impl<$($generics)*> From<$From> for Depths {
            fn from(depths: $From) -> Depths {
                Depths::from(&depths[..])
            }
        }
    )*};
}
lists! {
    [const N: usize] [usize; N];
    [const N: usize] [(usize, usize); N];
    [const N: usize] &[usize; N];
    [const N: usize] &[(usize, usize); N];
    [] Vec<usize>;
    [] Vec<(usize, usize)>;
    [] &Vec<usize>;
    [] &Vec<(usize, usize)>;
}
