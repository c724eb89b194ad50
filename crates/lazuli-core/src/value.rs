//! The one place that erases types: the value of a task between the run that made it and its uses.
//!
//! Everything around it is typed. A node is built by typed constructors that fix both the type it
//! yields and the types it receives. A cast can fail only where a layer answers a request with a value of
//! another type than it was asked for, or a collection takes a result of another type than it named.

use std::any::Any;

use smallbox::{SmallBox, smallbox, space::S2};

/// A value of any type: inline when it is small (a number, a handle), boxed when it is not.
///
/// The erased type is `Option<T>`, so that a value can be moved out through `dyn Any` without unsafe.
pub(crate) struct Value(SmallBox<dyn Any + Send + Sync, S2>);

impl Value {
    pub(crate) fn new<T: Send + Sync + 'static>(value: T) -> Self {
        Self(smallbox!(Some(value)))
    }

    pub(crate) fn get<T: 'static>(&self) -> &T {
        self.0
            .downcast_ref::<Option<T>>()
            .and_then(Option::as_ref)
            .unwrap_or_else(|| wrong_type::<T>())
    }

    pub(crate) fn into_inner<T: 'static>(mut self) -> T {
        self.0
            .downcast_mut::<Option<T>>()
            .and_then(Option::take)
            .unwrap_or_else(|| wrong_type::<T>())
    }
}

#[cold]
fn wrong_type<T>() -> ! {
    panic!(
        "a value is no `{}`: a layer answered with another type than it was asked for, or a collection \
         took a result of another type than it named",
        std::any::type_name::<T>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_values_stay_inline() {
        assert!(!Value::new(7_i64).0.is_heap());
        assert!(Value::new([0_u64; 8]).0.is_heap());
    }

    #[test]
    fn a_value_comes_back_as_it_went_in() {
        let value = Value::new(String::from("lapis"));
        assert_eq!(value.get::<String>(), "lapis");
        assert_eq!(value.into_inner::<String>(), "lapis");
    }

    #[test]
    #[should_panic(expected = "no `u8`")]
    fn another_type_is_refused() {
        Value::new(1_i64).get::<u8>();
    }
}
