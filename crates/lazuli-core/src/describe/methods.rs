//! What is made of one delayed value by a function: its combinators.

use std::panic::Location;

use thiserror::Error as ThisError;

use crate::describe::task::{IntoArg, IntoError, by_ref, name, task};
use crate::graph::Delayed;

impl<T: Send + Sync + 'static> Delayed<T> {
    /// Applies a function to the value, by reference, as a task that is named for the function, or for the
    /// line of the closure.
    ///
    /// ```
    /// # use lazuli_core::{Delayed, compute};
    /// let lengths = Delayed::value(vec![3, 1, 2]);
    /// let longest = lengths.map(|lengths| lengths.iter().copied().max());
    /// assert_eq!(compute(longest)?, Some(3));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn map<U: Send + Sync + 'static>(
        &self,
        function: impl Fn(&T) -> U + Send + Sync + 'static,
    ) -> Delayed<U> {
        self.map_named(name::of_function(&function, Location::caller()), function)
    }

    /// Applies a function to the value, by reference, as a task of this name.
    #[track_caller]
    pub fn map_named<U: Send + Sync + 'static>(
        &self,
        name: &'static str,
        function: impl Fn(&T) -> U + Send + Sync + 'static,
    ) -> Delayed<U> {
        task(name).call(self, function)
    }

    /// As [`map`](Self::map), with a function that may fail: an `Err` fails the task.
    ///
    /// ```
    /// # use lazuli_core::{Delayed, compute};
    /// let text = Delayed::value("42".to_owned());
    /// assert_eq!(compute(text.try_map(|text| text.parse::<i64>()))?, 42);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn try_map<U: Send + Sync + 'static, E: IntoError>(
        &self,
        function: impl Fn(&T) -> Result<U, E> + Send + Sync + 'static,
    ) -> Delayed<U> {
        self.try_map_named(name::of_function(&function, Location::caller()), function)
    }

    /// As [`map_named`](Self::map_named), with a function that may fail: an `Err` fails the task.
    #[track_caller]
    pub fn try_map_named<U: Send + Sync + 'static, E: IntoError>(
        &self,
        name: &'static str,
        function: impl Fn(&T) -> Result<U, E> + Send + Sync + 'static,
    ) -> Delayed<U> {
        task(name).try_call(self, function)
    }

    /// Both values as a pair.
    #[track_caller]
    pub fn zip<U>(&self, other: &Delayed<U>) -> Delayed<(T, U)>
    where
        T: Clone,
        U: Clone + Send + Sync + 'static,
    {
        task("zip").call((self.clone(), other.clone()), |pair| pair)
    }
}

/// What was asked of a delayed value that it does not have.
#[derive(Debug, ThisError)]
enum Missing {
    #[error("there is no value {index} among {len}")]
    Index { index: usize, len: usize },
    #[error("there is no value: it is `None`")]
    Value,
}

impl<T: Clone + Send + Sync + 'static> Delayed<Vec<T>> {
    /// The value at this place, counted from 0; an error of its task where there is none.
    ///
    /// ```
    /// # use lazuli_core::{Delayed, compute};
    /// let words = Delayed::value(vec!["lapis", "lazuli"]);
    /// assert_eq!(compute(words.get(1))?, "lazuli");
    /// assert!(compute(words.get(2)).is_err());
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn get(&self, index: impl IntoArg<usize>) -> Delayed<T> {
        task("get").try_call((self, index.into_arg()), |(values, index)| {
            values.get(index).cloned().ok_or(Missing::Index { index, len: values.len() })
        })
    }
}

impl<A, B> Delayed<Vec<(A, B)>>
where
    A: Clone + Send + Sync + 'static,
    B: Clone + Send + Sync + 'static,
{
    /// The first and the second of each pair.
    #[track_caller]
    pub fn unzip(&self) -> (Delayed<Vec<A>>, Delayed<Vec<B>>) {
        let first = self.map_named("unzip", |pairs| pairs.iter().map(|(a, _)| a.clone()).collect());
        (first, self.map_named("unzip", |pairs| pairs.iter().map(|(_, b)| b.clone()).collect()))
    }
}

macro_rules! tuples {
    ($($name:ident . $index:tt),*) => {
        impl<$($name: Clone + Send + Sync + 'static),*> Delayed<($($name,)*)> {
            /// A handle of each part of the tuple.
            ///
            /// ```
            /// # use lazuli_core::{Delayed, compute};
            /// let (quotient, rest) = Delayed::value(17_i64).map(|n| (n / 5, n % 5)).unzip();
            /// assert_eq!(compute(quotient * 10 + rest)?, 32);
            /// # Ok::<(), lazuli_core::Error>(())
            /// ```
            #[track_caller]
            pub fn unzip(&self) -> ($(Delayed<$name>,)*) {
                ($(self.map_named("unzip", |tuple| tuple.$index.clone()),)*)
            }
        }
    };
}

tuples!(A.0, B.1);
tuples!(A.0, B.1, C.2);
tuples!(A.0, B.1, C.2, D.3);

impl<T: Clone + Send + Sync + 'static> Delayed<Option<T>> {
    /// The value, or another one, delayed or plain, where there is none.
    ///
    /// ```
    /// # use lazuli_core::{Delayed, compute};
    /// let (some, none) = (Delayed::value(Some(4.0_f64)), Delayed::value(None));
    /// assert_eq!(compute(some.unwrap_or(0.0) + none.unwrap_or(1.0))?, 5.0);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn unwrap_or(&self, other: impl IntoArg<T>) -> Delayed<T> {
        task("unwrap_or").call((self, by_ref(other.into_arg())), |(value, other)| {
            value.as_ref().unwrap_or(other).clone()
        })
    }

    /// The value; an error of its task where there is none. So `high.or_fail() - low.or_fail()` computes
    /// with answers that may be empty.
    #[track_caller]
    pub fn or_fail(&self) -> Delayed<T> {
        task("or_fail").try_call(self, |value| value.clone().ok_or(Missing::Value))
    }
}
