//! Dates, times of day and moments: from their texts to days, nanoseconds and microseconds.
//!
//! Without a format they are written as ISO 8601 has it, `2013-01-31`, `23:59:01.5` and both with a `T` or a space
//! between them. That much is read here, digit by digit; formats are those of `strftime`, and chrono's work. A day
//! that there is not (`2013-02-30`) is no date, and a moment between two microseconds is none that a column holds.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};

/// Nanoseconds in a second, and microseconds.
const NANOS: i64 = 1_000_000_000;
const MICROS: i64 = 1_000_000;

/// Seconds in a day.
const DAY: i64 = 86_400;

/// How moments are written, where that is not as ISO 8601 has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Formats {
    pub(super) date: Option<String>,
    pub(super) time: Option<String>,
    pub(super) datetime: Option<String>,
}

impl Formats {
    /// Days since 1970.
    pub(super) fn date(&self, text: &[u8]) -> Option<i32> {
        match &self.date {
            None => whole(date(text)?),
            Some(format) => Some(days(NaiveDate::parse_from_str(utf_8(text)?, format).ok()?)),
        }
    }

    /// Nanoseconds since midnight.
    pub(super) fn time(&self, text: &[u8]) -> Option<i64> {
        match &self.time {
            None => whole(time(text)?),
            Some(format) => nanoseconds(NaiveTime::parse_from_str(utf_8(text)?, format).ok()?),
        }
    }

    /// Microseconds since the beginning of 1970, in no time zone.
    pub(super) fn datetime(&self, text: &[u8]) -> Option<i64> {
        let (days, nanoseconds) = match &self.datetime {
            None => {
                let (days, rest) = date(text)?;
                match rest {
                    [] => (days, 0),
                    [b'T' | b' ', rest @ ..] => (days, whole(time(rest)?)?),
                    _ => return None,
                }
            }
            Some(format) => {
                let moment = NaiveDateTime::parse_from_str(utf_8(text)?, format).ok()?;
                (days(moment.date()), nanoseconds(moment.time())?)
            }
        };
        let within =
            (nanoseconds % (NANOS / MICROS) == 0).then_some(nanoseconds / (NANOS / MICROS))?;
        Some(i64::from(days) * DAY * MICROS + within)
    }
}

fn utf_8(text: &[u8]) -> Option<&str> {
    simdutf8::basic::from_utf8(text).ok()
}

fn days(date: NaiveDate) -> i32 {
    date.signed_duration_since(NaiveDate::default()).num_days() as i32
}

/// A leap second is none that a column holds.
fn nanoseconds(time: NaiveTime) -> Option<i64> {
    let within = i64::from(time.nanosecond());
    (within < NANOS).then_some(i64::from(time.num_seconds_from_midnight()) * NANOS + within)
}

/// The value, if it is all of the text.
fn whole<T>((value, rest): (T, &[u8])) -> Option<T> {
    rest.is_empty().then_some(value)
}

/// `YYYY-MM-DD` as days since 1970, and what follows.
fn date(text: &[u8]) -> Option<(i32, &[u8])> {
    let (year, rest) = number(text, 4)?;
    let (month, rest) = number(rest.strip_prefix(b"-")?, 2)?;
    let (day, rest) = number(rest.strip_prefix(b"-")?, 2)?;
    let date = NaiveDate::from_ymd_opt(year as i32, month as u32, day as u32)?;
    Some((days(date), rest))
}

/// `HH:MM`, perhaps with `:SS` and up to nine decimals, as nanoseconds, and what follows.
fn time(text: &[u8]) -> Option<(i64, &[u8])> {
    let (hour, rest) = number(text, 2)?;
    let (minute, mut rest) = number(rest.strip_prefix(b":")?, 2)?;
    let mut second = 0;
    let mut nanoseconds = 0;
    if let Some(seconds) = rest.strip_prefix(b":") {
        (second, rest) = number(seconds, 2)?;
        if let Some(decimals) = rest.strip_prefix(b".") {
            let count = decimals.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=9).contains(&count) {
                return None;
            }
            (nanoseconds, rest) = number(decimals, count)?;
            nanoseconds *= 10_i64.pow(9 - count as u32);
        }
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some((((hour * 60 + minute) * 60 + second) * NANOS + nanoseconds, rest))
}

/// The number that the first `count` digits are, and what follows.
fn number(text: &[u8], count: usize) -> Option<(i64, &[u8])> {
    let (digits, rest) = text.split_at_checked(count)?;
    let mut number = 0;
    for digit in digits {
        number = number * 10 + i64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    Some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_8601() {
        let iso = Formats::default();
        assert_eq!(iso.date(b"1970-01-01"), Some(0));
        assert_eq!(iso.date(b"2000-02-29"), Some(11_016));
        assert_eq!(iso.date(b"0001-01-01"), Some(-719_162));
        assert_eq!(iso.time(b"00:00"), Some(0));
        assert_eq!(iso.time(b"23:59:01.5"), Some(86_341_500_000_000));
        assert_eq!(iso.datetime(b"1970-01-02"), Some(DAY * MICROS));
        assert_eq!(iso.datetime(b"1969-12-31T23:59:59.999999"), Some(-1));
        assert_eq!(iso.datetime(b"1970-01-01 00:00:01.250000000"), Some(1_250_000));
        for bad in [
            "",
            "2013-02-30",
            "2013-13-01",
            "2013-1-1",
            "13-01-01",
            "2013/01/01",
            "2013-01-01x",
            "+013-01-01",
            "2013-01-01T",
            "2013-01-01T24:00",
            "2013-01-01 1:00",
            "2013-01-01 00:00:00.0000001",
            "2013-01-01 00:00:00.",
            "2013-01-01 00:00Z",
        ] {
            assert_eq!(iso.date(bad.as_bytes()), None, "{bad}");
            assert_eq!(iso.datetime(bad.as_bytes()), None, "{bad}");
        }
        for bad in ["24:00", "12:60", "12:00:60", "12", "12:00:00.1234567890", "12:00 "] {
            assert_eq!(iso.time(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn formats() {
        let german = Formats {
            date: Some("%d.%m.%Y".to_owned()),
            time: Some("%Hh%M".to_owned()),
            datetime: Some("%d.%m.%y %H:%M:%S%.f".to_owned()),
        };
        let iso = Formats::default();
        assert_eq!(german.date(b"31.12.2013"), iso.date(b"2013-12-31"));
        assert_eq!(german.date("31.12.2013ü".as_bytes()), None);
        assert_eq!(german.date(b"2013-12-31"), None);
        assert_eq!(german.time(b"07h30"), iso.time(b"07:30"));
        let moment = iso.datetime(b"2013-12-31 07:30:01.5");
        assert_eq!(german.datetime(b"31.12.13 07:30:01.5"), moment);
        assert_eq!(german.datetime(b"31.12.13 07:30:60"), None);
    }
}
