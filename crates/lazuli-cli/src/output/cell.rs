//! One value of an answer, of any type, on its way to text.

use std::borrow::Cow;

use lazuli::array::Number;
use lazuli::frame::polars::prelude::AnyValue;

/// A value, and how it must be written: numbers exactly, floats of either width in the shortest form
/// that reads back as the same float.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    Null,
    Boolean(bool),
    Integer(i128),
    Float32(f32),
    Float64(f64),
    Text(Cow<'a, str>),
    /// The sizes of an array's axes.
    Shape(&'a [usize]),
}

impl Cell<'_> {
    /// The value as a text without quotes; `None` is a missing one. A float has a point or an
    /// exponent, so that it stays one; the sizes of a shape are joined by `x`.
    pub(super) fn plain(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Owned(match self {
            Self::Null => return None,
            Self::Boolean(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Float32(value) => format!("{value:?}"),
            Self::Float64(value) => format!("{value:?}"),
            Self::Text(text) => return Some(Cow::Borrowed(text)),
            Self::Shape(sizes) => sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("x"),
        }))
    }

    /// Whether there is a number that digits can be written for, or anything but a number.
    pub(super) fn is_finite(&self) -> bool {
        match self {
            Self::Float32(value) => value.is_finite(),
            Self::Float64(value) => value.is_finite(),
            _ => true,
        }
    }
}

impl<'a> From<AnyValue<'a>> for Cell<'a> {
    fn from(value: AnyValue<'a>) -> Self {
        match value {
            AnyValue::Null => Self::Null,
            AnyValue::Boolean(value) => Self::Boolean(value),
            AnyValue::UInt8(value) => Self::Integer(value.into()),
            AnyValue::UInt16(value) => Self::Integer(value.into()),
            AnyValue::UInt32(value) => Self::Integer(value.into()),
            AnyValue::UInt64(value) => Self::Integer(value.into()),
            AnyValue::Int8(value) => Self::Integer(value.into()),
            AnyValue::Int16(value) => Self::Integer(value.into()),
            AnyValue::Int32(value) => Self::Integer(value.into()),
            AnyValue::Int64(value) => Self::Integer(value.into()),
            AnyValue::Int128(value) => Self::Integer(value),
            AnyValue::Float32(value) => Self::Float32(value),
            AnyValue::Float64(value) => Self::Float64(value),
            AnyValue::String(value) => Self::Text(Cow::Borrowed(value)),
            AnyValue::StringOwned(value) => Self::Text(Cow::Owned(value.into_string())),
            other => Self::Text(Cow::Owned(other.to_string())),
        }
    }
}

impl From<Number> for Cell<'_> {
    fn from(number: Number) -> Self {
        match number {
            Number::Int(value) => Self::Integer(value),
            Number::Float(value) => Self::Float64(value),
        }
    }
}

impl From<u64> for Cell<'_> {
    fn from(value: u64) -> Self {
        Self::Integer(value.into())
    }
}

impl From<f64> for Cell<'_> {
    fn from(value: f64) -> Self {
        Self::Float64(value)
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl From<String> for Cell<'_> {
    fn from(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }
}
