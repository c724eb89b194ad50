//! `delayed(f)(x)`: functions and closures that are not one's own, as lazy ones.

use std::panic::Location;

use super::arg::IntoArg;
use super::name;
use super::returns::IntoError;
use super::task;
use crate::graph::Delayed;

/// Makes a function lazy: calling what this returns describes the call as a task, and runs nothing.
///
/// The function takes one to twelve arguments by value; each may be given as it is, or delayed. Its name is
/// the task's. Where it may fail use [`try_delayed`]; for functions of your own use `#[delayed]`, which
/// lends arguments, too, and sees for itself what may fail.
///
/// ```
/// use lazuli_core::{compute, delayed};
///
/// let four = delayed(i64::pow)(2, 2);
/// let sum = delayed(|a: i64, b: i64| a + b)(&four, 38);
/// assert_eq!(compute((four, sum))?, (4, 42));
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[track_caller]
pub fn delayed<F, P, A>(function: F) -> F::Lazy
where
    F: Function<P, A>,
{
    let site = Location::caller();
    let name = name::of_function(&function, site);
    function.lazy(name, site)
}

/// As [`delayed`], for a function that may fail: an `Err` fails the task.
///
/// ```
/// use lazuli_core::{compute, try_delayed};
///
/// let parse = |text: String| text.parse::<i64>();
/// assert_eq!(compute(try_delayed(parse)("42"))?, 42);
/// assert!(compute(try_delayed(parse)("many")).is_err());
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[track_caller]
pub fn try_delayed<F, P, A>(function: F) -> F::Lazy
where
    F: TryFunction<P, A>,
{
    let site = Location::caller();
    let name = name::of_function(&function, site);
    function.lazy(name, site)
}

/// A function with parameters `P` that can be given arguments `A`; see [`delayed`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be made a delayed function",
    label = "no function of one to twelve owned arguments",
    note = "write a closure that takes its arguments by value: `delayed(|x: i64| f(&x))(x)`"
)]
pub trait Function<P, A> {
    /// The function that describes a call.
    type Lazy;
    #[doc(hidden)]
    fn lazy(self, name: &'static str, site: &'static Location<'static>) -> Self::Lazy;
}

/// As [`Function`], for one that returns a `Result`; see [`try_delayed`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be made a delayed function that may fail",
    label = "no function of one to twelve owned arguments that returns a `Result`",
    note = "where it cannot fail use `delayed`"
)]
pub trait TryFunction<P, A> {
    /// The function that describes a call.
    type Lazy;
    #[doc(hidden)]
    fn lazy(self, name: &'static str, site: &'static Location<'static>) -> Self::Lazy;
}

macro_rules! functions {
    ($($parameter:ident $argument:ident),*) => {
        impl<F, R, $($parameter, $argument),*> Function<($($parameter,)*), ($($argument,)*)> for F
        where
            F: Fn($($parameter),*) -> R + Clone + Send + Sync + 'static,
            R: Send + Sync + 'static,
            $($parameter: Clone + Send + Sync + 'static, $argument: IntoArg<$parameter>,)*
        {
            type Lazy = Box<dyn Fn($($argument),*) -> Delayed<R>>;

            #[allow(non_snake_case, reason = "arguments are named for their types")]
            fn lazy(self, name: &'static str, site: &'static Location<'static>) -> Self::Lazy {
                Box::new(move |$($argument: $argument),*| {
                    let function = self.clone();
                    let inputs = ($($argument.into_arg(),)*);
                    task(name)
                        .site(site)
                        .call(inputs, move |($($argument,)*)| function($($argument),*))
                })
            }
        }

        impl<F, R, E, $($parameter, $argument),*> TryFunction<($($parameter,)*), ($($argument,)*)> for F
        where
            F: Fn($($parameter),*) -> Result<R, E> + Clone + Send + Sync + 'static,
            R: Send + Sync + 'static,
            E: IntoError,
            $($parameter: Clone + Send + Sync + 'static, $argument: IntoArg<$parameter>,)*
        {
            type Lazy = Box<dyn Fn($($argument),*) -> Delayed<R>>;

            #[allow(non_snake_case, reason = "arguments are named for their types")]
            fn lazy(self, name: &'static str, site: &'static Location<'static>) -> Self::Lazy {
                Box::new(move |$($argument: $argument),*| {
                    let function = self.clone();
                    let inputs = ($($argument.into_arg(),)*);
                    task(name)
                        .site(site)
                        .try_call(inputs, move |($($argument,)*)| function($($argument),*))
                })
            }
        }
    };
}

functions!(P0 A0);
functions!(P0 A0, P1 A1);
functions!(P0 A0, P1 A1, P2 A2);
functions!(P0 A0, P1 A1, P2 A2, P3 A3);
functions!(P0 A0, P1 A1, P2 A2, P3 A3, P4 A4);
functions!(P0 A0, P1 A1, P2 A2, P3 A3, P4 A4, P5 A5);
functions!(P0 A0, P1 A1, P2 A2, P3 A3, P4 A4, P5 A5, P6 A6);
functions!(P0 A0, P1 A1, P2 A2, P3 A3, P4 A4, P5 A5, P6 A6, P7 A7);
functions!(P0 A0, P1 A1, P2 A2, P3 A3, P4 A4, P5 A5, P6 A6, P7 A7, P8 A8);
functions!(P0 A0, P1 A1, P2 A2, P3 A3, P4 A4, P5 A5, P6 A6, P7 A7, P8 A8, P9 A9);
functions!(P0 A0, P1 A1, P2 A2, P3 A3, P4 A4, P5 A5, P6 A6, P7 A7, P8 A8, P9 A9, P10 A10);
functions!(
    P0 A0, P1 A1, P2 A2, P3 A3, P4 A4, P5 A5, P6 A6, P7 A7, P8 A8, P9 A9, P10 A10, P11 A11
);
