//! The one place that erases types: the value of a task between the run that made it and its uses.
//!
//! Everything around it is typed. A node is built by typed constructors that fix both the type it
//! yields and the types it receives. A cast can fail only where a layer answers a request with a value of
//! another type than it was asked for, or a collection takes a result of another type than it named.
#![allow(unsafe_code)]

use std::any::Any;

use smallbox::{SmallBox, smallbox, space::S1};
use triomphe::Arc;

/// A value of any type: inline when it is as small as a number or a handle, boxed when it is not.
pub(crate) struct Value(SmallBox<dyn Any + Send, S1>);

// SAFETY: every constructor takes values that are `Sync`; only the box's type does not say so, since it
// can be downcast by value without.
unsafe impl Sync for Value {}

/// A value that several hold. As a [`Value`], it stands for the one that is shared.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Value>);

/// The values of a task with many outputs, on their way from its function to its outputs.
pub(crate) struct Many(pub(crate) Vec<Value>);

impl Value {
    pub(crate) fn new<T: Send + Sync + 'static>(value: T) -> Self {
        Self(smallbox!(value))
    }

    /// The value that is shared.
    pub(crate) fn shared(shared: Shared) -> Self {
        Self(smallbox!(shared))
    }

    /// The value, to be held by several; the same one, where it is shared already.
    pub(crate) fn into_shared(self) -> Shared {
        match self.0.downcast::<Shared>() {
            Ok(shared) => shared.into_inner(),
            Err(other) => Shared(Arc::new(Self(other))),
        }
    }

    pub(crate) fn get<T: 'static>(&self) -> &T {
        match self.0.downcast_ref() {
            Some(value) => value,
            None => self.get_shared(),
        }
    }

    #[cold]
    fn get_shared<T: 'static>(&self) -> &T {
        match self.0.downcast_ref::<Shared>() {
            Some(shared) => shared.value().get(),
            None => wrong_type::<T>(),
        }
    }

    /// The value itself; a clone of it when others hold it as well.
    pub(crate) fn into_inner<T: 'static>(self, clone: impl FnOnce(&T) -> T) -> T {
        match self.0.downcast::<T>() {
            Ok(value) => value.into_inner(),
            Err(other) => Self(other).fetch(clone),
        }
    }

    /// The value itself, if nobody else holds it.
    pub(crate) fn into_sole<T: 'static>(self) -> Option<T> {
        match self.0.downcast::<T>() {
            Ok(value) => Some(value.into_inner()),
            Err(other) => match other.downcast::<Shared>() {
                Ok(shared) => shared.into_inner().into_sole(),
                Err(_) => wrong_type::<T>(),
            },
        }
    }

    #[cold]
    fn fetch<T: 'static>(self, clone: impl FnOnce(&T) -> T) -> T {
        match self.0.downcast::<Shared>() {
            Ok(shared) => shared.into_inner().into_inner(clone),
            Err(_) => wrong_type::<T>(),
        }
    }
}

impl Shared {
    pub(crate) fn value(&self) -> &Value {
        &self.0
    }

    /// The value itself, if this is its last holder.
    pub(crate) fn into_sole<T: 'static>(self) -> Option<T> {
        Arc::try_unwrap(self.0).ok()?.into_sole()
    }

    /// The value itself, moved by its last holder, else a clone of it.
    pub(crate) fn into_inner<T: 'static>(self, clone: impl FnOnce(&T) -> T) -> T {
        match Arc::try_unwrap(self.0) {
            // It holds no other shared value: see `Value::into_shared`.
            Ok(value) => value.into_inner(clone),
            Err(others) => clone(others.get()),
        }
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
        assert!(Value::new([0_u64; 2]).0.is_heap());
        assert_eq!(size_of::<Option<Value>>(), 24);
    }

    #[test]
    fn a_value_comes_back_as_it_went_in() {
        let value = Value::new(String::from("lapis"));
        assert_eq!(value.get::<String>(), "lapis");
        assert_eq!(value.into_inner(String::clone), "lapis");
    }

    #[test]
    fn a_shared_value_is_moved_by_its_last_holder_and_cloned_for_the_others() {
        let shared = Value::new(String::from("lapis")).into_shared();
        let first = Value::shared(shared.clone());
        assert_eq!(first.get::<String>(), "lapis");
        assert_eq!(first.into_inner(|text: &String| text.clone() + " cloned"), "lapis cloned");
        let last = Value::shared(shared);
        assert_eq!(last.into_inner(|_: &String| unreachable!("nobody else holds it")), "lapis");
    }

    #[test]
    fn a_value_that_cannot_be_cloned_goes_to_its_last_holder_only() {
        struct NotCloned;
        assert!(Value::new(NotCloned).into_sole::<NotCloned>().is_some());
        let shared = Value::new(NotCloned).into_shared();
        assert!(Value::shared(shared.clone()).into_sole::<NotCloned>().is_none());
        assert!(shared.into_sole::<NotCloned>().is_some());
    }

    #[test]
    #[should_panic(expected = "no `u8`")]
    fn another_type_is_refused() {
        Value::new(1_i64).get::<u8>();
    }
}
