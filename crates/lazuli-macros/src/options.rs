//! What stands in the parentheses of `#[delayed(..)]`.

use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, LitInt, Path, Token};

/// Options of the attribute.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) blocking: Option<Ident>,
    pub(crate) pure: bool,
    pub(crate) retries: Option<u32>,
    pub(crate) delay_ms: Option<u64>,
    pub(crate) core: Option<Path>,
    /// The name of the lazy function, where the plain one keeps its own.
    pub(crate) name: Option<Ident>,
    /// The parameter that says which part of the data a task works on.
    pub(crate) part: Option<Ident>,
}

const KNOWN: &str = "it takes `blocking`, `pure`, `retries = N`, `delay_ms = N`, `name = function`, \
                     `part = parameter` and `crate = path`";

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        let mut delay = None;
        while !input.is_empty() {
            if let Some(crate_token) = input.parse::<Option<Token![crate]>>()? {
                if options.core.is_some() {
                    return Err(Error::new(crate_token.span, "`crate` is given twice"));
                }
                input.parse::<Token![=]>()?;
                options.core = Some(input.call(Path::parse_mod_style)?);
            } else {
                let name: Ident = input.parse()?;
                if options.set(&name, input)? {
                    return Err(Error::new(name.span(), format!("`{name}` is given twice")));
                }
                if name == "delay_ms" {
                    delay = Some(name);
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        match delay {
            Some(delay) if options.retries.is_none() => {
                let message = "`delay_ms` is the delay between tries: say `retries = N`, too";
                Err(Error::new(delay.span(), message))
            }
            _ => Ok(options),
        }
    }
}

impl Options {
    /// Takes an option in; whether it was there before.
    fn set(&mut self, name: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
        Ok(match name.to_string().as_str() {
            "blocking" => self.blocking.replace(name.clone()).is_some(),
            "pure" => std::mem::replace(&mut self.pure, true),
            "retries" => self.retries.replace(number(input)?).is_some(),
            "name" => self.name.replace(identifier(input)?).is_some(),
            "part" => self.part.replace(identifier(input)?).is_some(),
            "delay_ms" => self.delay_ms.replace(number(input)?).is_some(),
            _ => {
                let message = format!("`#[delayed]` knows no option `{name}`; {KNOWN}");
                return Err(Error::new(name.span(), message));
            }
        })
    }
}

/// ` = N`.
fn number<N: std::str::FromStr<Err: std::fmt::Display>>(input: ParseStream<'_>) -> syn::Result<N> {
    input.parse::<Token![=]>()?;
    input.parse::<LitInt>()?.base10_parse()
}

/// ` = name`.
fn identifier(input: ParseStream<'_>) -> syn::Result<Ident> {
    input.parse::<Token![=]>()?;
    input.parse()
}
