//! Reading the function's signature: what each parameter takes.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, Pat, Result, Signature, Type, TypeReference};

/// One parameter of the lazy function.
pub(crate) struct Parameter {
    pub(crate) name: Ident,
    /// The owned type: the argument is one of it, or a delayed one.
    pub(crate) owned: TokenStream,
    pub(crate) by_ref: bool,
}

/// The parameters of the lazy function, the receiver's first.
pub(crate) fn parameters(sig: &Signature) -> Result<Vec<Parameter>> {
    const MOST: usize = 12;
    let parameters =
        sig.inputs.iter().enumerate().map(|(index, argument)| parameter(index, argument));
    let parameters = parameters.collect::<Result<Vec<_>>>()?;
    if parameters.len() > MOST {
        let message = "a delayed function takes at most 12 parameters: pass a struct";
        return Err(Error::new(sig.inputs.span(), message));
    }
    Ok(parameters)
}

fn parameter(index: usize, argument: &FnArg) -> Result<Parameter> {
    let (name, ty) = match argument {
        FnArg::Receiver(receiver) => (format_ident!("this"), &receiver.ty),
        FnArg::Typed(argument) => match &*argument.pat {
            Pat::Ident(pattern) => (pattern.ident.clone(), &argument.ty),
            _ => (format_ident!("argument_{index}"), &argument.ty),
        },
    };
    let (owned, by_ref) = match &**ty {
        Type::Reference(reference) => (owned(reference)?, true),
        Type::ImplTrait(any) => {
            let message = "a delayed function cannot take `impl Trait`: its tasks must know the type. Give it a \
                           name: `fn f<T: Trait>(x: T)`";
            return Err(Error::new(any.span(), message));
        }
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
