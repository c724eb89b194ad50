//! Reading the function's signature: what each parameter takes, and what the task yields.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{
    Error, FnArg, GenericArgument, Ident, Pat, PathArguments, Result, ReturnType, Type,
    TypeReference,
};

/// One parameter of the lazy function.
pub(crate) struct Parameter {
    pub(crate) name: Ident,
    /// The owned type: the argument is one of it, or a delayed one.
    pub(crate) owned: TokenStream,
    pub(crate) by_ref: bool,
}

/// What the task yields.
pub(crate) enum Yields {
    Value(TokenStream),
    Fallible(TokenStream),
}

pub(crate) fn parameter(index: usize, argument: &FnArg) -> Result<Parameter> {
    let argument = match argument {
        FnArg::Typed(argument) => argument,
        FnArg::Receiver(receiver) => {
            let message = "`#[delayed]` takes functions, not methods: pass `self` as a parameter";
            return Err(Error::new(receiver.span(), message));
        }
    };
    let name = match &*argument.pat {
        Pat::Ident(pattern) => pattern.ident.clone(),
        _ => format_ident!("argument_{index}"),
    };
    let (owned, by_ref) = match &*argument.ty {
        Type::Reference(reference) => (owned(reference)?, true),
        by_value => (quote!(#by_value), false),
    };
    Ok(Parameter { name, owned, by_ref })
}

/// The owned type behind a reference.
fn owned(reference: &TypeReference) -> Result<TokenStream> {
    if let Some(mutability) = &reference.mutability {
        let message = "a delayed function cannot take `&mut`: values are shared between tasks. \
                       Take the value and return the changed one";
        return Err(Error::new(mutability.span(), message));
    }
    let referenced = &*reference.elem;
    Ok(match referenced {
        Type::Slice(slice) => {
            let element = &slice.elem;
            quote!(::std::vec::Vec<#element>)
        }
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "str" => quote!(::std::string::String),
            Some(last) if last.ident == "Path" => quote!(::std::path::PathBuf),
            _ => quote!(#referenced),
        },
        _ => quote!(#referenced),
    })
}

pub(crate) fn yields(output: &ReturnType) -> Yields {
    let ReturnType::Type(_, returned) = output else {
        return Yields::Value(quote!(()));
    };
    if let Type::Path(path) = &**returned
        && let Some(last) = path.path.segments.last()
        && last.ident == "Result"
    {
        let value = match &last.arguments {
            PathArguments::AngleBracketed(arguments) => {
                arguments.args.iter().find_map(|argument| match argument {
                    GenericArgument::Type(value) => Some(quote!(#value)),
                    _ => None,
                })
            }
            _ => None,
        };
        return Yields::Fallible(value.unwrap_or_else(|| quote!(())));
    }
    Yields::Value(quote!(#returned))
}
