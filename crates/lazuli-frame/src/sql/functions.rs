//! Aggregate functions that people know from DuckDB and that polars' SQL lacks.
//!
//! A call of one is handed through polars' translation as the concatenation of a marker and its arguments, which no
//! text that a user writes can be, and what comes out is replaced by the expression that it stands for.

use polars::prelude::{Expr, FunctionExpr, SortMultipleOptions, StringFunction};
use sqlparser::ast::{
    self, CaseWhen, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value,
    helpers::attached_token::AttachedToken,
};

/// Stands before the name of a function that polars' SQL does not know.
const MARKER: char = '\u{1}';

/// The expression that a function of one argument is, or of two.
enum Meaning {
    Unary(fn(Expr) -> Expr),
    Binary(fn(Expr, Expr) -> Expr),
}

/// What a function means.
fn meaning(name: &str) -> Option<Meaning> {
    use Meaning::{Binary, Unary};
    Some(match name {
        "mode" => Unary(|x| x.drop_nulls().mode(true).first()),
        // Of a sample, and in excess of the normal distribution's, as in DuckDB.
        "skewness" => Unary(|x| x.skew(false)),
        "kurtosis" => Unary(|x| x.kurtosis(true, false)),
        "product" => Unary(Expr::product),
        "bool_and" => Unary(|x| x.all(true)),
        "bool_or" => Unary(|x| x.any(true)),
        "any_value" => Unary(|x| x.drop_nulls().first()),
        "approx_count_distinct" => Unary(|x| x.drop_nulls().approx_n_unique()),
        "arg_min" | "min_by" => Binary(|x, by| by_order(x, by, false)),
        "arg_max" | "max_by" => Binary(|x, by| by_order(x, by, true)),
        _ => return None,
    })
}

/// The value beside the least value of another column, or the greatest.
fn by_order(values: Expr, by: Expr, descending: bool) -> Expr {
    let there = by.clone().is_not_null();
    let options =
        SortMultipleOptions::default().with_order_descending(descending).with_maintain_order(true);
    values.filter(there.clone()).sort_by([by.filter(there)], options).first()
}

/// Functions under the names that polars' SQL has for them.
fn renamed(name: &str) -> Option<&'static str> {
    Some(match name {
        "mean" => "avg",
        "quantile" | "percentile_disc" => "quantile_disc",
        "approx_quantile" | "percentile_cont" => "quantile_cont",
        _ => return None,
    })
}

/// Changes a call into one that polars' SQL can translate; whether it did.
pub(super) fn mend(call: &mut Function) -> bool {
    let name = call.name.to_string().to_lowercase();
    if let Some(known) = renamed(&name) {
        call.name = super::function_name(known);
        return true;
    }
    let (Some(_), FunctionArguments::List(list)) = (meaning(&name), &mut call.args) else {
        return false;
    };
    // These functions pass over missing values: what is not wanted becomes one.
    if let (Some(condition), Some(first)) = (call.filter.take(), list.args.first_mut())
        && let FunctionArg::Unnamed(FunctionArgExpr::Expr(values)) = first
    {
        *values = ast::Expr::Case {
            case_token: AttachedToken::empty(),
            end_token: AttachedToken::empty(),
            operand: None,
            conditions: vec![CaseWhen { condition: *condition, result: values.clone() }],
            else_result: None,
        };
    }
    let marker = Value::SingleQuotedString(format!("{MARKER}{name}"));
    let marker = FunctionArg::Unnamed(FunctionArgExpr::Expr(ast::Expr::Value(marker.into())));
    list.args.insert(0, marker);
    call.name = super::function_name("concat");
    true
}

/// The function of a call that [`restore`] could not make anything of: it has arguments that it does not take.
pub(super) fn unrestored(expr: &Expr) -> Option<String> {
    expr.into_iter().find_map(|node| match node {
        Expr::Literal(literal) => literal.extract_str()?.strip_prefix(MARKER).map(str::to_owned),
        _ => None,
    })
}

/// What a marked call stands for; every other expression as it is.
pub(super) fn restore(expr: Expr) -> Expr {
    let Expr::Function {
        input,
        function: FunctionExpr::StringExpr(StringFunction::ConcatHorizontal { .. }),
    } = &expr
    else {
        return expr;
    };
    let marked = match input.first() {
        Some(Expr::Literal(literal)) => {
            literal.extract_str().and_then(|text| text.strip_prefix(MARKER))
        }
        _ => None,
    };
    match (marked.and_then(meaning), &input[1..]) {
        (Some(Meaning::Unary(of)), [x]) => of(x.clone()),
        (Some(Meaning::Binary(of)), [x, by]) => of(x.clone(), by.clone()),
        _ => expr,
    }
}
