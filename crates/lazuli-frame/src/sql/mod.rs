//! SQL texts of the command line as polars expressions: aggregates, keys, filters.
//!
//! The texts are cut and checked with the tokenizer and parser that polars' SQL is built on, so
//! that what is taken for a comma, a quote or a function is the same here as there. Where polars'
//! dialect lacks a function or would panic, the syntax tree is changed, or refused, before polars
//! translates it:
//!
//! - `stddev_pop(x)` is `sqrt(covar_pop(x, x))` and `var_pop(x)` is `covar_pop(x, x)`, whose
//!   translation is replaced by the variance with ddof 0, which it is. (`stddev`, `stddev_samp`,
//!   `variance` and `var_samp` have ddof 1 already.)
//! - `mean(x)` is `avg(x)`, and the like; functions that it lacks altogether are in `functions`.
//!
//! An expression without alias is named by its text, as in DuckDB.

mod functions;

use std::ops::{ControlFlow, Range};

use polars::prelude::{AggExpr, CorrelationMethod, Expr, FunctionExpr, PolarsError};
use sqlparser::ast::{
    self, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, ObjectName,
    SelectItem, visit_expressions, visit_expressions_mut,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, Tokenizer, TokenizerError};

/// The words and operators an expression may have. Each may nest the syntax tree by one, which is
/// walked by recursion here and in polars: what is allowed must not exhaust the stack of a thread.
const MOST_WORDS: usize = 300;

/// Why a text is not an expression, or a list of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqlError {
    /// A text that cannot be cut into words, as for an unclosed quote.
    #[error("`{text}` is not SQL: {reason}")]
    Text {
        /// The whole text.
        text: String,
        /// What the tokenizer reports.
        reason: TokenizerError,
    },
    /// Nothing where an expression should be: an empty text, or two commas in a row.
    #[error("`{text}`: an expression is missing")]
    Missing {
        /// The whole text.
        text: String,
    },
    /// Words that do not make an expression.
    #[error("`{expression}` is not an SQL expression: {reason}")]
    Syntax {
        /// The expression.
        expression: String,
        /// What the parser reports.
        reason: ParserError,
    },
    /// An expression with something after it.
    #[error("`{expression}` is not one SQL expression: `{rest}` follows it")]
    Trailing {
        /// The text.
        expression: String,
        /// What follows the expression.
        rest: String,
    },
    /// A function without the arguments it needs, or with ones it cannot take.
    #[error("`{expression}`: the arguments of `{function}` are not valid")]
    Arguments {
        /// The expression.
        expression: String,
        /// The function's name.
        function: String,
    },
    /// An expression of too many words and operators.
    #[error(
        "`{start} ...`: an expression of {found} words and operators; at most {MOST_WORDS} can be"
    )]
    TooLong {
        /// The start of the expression.
        start: String,
        /// Its words and operators: all but commas, numbers and quoted texts.
        found: usize,
    },
    /// A wildcard, a subquery, an aggregate or an alias where none can be.
    #[error("`{expression}`: {what} cannot stand here")]
    Misplaced {
        /// The expression.
        expression: String,
        /// What is out of place.
        what: &'static str,
    },
    /// An expression that polars' SQL does not know.
    #[error("`{expression}`: {reason}")]
    Unsupported {
        /// The expression.
        expression: String,
        /// What polars reports.
        reason: PolarsError,
    },
}

/// The aggregate expressions in `text`, separated by commas; one without alias is named by its
/// text.
///
/// `stddev` and `variance` are sample statistics (ddof 1), `stddev_pop` and `var_pop` population
/// statistics; `count(*)` counts rows; a sum of no values is null, as in SQL.
///
/// ```
/// # use lazuli_frame::sql::parse_aggregates;
/// use polars::prelude::*;
///
/// let aggs = parse_aggregates("max(delay), avg(delay) AS mean, count(*)")?;
/// let answer = df!("delay" => [3, 5])?.lazy().select(aggs).collect()?;
/// assert_eq!(answer, df!("max(delay)" => [5], "mean" => [4.0], "count(*)" => [2u32])?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A text that is not a list of SQL expressions, or one that polars' SQL does not know.
pub fn parse_aggregates(text: &str) -> Result<Vec<Expr>, SqlError> {
    list(text)?.into_iter().map(named).collect()
}

/// The key expressions in `text`, separated by commas; one without alias is named by its text, a
/// column by its name.
///
/// # Errors
/// As [`parse_aggregates`].
pub fn parse_keys(text: &str) -> Result<Vec<Expr>, SqlError> {
    list(text)?.into_iter().map(named).collect()
}

/// The condition in `text`.
///
/// # Errors
/// A text that is not one SQL expression, that has an alias, or that polars' SQL does not know.
pub fn parse_filter(text: &str) -> Result<Expr, SqlError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(SqlError::Missing { text: text.to_owned() });
    }
    match translate(text)? {
        (expr, Named::No) => Ok(expr),
        (_, Named::Yes) => {
            Err(SqlError::Misplaced { expression: text.to_owned(), what: "an alias" })
        }
    }
}

/// Whether an expression has an alias.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Named {
    Yes,
    No,
}

/// The expression `text`, under its alias, its name or its text.
fn named(text: &str) -> Result<Expr, SqlError> {
    Ok(match translate(text)? {
        (expr, Named::Yes) => expr,
        (Expr::Column(name), Named::No) => Expr::Column(name),
        (expr, Named::No) => expr.alias(text),
    })
}

/// Cuts `text` at the commas outside of all brackets.
fn list(text: &str) -> Result<Vec<&str>, SqlError> {
    let tokens = Tokenizer::new(&GenericDialect, text).tokenize_with_location();
    let tokens = tokens.map_err(|reason| SqlError::Text { text: text.to_owned(), reason })?;
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let (mut start, mut depth) = (0, 0usize);
    let mut offsets = Offsets::new(text);
    for token in tokens {
        match token.token {
            Token::LParen | Token::LBracket | Token::LBrace => depth += 1,
            Token::RParen | Token::RBracket | Token::RBrace => depth = depth.saturating_sub(1),
            Token::Comma if depth == 0 => {
                let comma = offsets.of(token.span.start);
                pieces.push(start..comma);
                start = comma + 1;
            }
            _ => {}
        }
    }
    pieces.push(start..text.len());
    let pieces: Vec<&str> = pieces.into_iter().map(|piece| text[piece].trim()).collect();
    if pieces.iter().any(|piece| piece.is_empty()) {
        return Err(SqlError::Missing { text: text.trim().to_owned() });
    }
    Ok(pieces)
}

/// Byte offsets of the tokenizer's locations, asked for in ascending order.
struct Offsets<'a> {
    chars: std::iter::Peekable<std::str::CharIndices<'a>>,
    end: usize,
    at: Location,
}

impl<'a> Offsets<'a> {
    fn new(text: &'a str) -> Self {
        Offsets {
            chars: text.char_indices().peekable(),
            end: text.len(),
            at: Location { line: 1, column: 1 },
        }
    }

    fn of(&mut self, location: Location) -> usize {
        while self.at < location {
            match self.chars.next() {
                Some((_, '\n')) => self.at = Location { line: self.at.line + 1, column: 1 },
                Some(_) => self.at.column += 1,
                None => return self.end,
            }
        }
        self.chars.peek().map_or(self.end, |(offset, _)| *offset)
    }
}

/// Parses one expression, mends it, has polars translate it, and mends the translation.
fn translate(text: &str) -> Result<(Expr, Named), SqlError> {
    let mut item = parse(text)?;
    let misplaced = |what| SqlError::Misplaced { expression: text.to_owned(), what };
    let (named, expr) = match &mut item {
        SelectItem::UnnamedExpr(expr) => (Named::No, expr),
        SelectItem::ExprWithAlias { expr, .. } => (Named::Yes, expr),
        SelectItem::ExprWithAliases { .. } => return Err(misplaced("a list of aliases")),
        SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {
            return Err(misplaced("a wildcard"));
        }
    };
    let mut mended = false;
    let refused = visit_expressions_mut(expr, |expr| match mend(expr) {
        Mend::Keep => ControlFlow::Continue(()),
        Mend::Changed => {
            mended = true;
            ControlFlow::Continue(())
        }
        Mend::Arguments(function) => {
            ControlFlow::Break(SqlError::Arguments { expression: text.to_owned(), function })
        }
        Mend::Subquery => ControlFlow::Break(misplaced("a subquery")),
        Mend::Nested => ControlFlow::Break(misplaced("an aggregate inside another")),
    });
    if let ControlFlow::Break(error) = refused {
        return Err(error);
    }
    let translated =
        if mended { polars_sql::sql_expr(item.to_string()) } else { polars_sql::sql_expr(text) };
    let expr = translated
        .map_err(|reason| SqlError::Unsupported { expression: text.to_owned(), reason })?;
    let expr = expr.map_expr(|expr| functions::restore(population_variance(expr)));
    match functions::unrestored(&expr) {
        Some(function) => Err(SqlError::Arguments { expression: text.to_owned(), function }),
        None => Ok((expr, named)),
    }
}

/// Parses `text`, all of it, as an expression with or without alias.
fn parse(text: &str) -> Result<SelectItem, SqlError> {
    let syntax = |reason| SqlError::Syntax { expression: text.to_owned(), reason };
    let tokens = Tokenizer::new(&GenericDialect, text).tokenize_with_location();
    let tokens = tokens.map_err(|reason| syntax(reason.into()))?;
    let found = tokens.iter().filter(|token| can_nest(&token.token)).count();
    if found > MOST_WORDS {
        let words: Vec<&str> = text.split_whitespace().collect();
        return Err(SqlError::TooLong { start: words.join(" ").chars().take(40).collect(), found });
    }
    let mut parser = Parser::new(&GenericDialect).with_tokens_with_locations(tokens);
    let item = parser.parse_select_item().map_err(syntax)?;
    match parser.peek_token().token {
        Token::EOF => Ok(item),
        rest => Err(SqlError::Trailing { expression: text.to_owned(), rest: rest.to_string() }),
    }
}

/// Whether a token can make the syntax tree deeper: the elements of a list stand side by side.
fn can_nest(token: &Token) -> bool {
    !matches!(
        token,
        Token::Whitespace(_) | Token::Comma | Token::Number(..) | Token::SingleQuotedString(_)
    )
}

/// What is to be done about a node of the syntax tree.
enum Mend {
    Keep,
    Changed,
    Arguments(String),
    Subquery,
    Nested,
}

/// Replaces what polars lacks, and finds what it would panic on.
fn mend(expr: &mut ast::Expr) -> Mend {
    let call = match expr {
        ast::Expr::Function(call) => call,
        ast::Expr::Subquery(_) | ast::Expr::InSubquery { .. } | ast::Expr::Exists { .. } => {
            return Mend::Subquery;
        }
        _ => return Mend::Keep,
    };
    let FunctionArguments::List(arguments) = &mut call.args else { return Mend::Keep };
    let function = call.name.to_string().to_lowercase();
    match function.as_str() {
        "var_pop" | "stddev_pop" => {
            let [argument] = arguments.args.as_slice() else { return Mend::Arguments(function) };
            // The argument is doubled: nested calls would double it again and again.
            if visit_expressions(argument, is_covariance).is_break() {
                return Mend::Nested;
            }
            arguments.args.push(argument.clone());
            call.name = function_name("covar_pop");
            if function == "stddev_pop" {
                let mut root = call.clone();
                root.name = function_name("sqrt");
                (root.filter, root.over) = (None, None);
                root.args = FunctionArguments::List(FunctionArgumentList {
                    duplicate_treatment: None,
                    args: vec![FunctionArg::Unnamed(FunctionArgExpr::Expr(expr.clone()))],
                    clauses: Vec::new(),
                });
                *expr = ast::Expr::Function(root);
            }
            Mend::Changed
        }
        "greatest" | "least" if arguments.args.is_empty() => Mend::Arguments(function),
        "right" if arguments.args.iter().any(is_huge) => Mend::Arguments(function),
        _ => match functions::mend(call) {
            true => Mend::Changed,
            false => Mend::Keep,
        },
    }
}

/// Breaks at a covariance, which inner calls have become by now.
fn is_covariance(expr: &ast::Expr) -> ControlFlow<()> {
    match expr {
        ast::Expr::Function(call) if call.name.to_string() == "covar_pop" => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    }
}

fn function_name(name: &str) -> ObjectName {
    ObjectName::from(vec![ast::Ident::new(name)])
}

/// Whether an argument is a number beyond 64 bits.
fn is_huge(argument: &FunctionArg) -> bool {
    let text = argument.to_string();
    let digits = text.trim_start_matches(['-', '+', ' ']);
    digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<i64>().is_err()
}

/// The population covariance of an expression with itself is its variance.
fn population_variance(expr: Expr) -> Expr {
    match expr {
        Expr::Function {
            input,
            function: FunctionExpr::Correlation { method: CorrelationMethod::Covariance(ddof) },
        } if input.len() == 2 && input[0] == input[1] => {
            Expr::Agg(AggExpr::Var(input[0].clone().into(), ddof))
        }
        expr => expr,
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::{DataFrame, IntoLazy, df, len};

    use super::*;
    use crate::aggregate::Aggregation;

    fn table() -> DataFrame {
        df!(
            "x" => [Some(1.0), Some(2.0), None, Some(4.0)],
            "n" => [1i64, 2, 3, 4],
            "s" => ["a", "b, c", "d", "e"],
            "odd, name" => [1i64, 1, 1, 1],
        )
        .expect("columns of one length")
    }

    fn answer(text: &str) -> DataFrame {
        let aggs = parse_aggregates(text).unwrap_or_else(|error| panic!("{error}"));
        table().lazy().select(aggs).collect().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn names(text: &str) -> Vec<String> {
        answer(text).get_column_names().into_iter().map(|name| name.to_string()).collect()
    }

    fn number(text: &str) -> f64 {
        let answer = answer(text);
        let column =
            answer.columns()[0].cast(&polars::prelude::DataType::Float64).expect("a number");
        column.f64().expect("a float").get(0).expect("not null")
    }

    #[test]
    fn expressions_are_named_by_their_text() {
        let text =
            " max( x ),count(*) , min(n) AS least, Max(s), round(avg(x), 2), sum(\"odd, name\")";
        assert_eq!(
            names(text),
            ["max( x )", "count(*)", "least", "Max(s)", "round(avg(x), 2)", "sum(\"odd, name\")"]
        );
        assert_eq!(
            names("sum(n)\n,\n  max(n) -- the most, of all\n"),
            ["sum(n)", "max(n) -- the most, of all"]
        );
    }

    #[test]
    fn only_commas_between_expressions_separate() {
        assert_eq!(
            names(
                "max(s) || ', ' || min(s) AS a, sum(CASE WHEN s IN ('b, c', 'd') THEN 1 ELSE 0 END) b"
            ),
            ["a", "b"]
        );
        assert_eq!(number("sum(CASE WHEN s = 'b, c' THEN n ELSE 0 END)"), 2.0);
        assert_eq!(names("max(coalesce(x, n)) as \"é, ü\", count(*) as ñ"), ["é, ü", "ñ"]);
    }

    #[test]
    fn deviations_are_of_the_sample_unless_they_say_otherwise() {
        let (sample, population) = (7.0 / 3.0, 14.0 / 9.0);
        let near = |text: &str, expected: f64| {
            let found = number(text);
            assert!((found - expected).abs() < 1e-15, "{text}: {found} is not {expected}");
        };
        for text in ["variance(x)", "var_samp(x)", "var(x)", "VARIANCE(x)"] {
            near(text, sample);
        }
        for text in ["stddev(x)", "stddev_samp(x)"] {
            near(text, sample.sqrt());
        }
        near("var_pop(x)", population);
        near("stddev_pop(x)", population.sqrt());
        near("STDDEV_POP(x) + 1", population.sqrt() + 1.0);
        near("stddev_pop(x) FILTER (WHERE n < 3)", 0.5);
        near("var_pop(n * 2)", 5.0);
        assert_eq!(names("stddev_pop(x), var_pop(x) AS v"), ["stddev_pop(x)", "v"]);
    }

    #[test]
    fn counts_sums_and_means_are_those_of_sql() {
        assert_eq!(parse_aggregates("count(*)").expect("SQL"), [len().alias("count(*)")]);
        assert_eq!(
            (number("count(x)"), number("count(*)"), number("avg(x)")),
            (3.0, 4.0, 7.0 / 3.0)
        );
        assert_eq!((number("mean(x)"), number("count(*) FILTER (WHERE x > 1)")), (7.0 / 3.0, 2.0));
        let nothing = answer("sum(x) FILTER (WHERE n > 9)");
        assert_eq!(nothing.columns()[0].null_count(), 1);
    }

    #[test]
    fn keys_and_filters_are_expressions() {
        let keys = parse_keys("s, n % 2, \"odd, name\", n / 2 AS half").expect("SQL");
        let names: Vec<_> =
            keys.iter().map(|key| key.clone().meta().output_name().expect("a name")).collect();
        assert_eq!(names, ["s", "n % 2", "odd, name", "half"]);
        let filter = parse_filter(" x > 1 AND s <> 'b, c' ").expect("SQL");
        assert_eq!(table().lazy().filter(filter).collect().expect("rows").height(), 1);
    }

    /// Does `work` with a small stack, which in the pool each thread has.
    fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work);
        thread.expect("a thread").join().expect("the work is done");
    }

    #[test]
    fn the_longest_expressions_fit_the_stack() {
        // Beside the repeated words there are max, two brackets and the column.
        for (repeated, words) in [
            (" + 1", 1),
            (" * n", 2),
            (" || 'a'", 1),
            (" AND n < 3", 3),
            (" OR n > 3 ", 3),
            (" IS NULL", 2),
            ("::int", 2),
        ] {
            let text = format!("max(n{})", repeated.repeat((MOST_WORDS - 4) / words));
            on_a_small_stack(move || {
                let aggs = parse_aggregates(&text).unwrap_or_else(|error| panic!("{error}"));
                let aggregation = Aggregation::new(Vec::new(), aggs, None).expect("a maximum");
                // Not all of them have a type: an error is an answer, too.
                let state = aggregation.partial(&table());
                assert_eq!(
                    state.is_ok(),
                    state.and_then(|state| aggregation.finish(&state)).is_ok()
                );
            });
        }
    }

    #[test]
    fn an_expression_is_bounded_but_a_list_is_not() {
        on_a_small_stack(|| {
            let text = format!("max(n{})", "\n+ 1".repeat(2500));
            let error = parse_aggregates(&text).expect_err("too long");
            assert!(matches!(error, SqlError::TooLong { found: 2504, .. }), "{error}");
            let message = error.to_string();
            assert!(message.starts_with("`max(n + 1 + 1 + 1 "), "{message}");
            assert!(message.lines().count() == 1 && message.len() < 120, "{message}");
            let error = parse_filter(&text).expect_err("too long");
            assert!(matches!(error, SqlError::TooLong { .. }), "{error}");
            let numbers: Vec<String> = (3..5000).map(|n| n.to_string()).collect();
            let filter = format!("n IN ({})", numbers.join(", "));
            let filter = parse_filter(&filter).expect("a list");
            assert_eq!(table().lazy().filter(filter).collect().expect("rows").height(), 2);
            // Doubled at every level this would not fit the memory.
            let nested = format!("{}x{}", "var_pop(".repeat(40), ")".repeat(40));
            assert!(matches!(parse_aggregates(&nested), Err(SqlError::Misplaced { .. })));
        });
    }

    #[test]
    fn errors_quote_the_expression_in_a_line() {
        for (text, start) in [
            ("max(x", "`max(x` is not an SQL expression: "),
            ("max(x))", "`max(x))` is not one SQL expression: `)` follows it"),
            ("max(x) min(x) n", "`max(x) min(x) n` is not one SQL expression"),
            ("max('x)", "`max('x)` is not SQL: Unterminated string literal"),
            ("", "``: an expression is missing"),
            ("max(x),, min(x)", "`max(x),, min(x)`: an expression is missing"),
            ("max(x),", "`max(x),`: an expression is missing"),
            ("count(*), no_such(x)", "`no_such(x)`: "),
            ("*", "`*`: a wildcard cannot stand here"),
            ("max((SELECT 1))", "`max((SELECT 1))`: a subquery cannot stand here"),
            ("greatest()", "`greatest()`: the arguments of `greatest` are not valid"),
            (
                "max(right(s, 99999999999999999999))",
                "`max(right(s, 99999999999999999999))`: the arguments of `right`",
            ),
            ("var_pop(x, n)", "`var_pop(x, n)`: the arguments of `var_pop` are not valid"),
            ("var_pop(DISTINCT x)", "`var_pop(DISTINCT x)`: "),
            (
                "stddev_pop(var_pop(x))",
                "`stddev_pop(var_pop(x))`: an aggregate inside another cannot",
            ),
        ] {
            let message = parse_aggregates(text).expect_err(text).to_string();
            assert!(message.starts_with(start), "{message}");
            assert_eq!(message.lines().count(), 1, "{message}");
        }
        for (text, start) in [
            ("x > 1 AS y", "`x > 1 AS y`: an alias cannot stand here"),
            ("x > 1, n > 2", "`x > 1, n > 2` is not one SQL expression: `,` follows it"),
            ("  ", "``: an expression is missing"),
        ] {
            let message = parse_filter(text).expect_err(text).to_string();
            assert!(message.starts_with(start), "{message}");
        }
    }
}
