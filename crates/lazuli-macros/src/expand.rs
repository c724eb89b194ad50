//! Writing the lazy function.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, GenericParam, Generics, ItemFn, Result, Signature, WherePredicate};

use crate::options::Options;
use crate::returned::Returned;
use crate::signature::{Parameter, check_returned, parameters};

/// The function itself, and one of its name that describes its call.
///
/// A plain function goes inside the lazy one. A method, or a function that speaks of `Self`, cannot: it
/// stands beside the lazy one under a hidden name.
pub(crate) fn expand(options: &Options, function: ItemFn) -> Result<TokenStream> {
    check(options, &function.sig)?;
    let core = match &options.core {
        Some(path) => quote!(#path),
        None => quote!(::lazuli::core),
    };
    let parameters = parameters(&function.sig)?;
    check_returned(&function.sig.output)?;
    let ItemFn { attrs, vis, sig, block } = &function;
    let name = &sig.ident;
    let generics = without_lifetimes(&sig.generics);
    let where_clause = &generics.where_clause;
    let (_, type_parameters, _) = generics.split_for_impl();
    let turbofish = type_parameters.as_turbofish();
    let names: Vec<_> = parameters.iter().map(|parameter| &parameter.name).collect();
    let owned = parameters.iter().map(|parameter| &parameter.owned);
    let beside = speaks_of_self(&function);
    let returned = Returned::of(sig, beside, &core);
    let value = returned.value();
    if let Some(lazy) = &options.name {
        let plain = if beside { quote!(Self::#name) } else { quote!(#name) };
        let about = format!("As [`{name}`], described as a task.");
        let call = call(&core, options, sig, &parameters, &quote!(#plain #turbofish), &returned)?;
        return Ok(quote! {
            #(#attrs)*
            #vis #sig #block

            #[doc = #about]
            #[track_caller]
            #vis fn #lazy #generics (#(#names: impl #core::task::IntoArg<#owned>),*)
                -> #core::Delayed<#value> #where_clause
            {
                #call
            }
        });
    }
    let (inside, outside, eager) = if beside {
        let hidden = format_ident!("__lazuli_now_{}", name);
        let mut sig = sig.clone();
        sig.ident = hidden.clone();
        (quote!(), quote!(#[doc(hidden)] #sig #block), quote!(Self::#hidden #turbofish))
    } else {
        (quote!(#sig #block), quote!(), quote!(#name #turbofish))
    };
    let call = call(&core, options, sig, &parameters, &eager, &returned)?;
    Ok(quote! {
        #outside
        #(#attrs)*
        #[track_caller]
        #vis fn #name #generics (#(#names: impl #core::task::IntoArg<#owned>),*)
            -> #core::Delayed<#value> #where_clause
        {
            #inside
            #call
        }
    })
}

/// What no task can be made of.
fn check(options: &Options, sig: &Signature) -> Result<()> {
    if let Some(unsafety) = &sig.unsafety {
        let message = "a delayed function cannot be `unsafe`, since whoever computes it knows nothing of what \
                       it needs: wrap it in a safe one";
        return Err(Error::new(unsafety.span(), message));
    }
    let Some(asyncness) = &sig.asyncness else { return Ok(()) };
    if cfg!(not(feature = "async")) {
        let message =
            "`#[delayed] async fn` needs the feature `async` of lazuli (or of lazuli-core)";
        return Err(Error::new(asyncness.span(), message));
    }
    if let Some(blocking) = &options.blocking {
        let message = "an `async` function awaits and blocks nothing: leave `blocking` out";
        return Err(Error::new(blocking.span(), message));
    }
    Ok(())
}

/// The task of one call.
fn call(
    core: &TokenStream,
    options: &Options,
    sig: &Signature,
    parameters: &[Parameter],
    eager: &TokenStream,
    returned: &Returned,
) -> Result<TokenStream> {
    let is_async = sig.asyncness.is_some();
    let names: Vec<&Ident> = parameters.iter().map(|parameter| &parameter.name).collect();
    let arguments = parameters.iter().map(|parameter| {
        let (name, owned) = (&parameter.name, &parameter.owned);
        quote!(let #name = #core::task::IntoArg::<#owned>::into_arg(#name);)
    });
    // A future outlives what is lent to its task, so it gets values of its own and lends these.
    let wired = parameters.iter().map(|parameter| {
        let name = &parameter.name;
        if parameter.by_ref && !is_async {
            quote!(#core::task::by_ref(#name))
        } else {
            quote!(#name)
        }
    });
    let passed = parameters.iter().map(|parameter| {
        let name = &parameter.name;
        if parameter.by_ref && is_async { quote!(&#name) } else { quote!(#name) }
    });
    let body = match is_async {
        true => quote!(async move { #eager(#(#passed),*).await }),
        false => quote!(#eager(#(#passed),*)),
    };
    let text = sig.ident.to_string();
    let lane = options.blocking.as_ref().map(|_| quote!(.lane(#core::Lane::Blocking)));
    let pure = options.pure.then(|| {
        let keys = names.iter().map(|name| quote!(#name.key()));
        quote!(.pure((#core::task::identity(&#eager), (#(#keys,)*))))
    });
    let part = part(core, options, parameters)?;
    let check = returned.check();
    let method = returned.method(is_async);
    // A function that is passed to an iterator is called by the standard library: then its tasks are defined
    // where it stands itself.
    let site = quote_spanned!(sig.ident.span()=> ::core::panic::Location::caller());
    let retry = options.retries.map(|times| {
        let delay = options.delay_ms.unwrap_or(0);
        quote! {
            .retry(#core::Retry::times(#times).delay(::std::time::Duration::from_millis(#delay)))
        }
    });
    Ok(quote! {
        fn __lazuli_site() -> &'static ::core::panic::Location<'static> {
            #site
        }
        #check
        #(#arguments)*
        #core::task::task(#text)
            .defined_at(__lazuli_site)
            #lane #pure #retry #part
            .#method((#(#wired,)*), |(#(#names,)*)| #body)
    })
}

/// What says which part of the data the task works on: an argument, if it is at hand.
fn part(
    core: &TokenStream,
    options: &Options,
    parameters: &[Parameter],
) -> Result<Option<TokenStream>> {
    let Some(part) = &options.part else { return Ok(None) };
    let Some(parameter) = parameters.iter().find(|parameter| parameter.name == *part) else {
        let message = format!("`part` names a parameter, and the function has no `{part}`");
        return Err(Error::new(part.span(), message));
    };
    let name = &parameter.name;
    let text = quote_spanned!(part.span()=> #core::task::part::Shown(value).text());
    Ok(Some(quote! {
        .part_if({
            #[allow(unused_imports)]
            use #core::task::part::ByDisplay as _;
            #name.at_hand().map(|value| #text)
        })
    }))
}

/// Whether the function has a receiver, or names the type whose `impl` it stands in.
fn speaks_of_self(function: &ItemFn) -> bool {
    fn names_self(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == "Self",
            TokenTree::Group(group) => names_self(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    function.sig.receiver().is_some()
        || names_self(function.sig.to_token_stream())
        || names_self(function.block.to_token_stream())
}

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
