//! Codecs: how a [`Value`], whose type is erased, is written and read.
//!
//! A codec is made where the type is known, and stands in the label of the task that yields the value.

use std::any::{TypeId, type_name};
use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use crate::base::portable::Portable;
use crate::base::value::Value;

/// How the value of one task is written and read.
#[derive(Clone)]
pub(crate) struct Codec(Arc<dyn ErasedCodec>);

/// What is behind a [`Codec`]: a type, or more, where reading needs to know more than a type.
pub(crate) trait ErasedCodec: Send + Sync {
    /// The type of the values.
    fn type_id(&self) -> TypeId;
    /// What the values are, in words that differ where their bytes mean other things.
    fn describe(&self) -> String;
    /// Writes a value, which must be of the type.
    fn write(&self, value: &Value, to: &mut dyn Write) -> io::Result<()>;
    /// Reads a value of the type.
    fn read(&self, from: &mut dyn Read) -> io::Result<Value>;
}

impl Codec {
    pub(crate) fn new(codec: impl ErasedCodec + 'static) -> Self {
        Self(Arc::new(codec))
    }

    /// That of a type which says it itself.
    pub(crate) fn of<T: Portable + Send + Sync + 'static>() -> Self {
        Self::new(StateCodec::<T>::of())
    }

    /// The type of the values.
    pub(crate) fn type_id(&self) -> TypeId {
        self.0.type_id()
    }

    /// What the values are.
    pub(crate) fn describe(&self) -> String {
        self.0.describe()
    }

    /// Writes the value of the task.
    pub(crate) fn write(&self, value: &Value, to: &mut dyn Write) -> io::Result<()> {
        self.0.write(value, to)
    }

    /// Reads a value such as the task yields.
    pub(crate) fn read(&self, from: &mut dyn Read) -> io::Result<Value> {
        self.0.read(from)
    }
}

/// How the states of a [`Reduction`](crate::Reduction), or its answers, are written and read.
pub struct StateCodec<S> {
    pub(crate) write: fn(&S, &mut dyn Write) -> io::Result<()>,
    pub(crate) read: fn(&mut dyn Read) -> io::Result<S>,
}

impl<S: Portable> StateCodec<S> {
    /// As their type says.
    #[must_use]
    pub fn of() -> Self {
        Self { write: S::write, read: S::read }
    }
}

impl<S> StateCodec<S> {
    /// By these functions, which promise what [`Portable`] does: for a type of another crate.
    ///
    /// ```
    /// use lazuli_core::Portable;
    /// use lazuli_core::reduce::StateCodec;
    /// use std::time::Duration;
    ///
    /// let codec = StateCodec::<Duration>::new(
    ///     |time, to| time.as_secs_f64().write(to),
    ///     |from| f64::read(from).map(Duration::from_secs_f64),
    /// );
    /// # let _ = codec;
    /// ```
    #[must_use]
    pub fn new(
        write: fn(&S, &mut dyn Write) -> io::Result<()>,
        read: fn(&mut dyn Read) -> io::Result<S>,
    ) -> Self {
        Self { write, read }
    }
}

impl<S: Send + Sync + 'static> ErasedCodec for StateCodec<S> {
    fn type_id(&self) -> TypeId {
        TypeId::of::<S>()
    }

    fn describe(&self) -> String {
        type_name::<S>().to_owned()
    }

    fn write(&self, value: &Value, to: &mut dyn Write) -> io::Result<()> {
        (self.write)(value.get(), to)
    }

    fn read(&self, from: &mut dyn Read) -> io::Result<Value> {
        (self.read)(from).map(Value::new)
    }
}

impl<S> Clone for StateCodec<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for StateCodec<S> {}

impl<S> fmt::Debug for StateCodec<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "StateCodec<{}>", type_name::<S>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_and_read_without_its_type() {
        let codec = Codec::of::<Vec<String>>();
        let texts = vec![String::from("lapis"), String::from("lazuli")];
        let mut bytes = Vec::new();
        codec.write(&Value::new(texts.clone()), &mut bytes).unwrap();
        let value = codec.read(&mut &bytes[..]).unwrap();
        assert_eq!(*value.get::<Vec<String>>(), texts);
        assert_eq!(codec.type_id(), TypeId::of::<Vec<String>>());
        // One that several hold is written like any other.
        let mut again = Vec::new();
        codec.write(&Value::shared(value.into_shared()), &mut again).unwrap();
        assert_eq!(again, bytes);
    }
}
