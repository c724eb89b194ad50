//! What a function returns: a value, or a `Result`, which is for its type to say, not for its spelling.
//!
//! In a signature, only a constant can ask a type what it is, and constants cannot name type parameters. So
//! where a type may name one, the spelling `Result` counts, and a constant in the body, which may name them,
//! refuses to compile what is spelled otherwise than it is.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{GenericParam, ReturnType, Signature, Type};

pub(crate) struct Returned {
    core: TokenStream,
    ty: TokenStream,
    span: proc_macro2::Span,
    /// Whether it is a `Result`: a constant.
    fallible: TokenStream,
    /// The same by its spelling, where that counts.
    spelled: Option<bool>,
}

impl Returned {
    /// `is_method`: the function may name type parameters that are not its own.
    pub(crate) fn of(sig: &Signature, is_method: bool, core: &TokenStream) -> Self {
        let (ty, span) = match &sig.output {
            ReturnType::Default => (quote!(()), sig.ident.span()),
            ReturnType::Type(_, ty) => (ty.to_token_stream(), ty.span()),
        };
        let plain = is_plain(&sig.output);
        let spelled = if plain {
            Some(false)
        } else if is_method || names_parameters(sig, &ty) {
            Some(is_spelled_result(&sig.output))
        } else {
            None
        };
        let fallible = match spelled {
            Some(spelled) => quote!(#spelled),
            None => quote_spanned! {span=> {
                #[allow(unused_imports)]
                use #core::task::returns::NoResult as _;
                <#core::task::returns::Returned<#ty>>::FALLIBLE
            }},
        };
        Self { core: core.clone(), ty, span, fallible, spelled: spelled.filter(|_| !plain) }
    }

    /// The type of the task's value.
    pub(crate) fn value(&self) -> TokenStream {
        let Self { core, ty, fallible, span, .. } = self;
        quote_spanned!(*span=> <#ty as #core::task::returns::Yields<{ #fallible }>>::Value)
    }

    /// The method of the builder that makes the task.
    pub(crate) fn method(&self, is_async: bool) -> TokenStream {
        let fallible = &self.fallible;
        if is_async {
            quote_spanned!(self.span=> call_async_as::<{ #fallible }, _, _, _, _>)
        } else {
            quote_spanned!(self.span=> call_as::<{ #fallible }, _, _, _>)
        }
    }

    /// Refuses a `Result` under another name where the spelling counts.
    pub(crate) fn check(&self) -> TokenStream {
        let Self { core, ty, span, .. } = self;
        match self.spelled {
            Some(false) => quote_spanned! {*span=>
                const {
                    #[allow(unused_imports)]
                use #core::task::returns::NoResult as _;
                    ::core::assert!(
                        !<#core::task::returns::Returned<#ty>>::FALLIBLE,
                        "this type is a `Result` under another name: where a delayed function is a method or has \
                         type parameters, write it as `Result<..>`"
                    );
                }
            },
            _ => TokenStream::new(),
        }
    }
}

/// Whether it is nothing, a tuple, an array or a primitive type, and so no `Result`.
fn is_plain(output: &ReturnType) -> bool {
    const PRIMITIVE: [&str; 17] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16",
        "u32", "u64", "u128", "usize", "str",
    ];
    match output {
        ReturnType::Default => true,
        ReturnType::Type(_, ty) => match &**ty {
            Type::Tuple(_) | Type::Array(_) | Type::Reference(_) => true,
            Type::Path(path) => {
                path.path.get_ident().is_some_and(|name| PRIMITIVE.iter().any(|one| name == one))
            }
            _ => false,
        },
    }
}

fn is_spelled_result(output: &ReturnType) -> bool {
    let ReturnType::Type(_, ty) = output else { return false };
    let Type::Path(path) = &**ty else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "Result")
}

/// Whether the type names a type or constant parameter of the function.
fn names_parameters(sig: &Signature, ty: &TokenStream) -> bool {
    let parameters: Vec<&Ident> = sig
        .generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(&parameter.ident),
            GenericParam::Const(parameter) => Some(&parameter.ident),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    names_any(ty.clone(), &parameters)
}

fn names_any(tokens: TokenStream, names: &[&Ident]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => names.contains(&&ident),
        TokenTree::Group(group) => names_any(group.stream(), names),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
