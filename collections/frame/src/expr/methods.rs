//! What is done with expressions row by row.
//!
//! In: [`Expr`] and what its methods take, with polars' names. Out: expressions over [`Function`]. Not here: what they compute (`function`),
//! aggregations (`agg`), what needs other rows (`ordered`), text and time (`str`, `dt`).

use super::function::{Members, Real};
use super::{Closed, DtExpr, Expr, Function, Literal, Node, StrExpr};
use polars_core::prelude::PlSmallStr;

impl Expr {
    /// With that name. Without one it is that of the column that comes first in it, or `literal`.
    pub fn alias(&self, name: impl Into<PlSmallStr>) -> Expr {
        Node::Alias { input: self.clone(), name: name.into() }.into()
    }

    /// Functions of text.
    pub fn str(&self) -> StrExpr {
        StrExpr(self.clone())
    }

    /// Functions of dates and times.
    pub fn dt(&self) -> DtExpr {
        DtExpr(self.clone())
    }

    pub(super) fn with(&self, function: Function) -> Expr {
        Expr::function(function, vec![self.clone()])
    }
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $of:ty),*) $function:expr;)*) => {
        impl Expr {
            $($(#[$doc])*
            pub fn $name(&self $(, $arg: $of)*) -> Expr {
                self.with($function)
            })*
        }
    };
}

methods! {
    /// Whether it is null.
    is_null() Function::IsNull;
    /// Whether it is not null.
    is_not_null() Function::IsNotNull;
    /// Whether it is NaN, which is not null.
    is_nan() Function::IsNan;
    /// Whether it is not NaN; null of null.
    is_not_nan() Function::IsNotNan;
    /// Whether it is neither NaN nor infinite.
    is_finite() Function::IsFinite;
    /// Whether it is infinite.
    is_infinite() Function::IsInfinite;
    /// Without its sign. The least integer of its type has no such value and stays what it is, as in polars.
    abs() Function::Abs;
    /// -1, 0 or 1, in the type of the number.
    sign() Function::Sign;
    /// The square root; NaN of negative numbers.
    sqrt() Function::Real(Real::Sqrt);
    /// The cube root.
    cbrt() Function::Real(Real::Cbrt);
    /// e to that power.
    exp() Function::Real(Real::Exp);
    /// The natural logarithm.
    ln() Function::Real(Real::Ln);
    /// The logarithm to the base 2.
    log2() Function::Real(Real::Log2);
    /// The logarithm to the base 10.
    log10() Function::Real(Real::Log10);
    /// The natural logarithm of one more, exact near 0.
    log1p() Function::Real(Real::Log1p);
    /// The logarithm to a base.
    log(base: f64) Function::Log(base);
    /// The sine of radians.
    sin() Function::Real(Real::Sin);
    /// The cosine of radians.
    cos() Function::Real(Real::Cos);
    /// The tangent of radians.
    tan() Function::Real(Real::Tan);
    /// The angle in radians that has the sine.
    arcsin() Function::Real(Real::Arcsin);
    /// The angle in radians that has the cosine.
    arccos() Function::Real(Real::Arccos);
    /// The angle in radians that has the tangent.
    arctan() Function::Real(Real::Arctan);
    /// Degrees as radians.
    radians() Function::Real(Real::Radians);
    /// Radians as degrees.
    degrees() Function::Real(Real::Degrees);
    /// To so many decimals, halves to the even neighbour, as in polars. Integers stay what they are.
    round(decimals: u32) Function::Round(decimals);
    /// The next integer below, in the type of the number.
    floor() Function::Floor;
    /// The next integer above, in the type of the number.
    ceil() Function::Ceil;
    /// Without what comes after so many decimals.
    trunc(decimals: u32) Function::Trunc(decimals);
}

impl Expr {
    /// Raised to a power. Of integers to an integer it is one, which wraps where it overflows, and null if the exponent is negative, unless
    /// that is a literal: then it is a float.
    pub fn pow(&self, exponent: impl Into<Expr>) -> Expr {
        Expr::function(Function::Pow, vec![self.clone(), exponent.into()])
    }

    /// With a value, or an expression, where it is null: `fill_null(0)`. A text is a text, not a name.
    pub fn fill_null(&self, value: impl Into<Expr>) -> Expr {
        Expr::function(Function::FillNull, vec![self.clone(), value.into()])
    }

    /// With a value, or an expression, where it is NaN. Nulls stay.
    pub fn fill_nan(&self, value: impl Into<Expr>) -> Expr {
        Expr::function(Function::FillNan, vec![self.clone(), value.into()])
    }

    /// Not below the one, nor above the other. Nulls stay, and a bound that is null is none.
    pub fn clip(&self, low: impl Into<Expr>, high: impl Into<Expr>) -> Expr {
        Expr::function(Function::Clip, vec![self.clone(), low.into(), high.into()])
    }

    /// Not below that.
    pub fn clip_min(&self, low: impl Into<Expr>) -> Expr {
        Expr::function(Function::ClipMin, vec![self.clone(), low.into()])
    }

    /// Not above that.
    pub fn clip_max(&self, high: impl Into<Expr>) -> Expr {
        Expr::function(Function::ClipMax, vec![self.clone(), high.into()])
    }

    /// Whether it is from the one to the other, with both: `x >= low & x <= high`.
    pub fn is_between(&self, low: impl Into<Expr>, high: impl Into<Expr>) -> Expr {
        self.is_between_with(low, high, Closed::Both)
    }

    /// As [`is_between`](Expr::is_between), with those ends that `closed` says.
    pub fn is_between_with(
        &self,
        low: impl Into<Expr>,
        high: impl Into<Expr>,
        closed: Closed,
    ) -> Expr {
        let low = match closed {
            Closed::Left | Closed::Both => self.gt_eq(low),
            Closed::Right | Closed::Neither => self.gt(low),
        };
        let high = match closed {
            Closed::Right | Closed::Both => self.lt_eq(high),
            Closed::Left | Closed::Neither => self.lt(high),
        };
        low.and(high)
    }

    /// Whether it is one of these values. Null of null; a null among the values is passed over.
    ///
    /// # Examples
    /// ```
    /// use taskweave_frame::col;
    /// let big = col("carrier").is_in(["UA", "AA", "DL"]);
    /// assert_eq!(big.to_string(), r#"col("carrier").is_in(["UA", "AA", "DL"])"#);
    /// ```
    ///
    /// # Cost
    /// A table of the values is made for each block.
    pub fn is_in<I>(&self, values: I) -> Expr
    where
        I: IntoIterator,
        I::Item: Into<Literal>,
    {
        let values = values.into_iter().map(Into::into).collect();
        self.with(Function::IsIn(Members::new(values)))
    }
}
