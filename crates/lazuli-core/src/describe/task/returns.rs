//! What the return type of a function means to its task: a value, or a value or an error.
//!
//! Where a task is described by hand, the caller says which: `call` or `try_call`, `map` or `try_map`.
//! `#[delayed]` asks the type itself, however it is spelled: an alias of `Result` is a `Result`.

use std::error::Error as StdError;
use std::marker::PhantomData;

use crate::base::error::Error;
use crate::base::failure::Failure;
use crate::base::value::Value;

/// What a function that may fail can return as its error: whatever turns into a
/// `Box<dyn Error + Send + Sync>`. That is every error, and a `String`, a `&str`, such a `Box` and an
/// `anyhow::Error`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a task",
    label = "`{Self}` is no error",
    note = "implement `std::error::Error` for it, or return a `String`, a `Box<dyn Error + Send + Sync>` or an \
            `anyhow::Error`"
)]
pub trait IntoError: 'static {
    /// The error, without its type.
    fn into_error(self) -> Box<dyn StdError + Send + Sync>;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn StdError + Send + Sync>> + 'static> IntoError for E {
    fn into_error(self) -> Box<dyn StdError + Send + Sync> {
        self.into()
    }
}

/// What a task yields whose function returns this type.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `Result`",
    label = "taken for a `Result` by its name"
)]
pub trait Yields<const FALLIBLE: bool> {
    type Value;
}

impl<R> Yields<false> for R {
    type Value = R;
}

impl<T, E> Yields<true> for Result<T, E> {
    type Value = T;
}

/// What a function may return that a task is made of.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a task cannot return `{Self}`",
    label = "no value that threads can share",
    note = "a task returns a `T: Send + Sync + 'static`, or a `Result` of one"
)]
pub trait Returns<const FALLIBLE: bool>: Yields<FALLIBLE> + 'static {
    #[doc(hidden)]
    fn settle(self) -> Settled;
}

/// What came of a call.
#[doc(hidden)]
pub struct Settled(pub(super) Result<Value, Failure>);

#[diagnostic::do_not_recommend]
impl<R: Send + Sync + 'static> Returns<false> for R {
    fn settle(self) -> Settled {
        Settled(Ok(Value::new(self)))
    }
}

impl<T: Send + Sync + 'static, E: IntoError> Returns<true> for Result<T, E> {
    fn settle(self) -> Settled {
        Settled(self.map(Value::new).map_err(|error| Error::returned(error.into_error())))
    }
}

/// Asks a type whether it is a `Result`: `<Returned<R>>::FALLIBLE`, with [`NoResult`] in scope, is `true`
/// by the inherent constant where there is one, and else `false` by the trait's.
#[doc(hidden)]
pub struct Returned<R>(PhantomData<fn() -> R>);

impl<T, E> Returned<Result<T, E>> {
    pub const FALLIBLE: bool = true;
}

#[doc(hidden)]
pub trait NoResult {
    const FALLIBLE: bool = false;
}

impl<R> NoResult for Returned<R> {}
