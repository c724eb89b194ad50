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
#[cfg(test)]
mod tests;

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
