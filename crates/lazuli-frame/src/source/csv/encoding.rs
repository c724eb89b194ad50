//! Encodings of text, by name.

use std::str::FromStr;

use encoding_rs::UTF_8;

/// How text is encoded, by the names that the web uses: `latin1`, `windows-1252`, `utf-16le`, `shift_jis`, ..
///
/// ```
/// use lazuli_frame::source::csv::{CsvOptions, Encoding};
///
/// let options = CsvOptions::default().with_encoding(Some("latin1".parse()?));
/// assert!("latin-17".parse::<Encoding>().is_err());
/// # Ok::<(), lazuli_frame::source::csv::UnknownEncoding>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

/// A name that is of no encoding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no encoding that can be read: try latin1, windows-1252, utf-16le or shift_jis")]
pub struct UnknownEncoding(String);

impl Encoding {
    /// What there is to decode; nothing in UTF-8.
    pub(super) fn decoded(self) -> Option<&'static encoding_rs::Encoding> {
        (self.0 != UTF_8).then_some(self.0)
    }
}

impl FromStr for Encoding {
    type Err = UnknownEncoding;

    fn from_str(name: &str) -> Result<Self, UnknownEncoding> {
        let known = encoding_rs::Encoding::for_label_no_replacement(name.as_bytes());
        known.map(Self).ok_or_else(|| UnknownEncoding(name.to_owned()))
    }
}
