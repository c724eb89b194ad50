//! Reading the function's signature: what each parameter takes.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote};
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, Pat, Result, ReturnType, Signature, Type, TypeReference};

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
    let inside = match &**ty {
        Type::Reference(reference) => &*reference.elem,
        by_value => by_value,
    };
    owns(inside).map_err(|span| {
        let message = "a delayed function keeps its arguments until it runs, so what is inside of them cannot be \
                       borrowed: take the owned type (`String` for `&str`, `&[String]` for `&[&str]`)";
        Error::new(span, message)
    })?;
    let (owned, by_ref) = match &**ty {
        // What lives for ever is a value like any other.
        Type::Reference(reference) if is_static(reference) => (quote!(#reference), false),
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

fn is_static(reference: &TypeReference) -> bool {
    let is_static = reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static");
    is_static && reference.mutability.is_none()
}

/// The owned type behind a reference.
fn owned(reference: &TypeReference) -> Result<TokenStream> {
    if let Some(mutability) = &reference.mutability {
        let message = "a delayed function cannot take `&mut`: values are shared between tasks. \
                       Take the value and return the changed one";
        return Err(Error::new(mutability.span(), message));
    }
    let referenced = &*reference.elem;
    if let Type::TraitObject(object) = referenced {
        let message = "a delayed function cannot take a reference to a trait object: its tasks must know the \
                       type. Take a `Box` or an `Arc` of it, by value";
        return Err(Error::new(object.span(), message));
    }
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

/// Refuses a value that would borrow from what the function was given.
pub(crate) fn check_returned(output: &ReturnType) -> Result<()> {
    let ReturnType::Type(_, ty) = output else { return Ok(()) };
    owns(ty).map_err(|span| {
        let message = "the value of a task outlives what its function was given, so it cannot borrow from it: \
                       return the owned type (`String` for `&str`)";
        Error::new(span, message)
    })
}

/// Whether values of the type borrow nothing; else where it says that they do.
fn owns(ty: &Type) -> std::result::Result<(), Span> {
    borrowed(ty.to_token_stream()).map_or(Ok(()), Err)
}

/// The first reference or lifetime that is not `'static`. What a function type inside takes does not count.
fn borrowed(tokens: TokenStream) -> Option<Span> {
    let mut tokens = tokens.into_iter().peekable();
    let mut after_name = false;
    while let Some(token) = tokens.next() {
        let is_name = matches!(&token, TokenTree::Ident(_));
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                let lifetime =
                    |next: &TokenTree| matches!(next, TokenTree::Punct(p) if p.as_char() == '\'');
                if !tokens.peek().is_some_and(lifetime) {
                    return Some(punct.span());
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '\'' => match tokens.next() {
                Some(TokenTree::Ident(name)) if name == "static" => {}
                _ => return Some(punct.span()),
            },
            TokenTree::Ident(name) if name == "for" => return None,
            TokenTree::Group(group)
                if !(after_name && group.delimiter() == Delimiter::Parenthesis) =>
            {
                if let Some(span) = borrowed(group.stream()) {
                    return Some(span);
                }
            }
            _ => {}
        }
        after_name = is_name;
    }
    None
}
