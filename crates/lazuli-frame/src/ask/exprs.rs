//! What may be written where expressions or columns are asked for.

use polars::prelude::{Expr, PlSmallStr, col};

/// One expression: an `Expr`, or the name of a column.
pub trait IntoExpr {
    /// The expression.
    fn into_expr(self) -> Expr;
}

impl IntoExpr for Expr {
    fn into_expr(self) -> Expr {
        self
    }
}

impl IntoExpr for &Expr {
    fn into_expr(self) -> Expr {
        self.clone()
    }
}

impl IntoExpr for PlSmallStr {
    fn into_expr(self) -> Expr {
        col(self)
    }
}

impl IntoExpr for &PlSmallStr {
    fn into_expr(self) -> Expr {
        col(self.clone())
    }
}

impl IntoExpr for &str {
    fn into_expr(self) -> Expr {
        col(self)
    }
}

impl IntoExpr for &&str {
    fn into_expr(self) -> Expr {
        col(*self)
    }
}

impl IntoExpr for &String {
    fn into_expr(self) -> Expr {
        col(self.as_str())
    }
}

impl IntoExpr for String {
    fn into_expr(self) -> Expr {
        col(self)
    }
}

/// One expression or a list of them: `col("x").mean()`, `[col("x").min(), col("x").max()]`, `"origin"`,
/// `["origin", "carrier"]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of expressions",
    note = "write `col(\"x\")`, a column's name, or an array or vector of these"
)]
pub trait IntoExprs {
    /// The expressions.
    fn into_exprs(self) -> Vec<Expr>;
}

macro_rules! one {
    ($($type:ty),*) => {$(
        impl IntoExprs for $type {
            fn into_exprs(self) -> Vec<Expr> {
                vec![self.into_expr()]
            }
        }
    )*};
}

one!(Expr, &Expr, PlSmallStr, &PlSmallStr, &str, String, &String);

impl<E: IntoExpr, const N: usize> IntoExprs for [E; N] {
    fn into_exprs(self) -> Vec<Expr> {
        self.into_iter().map(IntoExpr::into_expr).collect()
    }
}

impl<E: IntoExpr> IntoExprs for Vec<E> {
    fn into_exprs(self) -> Vec<Expr> {
        self.into_iter().map(IntoExpr::into_expr).collect()
    }
}

impl<'a, E> IntoExprs for &'a [E]
where
    &'a E: IntoExpr,
{
    fn into_exprs(self) -> Vec<Expr> {
        self.iter().map(IntoExpr::into_expr).collect()
    }
}

/// The name of one column or of several: `"x"`, `["x", "y"]`.
pub trait IntoNames {
    /// The names.
    fn into_names(self) -> Vec<PlSmallStr>;
}

macro_rules! one_name {
    ($($type:ty),*) => {$(
        impl IntoNames for $type {
            fn into_names(self) -> Vec<PlSmallStr> {
                vec![self.into()]
            }
        }
    )*};
}

one_name!(PlSmallStr, &str, String, &String);

impl<N: Into<PlSmallStr>, const LENGTH: usize> IntoNames for [N; LENGTH] {
    fn into_names(self) -> Vec<PlSmallStr> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<N: Into<PlSmallStr>> IntoNames for Vec<N> {
    fn into_names(self) -> Vec<PlSmallStr> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<N: Into<PlSmallStr> + Clone> IntoNames for &[N] {
    fn into_names(self) -> Vec<PlSmallStr> {
        self.iter().cloned().map(Into::into).collect()
    }
}
