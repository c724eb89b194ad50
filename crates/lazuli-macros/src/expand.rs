//! Writing the lazy function.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Error, GenericParam, Generics, ItemFn, Result, WherePredicate};

use crate::options::Options;
use crate::signature::{Yields, parameter, yields};

/// The generics of the lazy function: it takes owned values, so it has no use for lifetimes.
fn without_lifetimes(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    let parameters = std::mem::take(&mut generics.params).into_iter();
    generics.params =
        parameters.filter(|parameter| !matches!(parameter, GenericParam::Lifetime(_))).collect();
    if let Some(clause) = &mut generics.where_clause {
        let predicates = std::mem::take(&mut clause.predicates).into_iter();
        clause.predicates = predicates
            .filter(|predicate| !matches!(predicate, WherePredicate::Lifetime(_)))
            .collect();
    }
    generics
}

/// The function itself, inside one of the same name that describes its call.
pub(crate) fn expand(options: &Options, function: ItemFn) -> Result<TokenStream> {
    if let Some(asyncness) = &function.sig.asyncness {
        let message = "`#[delayed]` takes plain functions; for one that waits, write it without \
                       `async` and say `#[delayed(blocking)]`";
        return Err(Error::new(asyncness.span(), message));
    }
    let core = match &options.core {
        Some(path) => quote!(#path),
        None => quote!(::lazuli::core),
    };
    let parameters = function.sig.inputs.iter().enumerate();
    let parameters = parameters
        .map(|(index, argument)| parameter(index, argument))
        .collect::<Result<Vec<_>>>()?;
    if parameters.len() > 12 {
        let message = "a delayed function takes at most 12 parameters: pass a struct";
        return Err(Error::new(function.sig.inputs.span(), message));
    }

    let names: Vec<_> = parameters.iter().map(|parameter| &parameter.name).collect();
    let owned = parameters.iter().map(|parameter| &parameter.owned);
    let wired = parameters.iter().map(|parameter| {
        let (name, owned) = (&parameter.name, &parameter.owned);
        let argument = quote!(#core::task::IntoArg::<#owned>::into_arg(#name));
        if parameter.by_ref { quote!(#core::task::by_ref(#argument)) } else { argument }
    });
    let (method, value) = match yields(&function.sig.output) {
        Yields::Value(value) => (quote!(call), value),
        Yields::Fallible(value) => (quote!(try_call), value),
    };
    let lane = if options.blocking { quote!(.lane(#core::Lane::Blocking)) } else { quote!() };

    let ItemFn { attrs, vis, sig, block } = &function;
    let name = &sig.ident;
    let text = name.to_string();
    let generics = without_lifetimes(&sig.generics);
    let where_clause = &generics.where_clause;
    let (_, type_parameters, _) = generics.split_for_impl();
    let turbofish = type_parameters.as_turbofish();
    Ok(quote! {
        #(#attrs)*
        #[track_caller]
        #vis fn #name #generics (#(#names: impl #core::task::IntoArg<#owned>),*)
            -> #core::Delayed<#value> #where_clause
        {
            #sig #block
            #core::task::task(#text)
                #lane
                .#method((#(#wired,)*), |(#(#names,)*)| #name #turbofish (#(#names),*))
        }
    })
}
