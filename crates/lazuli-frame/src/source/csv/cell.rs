//! From the bytes of a cell to what they say: its text without quotes, a missing value, a number.
//!
//! Nothing here knows a column or a dtype of polars. Numbers follow one grammar everywhere, in the sample
//! that guesses dtypes as in the columns: spaces and tabs around them are dropped, a sign may precede them,
//! floats may lack the digits on one side of the point and may be infinite. Digits that begin with zero are
//! a number only where the user says so: `01234` and `1234` are two postcodes. So are integers that their type
//! cannot hold, which floats would make the same.

use std::borrow::Cow;
use std::ops::Range;

use super::moment::Formats;
use super::number::Number;
use super::options::CsvOptions;
use super::record::closing_quote;
use super::short::Short;

/// The texts that are missing values in every column that is not text. The empty field is one too.
const MISSING: [&[u8]; 6] = [b"NA", b"N/A", b"NaN", b"null", b"NULL", b"None"];

/// How to read the cells of a file.
#[derive(Clone, Debug)]
pub(super) struct CellReader {
    quote: Option<u8>,
    /// What the user says is missing, whatever the dtype.
    null_values: Vec<Box<[u8]>>,
    /// Whether the dtype was guessed, so that digits may be no number.
    guessed: bool,
    /// Stands between the whole part of a number and its decimals.
    decimal: u8,
    /// Stands between every three digits of the whole part.
    thousands: Option<u8>,
    /// What is true and what is false, beside the words themselves.
    truths: [Vec<Box<[u8]>>; 2],
    /// How dates and times are written.
    formats: Formats,
    /// Whether what looks like a short number is that number.
    plain: bool,
}

/// A number, or its absence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<T> {
    /// There is one.
    Present(T),
    /// There is none, and this is in order.
    Missing,
    /// It is something else.
    Bad,
}

impl CellReader {
    /// Cells are quoted with `quote`, and missing also if they are one of `null_values`.
    pub(super) fn new(quote: Option<u8>, null_values: &[String]) -> Self {
        let mut reader = Self {
            quote,
            null_values: bytes(null_values),
            guessed: false,
            decimal: b'.',
            thousands: None,
            truths: [Vec::new(), Vec::new()],
            formats: Formats::default(),
            plain: false,
        };
        reader.plain = reader.is_plain();
        reader
    }

    /// Cells are as the options say.
    pub(super) fn of(options: &CsvOptions) -> Self {
        let (trues, falses) = (options.true_values(), options.false_values());
        let mut reader = Self {
            decimal: options.decimal(),
            thousands: options.thousands(),
            truths: [bytes(trues), bytes(falses)],
            formats: options.formats().clone(),
            ..Self::new(options.quote(), options.null_values())
        };
        reader.plain = reader.is_plain();
        reader
    }

    /// Whether no digit, point or minus means anything else than in a number with a decimal point.
    fn is_plain(&self) -> bool {
        let is_part = |byte: &u8| byte.is_ascii_digit() || b"-.".contains(byte);
        let missing = self.null_values.iter().any(|value| trim(value).iter().all(is_part));
        !missing && self.decimal == b'.' && !self.quote.as_ref().is_some_and(is_part)
    }

    /// The same, for columns of which nobody has said that they are numbers.
    pub(super) fn guessing(&self) -> Self {
        Self { guessed: true, ..self.clone() }
    }

    /// What cells are quoted with.
    pub(super) fn quote(&self) -> Option<u8> {
        self.quote
    }

    /// The text of a cell, as it was before it was quoted.
    #[inline]
    pub(super) fn text<'a>(&self, cell: &'a [u8]) -> Cow<'a, [u8]> {
        match (self.quote, cell) {
            (Some(quote), [first, inner @ ..]) if *first == quote => {
                match memchr::memchr(quote, inner) {
                    Some(close) if close + 1 == inner.len() => Cow::Borrowed(&inner[..close]),
                    _ => Cow::Owned(unquote(cell)),
                }
            }
            _ => Cow::Borrowed(cell),
        }
    }

    /// The text of a cell in a text column, unless it is missing.
    #[inline]
    pub(super) fn optional_text<'a>(&self, cell: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        if cell.is_empty() {
            return None;
        }
        let text = self.text(cell);
        (!self.is_null_value(&text)).then_some(text)
    }

    /// The number in a cell of `bytes`.
    #[inline(always)]
    pub(super) fn number_at<T: Number>(&self, bytes: &[u8], cell: Range<usize>) -> Value<T> {
        if self.plain
            && let Some(short) = Short::read(bytes, &cell)
            && !(self.guessed && short.zero_led && short.decimals.is_none())
            && let Some(number) = T::of_short(short)
        {
            return Value::Present(number);
        }
        self.number(&bytes[cell])
    }

    /// The number in a cell.
    #[inline]
    pub(super) fn number<T: Number>(&self, cell: &[u8]) -> Value<T> {
        let plain = self.null_values.is_empty()
            && cell.first().copied() != self.quote
            && self.decimal == b'.';
        if plain
            && let Some(number) = T::parse(cell)
            && !(self.guessed && T::is_code(cell))
        {
            return number.or_missing();
        }
        self.value(cell, |text| {
            let text = self.plain_number(text)?;
            let number = T::parse(&text)?;
            (!(self.guessed && T::is_code(&text))).then(|| number.or_missing())
        })
    }

    /// The truth value in a cell: `true` or `false`, in any case.
    #[inline]
    pub(super) fn boolean(&self, cell: &[u8]) -> Value<bool> {
        self.value(cell, |text| {
            if text.eq_ignore_ascii_case(b"true") {
                Some(Value::Present(true))
            } else if text.eq_ignore_ascii_case(b"false") {
                Some(Value::Present(false))
            } else {
                let is = |truths: &[Box<[u8]>]| truths.iter().any(|truth| **truth == *text);
                let [trues, falses] = &self.truths;
                let known = is(trues) || is(falses);
                known.then(|| Value::Present(is(trues)))
            }
        })
    }

    /// The date in a cell, as days since 1970.
    pub(super) fn date(&self, cell: &[u8]) -> Value<i32> {
        self.value(cell, |text| self.formats.date(text).map(Value::Present))
    }

    /// The time of day in a cell, in nanoseconds.
    pub(super) fn time(&self, cell: &[u8]) -> Value<i64> {
        self.value(cell, |text| self.formats.time(text).map(Value::Present))
    }

    /// The moment in a cell, as microseconds since the beginning of 1970.
    pub(super) fn datetime(&self, cell: &[u8]) -> Value<i64> {
        self.value(cell, |text| self.formats.datetime(text).map(Value::Present))
    }

    /// The text of a number as it is written with a point and without separated thousands; `None` if it is not
    /// written as is said.
    fn plain_number<'a>(&self, text: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        let separated = self.thousands.is_some_and(|separator| text.contains(&separator));
        if self.decimal == b'.' && !separated {
            return Some(Cow::Borrowed(text));
        }
        let place = text.iter().position(|&byte| byte == self.decimal);
        let (whole, decimals) = match place {
            Some(place) => (&text[..place], Some(&text[place + 1..])),
            None => (text, None),
        };
        let mut plain = Vec::with_capacity(text.len());
        match self.thousands {
            Some(separator) if separated => {
                let signs = whole.iter().take_while(|byte| b"+-".contains(byte)).count();
                let (sign, digits) = whole.split_at(signs);
                plain.extend_from_slice(sign);
                for (at, group) in digits.split(|&byte| byte == separator).enumerate() {
                    let fits =
                        if at == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
                    if !fits || !group.iter().all(u8::is_ascii_digit) {
                        return None;
                    }
                    plain.extend_from_slice(group);
                }
            }
            _ => plain.extend_from_slice(whole),
        }
        // A point that is not the decimal one has no place.
        if self.decimal != b'.' && whole.contains(&b'.') && self.thousands != Some(b'.') {
            return None;
        }
        if let Some(decimals) = decimals {
            if decimals.contains(&b'.')
                || self.thousands.is_some_and(|byte| decimals.contains(&byte))
            {
                return None;
            }
            plain.push(b'.');
            plain.extend_from_slice(decimals);
        }
        Some(Cow::Owned(plain))
    }

    /// The value that `parse` finds in the text of a cell, if that is not missing.
    fn value<T>(&self, cell: &[u8], parse: impl Fn(&[u8]) -> Option<Value<T>>) -> Value<T> {
        let text = self.text(cell);
        let text = trim(&text);
        if self.is_null_value(text) {
            return Value::Missing;
        }
        match parse(text) {
            Some(value) => value,
            None if text.is_empty() || MISSING.contains(&text) => Value::Missing,
            None => Value::Bad,
        }
    }

    /// Whether the user says that this text stands for a missing value.
    pub(super) fn is_null_value(&self, text: &[u8]) -> bool {
        self.null_values.iter().any(|value| **value == *text)
    }
}

fn bytes(texts: &[String]) -> Vec<Box<[u8]>> {
    texts.iter().map(|text| text.as_bytes().into()).collect()
}

/// The text without the spaces and tabs around it.
pub(super) fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// The text of a cell that begins with a quote, and has pairs of them.
fn unquote(cell: &[u8]) -> Vec<u8> {
    let quote = cell[0];
    let close = closing_quote(cell, 0).unwrap_or(cell.len());
    let mut text = Vec::with_capacity(cell.len());
    let mut bytes = cell[1..close].iter();
    while let Some(&byte) = bytes.next() {
        text.push(byte);
        if byte == quote {
            // The other of the pair.
            bytes.next();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain() -> CellReader {
        CellReader::new(Some(b'"'), &[])
    }

    #[test]
    fn quotes_are_taken_off() {
        let text = |cell: &'static str| {
            String::from_utf8(plain().text(cell.as_bytes()).into_owned()).unwrap()
        };
        assert_eq!(text("abc"), "abc");
        assert_eq!(text(r#""abc""#), "abc");
        assert_eq!(text(r#""""#), "");
        assert_eq!(text(r#""a""b""""""#), r#"a"b"""#);
        assert_eq!(text(r#"a"b"#), r#"a"b"#);
        assert_eq!(text(r#" "a""#), r#" "a""#);
        let unquoted = CellReader::new(None, &[]);
        assert_eq!(&*unquoted.text(br#""a""#), br#""a""#);
    }

    #[test]
    fn missing_values_depend_on_the_dtype() {
        let with_dash = CellReader::new(Some(b'"'), &["-".to_owned(), "-999".to_owned()]);
        for cell in ["", " ", "NA", "N/A", "NaN", "null", "NULL", "None", "\"NA\"", "\"\"", " NA\t"]
        {
            for reader in [&plain(), &with_dash] {
                assert_eq!(reader.number::<i64>(cell.as_bytes()), Value::Missing, "{cell:?}");
                assert_eq!(reader.number::<f64>(cell.as_bytes()), Value::Missing, "{cell:?}");
                assert_eq!(reader.boolean(cell.as_bytes()), Value::Missing, "{cell:?}");
            }
            let text = plain().optional_text(cell.as_bytes()).is_some();
            assert_eq!(text, !cell.is_empty(), "{cell:?}");
        }
        for cell in ["-", "-999", " -999", "\"-\""] {
            assert_eq!(with_dash.number::<i64>(cell.as_bytes()), Value::Missing, "{cell:?}");
        }
        assert_eq!(plain().number::<i64>(b"-"), Value::Bad);
        assert_eq!(plain().number::<i64>(b"-999"), Value::Present(-999));
        assert_eq!(with_dash.number::<i64>(b"-99"), Value::Present(-99));
        assert_eq!(with_dash.optional_text(b"-"), None);
        assert_eq!(with_dash.optional_text(b"\"-\""), None);
        assert_eq!(with_dash.optional_text(b" -").as_deref(), Some(&b" -"[..]));
        assert_eq!(plain().number::<i64>(b"na"), Value::Bad);
    }

    #[test]
    fn integers() {
        let number = |cell: &str| plain().number::<i64>(cell.as_bytes());
        assert_eq!(number("+5"), Value::Present(5));
        assert_eq!(number("-0"), Value::Present(0));
        assert_eq!(number("007"), Value::Present(7));
        assert_eq!(number(&format!("{}1", "0".repeat(40))), Value::Present(1));
        assert_eq!(number(" 12\t"), Value::Present(12));
        assert_eq!(number("\" 12\""), Value::Present(12));
        assert_eq!(number("9223372036854775807"), Value::Present(i64::MAX));
        assert_eq!(number("-9223372036854775808"), Value::Present(i64::MIN));
        for bad in [
            "9223372036854775808",
            "-9223372036854775809",
            "1.0",
            "1e5",
            "0x10",
            "+-5",
            "+",
            "1 2",
            "١",
            "1\0",
        ] {
            assert_eq!(number(bad), Value::Bad, "{bad:?}");
        }
        assert_eq!(plain().number::<u32>(b"4294967295"), Value::Present(u32::MAX));
        assert_eq!(plain().number::<u32>(b"4294967296"), Value::Bad);
        assert_eq!(plain().number::<u64>(b"-1"), Value::Bad);
        let quoted_with_ones = CellReader::new(Some(b'1'), &[]);
        assert_eq!(quoted_with_ones.number::<i64>(b"121"), Value::Present(2));
    }

    #[test]
    fn digits_that_are_no_quantity() {
        let guessing = plain().guessing();
        for code in ["007", "00", "-01", "+09", "\"01234\"", " 01 "] {
            assert_eq!(guessing.number::<i64>(code.as_bytes()), Value::Bad, "{code:?}");
            assert_eq!(guessing.number::<f64>(code.as_bytes()), Value::Bad, "{code:?}");
            assert!(plain().number::<i64>(code.as_bytes()) != Value::Bad, "{code:?}");
        }
        for number in
            ["0", "-0", "10", "0.5", "00.5", "9223372036854775807", "12345678901234567890.5"]
        {
            assert!(guessing.number::<f64>(number.as_bytes()) != Value::Bad, "{number:?}");
        }
        assert_eq!(guessing.number::<f64>(b"9223372036854775808"), Value::Bad);
        assert_eq!(guessing.number::<f64>(b" 12345678901234567890"), Value::Bad);
    }

    #[test]
    fn floats() {
        let number = |cell: &str| plain().number::<f64>(cell.as_bytes());
        assert_eq!(number(".5"), Value::Present(0.5));
        assert_eq!(number("5."), Value::Present(5.0));
        assert_eq!(number("+1e5"), Value::Present(1e5));
        assert_eq!(number("inf"), Value::Present(f64::INFINITY));
        assert_eq!(number("-inf"), Value::Present(f64::NEG_INFINITY));
        assert_eq!(number("nan"), Value::Missing);
        assert_eq!(number("-NaN"), Value::Missing);
        for bad in [".", "e5", "1e", "0x1p3", "1,5", "1_000"] {
            assert_eq!(number(bad), Value::Bad, "{bad:?}");
        }
    }

    #[test]
    fn numbers_as_others_write_them() {
        let options = CsvOptions::default().with_decimal(b',').with_thousands(Some(b'.'));
        let reader = CellReader::of(&options);
        let number = |cell: &str| reader.number::<f64>(cell.as_bytes());
        assert_eq!(number("1,5"), Value::Present(1.5));
        assert_eq!(number("-1.234.567,25"), Value::Present(-1_234_567.25));
        assert_eq!(number("1.234"), Value::Present(1234.0));
        assert_eq!(number("1234"), Value::Present(1234.0));
        for bad in ["1.5", "1.23.456", "12345.678", "1,5.000", "1,2,3", ".123", "1..234"] {
            assert_eq!(number(bad), Value::Bad, "{bad:?}");
        }
        assert_eq!(reader.number::<i64>(b"1.234"), Value::Present(1234));
        let american = CellReader::of(&CsvOptions::default().with_thousands(Some(b',')));
        assert_eq!(american.number::<f64>(b"\"1,234.5\""), Value::Present(1234.5));
        assert_eq!(american.number::<f64>(b"\"1,23\""), Value::Bad);
        let comma = CellReader::of(&CsvOptions::default().with_decimal(b','));
        assert_eq!(comma.number::<f64>(b"1.5"), Value::Bad);
        let words = CsvOptions::default().with_true_values(["yes"]).with_false_values(["no"]);
        let words = CellReader::of(&words);
        assert_eq!(words.boolean(b"yes"), Value::Present(true));
        assert_eq!(words.boolean(b" no "), Value::Present(false));
        assert_eq!(
            (words.boolean(b"TRUE"), words.boolean(b"Yes")),
            (Value::Present(true), Value::Bad)
        );
    }

    #[test]
    fn booleans() {
        assert_eq!(plain().boolean(b"TRUE"), Value::Present(true));
        assert_eq!(plain().boolean(b" \"false\""), Value::Bad);
        assert_eq!(plain().boolean(b"\" False\""), Value::Present(false));
        assert_eq!(plain().boolean(b"1"), Value::Bad);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn quoting_and_taking_the_quotes_off_is_the_identity(text in "[a\"\n, ]{0,12}") {
            let cell = format!("\"{}\"", text.replace('"', "\"\""));
            prop_assert_eq!(&*plain().text(cell.as_bytes()), text.as_bytes());
        }
    }
}
