//! What stands in the parentheses of `#[delayed(..)]`.

use syn::parse::{Parse, ParseStream};
use syn::{Ident, Path, Token};

/// Options of the attribute.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) blocking: bool,
    pub(crate) core: Option<Path>,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        while !input.is_empty() {
            if input.parse::<Option<Token![crate]>>()?.is_some() {
                input.parse::<Token![=]>()?;
                options.core = Some(input.call(Path::parse_mod_style)?);
            } else {
                let name: Ident = input.parse()?;
                if name != "blocking" {
                    let message = format!(
                        "`#[delayed]` knows no option `{name}`; it takes `blocking` and `crate = path`"
                    );
                    return Err(syn::Error::new(name.span(), message));
                }
                options.blocking = true;
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}
