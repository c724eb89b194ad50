//! The bytes of a file as text: from its name to something that is read in order.
//!
//! What a file is, its first bytes say: compressed by gzip, zstd or bzip2, or text in UTF-16. It is then
//! decompressed and decoded while it is read, and can be read from its beginning only. A place in it is a place in
//! its text. What can be read only once (standard input, a pipe) is first copied ([`spool`]): a table is sampled
//! before it is read.

mod decode;
mod spool;

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use super::error::{Fault, Problem};
use decode::DecodeReader;

/// The name of standard input.
const STANDARD_INPUT: &str = "-";

/// Bytes that tell what a file is.
const MAGIC: usize = 8;

/// A file that is read as text.
pub(super) enum Input {
    /// As it stands, from any place on.
    Plain(Box<dyn ReadSeek>),
    /// Decompressed or decoded, from the beginning.
    Decoded(Box<dyn Read + Send>),
}

/// What can be read from any place on.
pub(super) trait ReadSeek: Read + Seek + Send {}

impl<S: Read + Seek + Send> ReadSeek for S {}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(buffer),
            Self::Decoded(text) => text.read(buffer),
        }
    }
}

/// Opens a file whose text is in `encoding`, if that is known: else in UTF-16 if it looks like that, and in UTF-8.
pub(super) fn open(path: &Path, encoding: Option<&'static Encoding>) -> Result<Input, Fault> {
    source(path)
        .and_then(|source| decoded(source, encoding))
        .map_err(|error| Fault::new(Problem::Io(error)))
}

/// The bytes of a file, as they stand.
fn source(path: &Path) -> io::Result<Box<dyn ReadSeek>> {
    if path == Path::new(STANDARD_INPUT) {
        return Ok(Box::new(spool::standard_input()?));
    }
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    // Some systems open directories, and fail at the first read with less to say.
    if metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
    }
    if spool::is_read_once(&metadata) {
        return Ok(Box::new(spool::pipe(path, file)?));
    }
    Ok(Box::new(file))
}

fn decoded(
    mut source: Box<dyn ReadSeek>,
    encoding: Option<&'static Encoding>,
) -> io::Result<Input> {
    let magic = first_bytes(&mut source)?;
    source.rewind()?;
    let text: Box<dyn Read + Send> = if magic.starts_with(b"\x1f\x8b") {
        Box::new(flate2::read::MultiGzDecoder::new(source))
    } else if magic.starts_with(b"\x28\xb5\x2f\xfd") {
        Box::new(zstd::stream::read::Decoder::new(source)?)
    } else if magic.starts_with(b"BZh") {
        Box::new(bzip2::read::MultiBzDecoder::new(source))
    } else {
        return Ok(match encoding.or_else(|| utf_16(&magic)) {
            None => Input::Plain(source),
            Some(encoding) => Input::Decoded(Box::new(DecodeReader::new(source, encoding))),
        });
    };
    let mut text = text;
    let magic = first_bytes(&mut text)?;
    let begun = encoding.or_else(|| utf_16(&magic));
    let text = io::Cursor::new(magic).chain(text);
    Ok(Input::Decoded(match begun {
        None => Box::new(text),
        Some(encoding) => Box::new(DecodeReader::new(text, encoding)),
    }))
}

/// The first bytes of what is read.
fn first_bytes(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(MAGIC);
    source.take(MAGIC as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The kind of UTF-16 that a text looks like: by its mark, or because it begins with an ASCII character of two
/// bytes.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        [0, second, 0, fourth, ..] if *second != 0 && *fourth != 0 => Some(UTF_16BE),
        [first, 0, third, 0, ..] if *first != 0 && *third != 0 => Some(UTF_16LE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use encoding_rs::WINDOWS_1252;

    use super::*;

    const TEXT: &str = "stadt,größe\nKöln,\"1,5\"\n夜,2\n";

    fn read(bytes: &[u8], encoding: Option<&'static Encoding>) -> io::Result<(String, bool)> {
        let mut input = decoded(Box::new(io::Cursor::new(bytes.to_vec())), encoding)?;
        let mut text = String::new();
        input.read_to_string(&mut text)?;
        Ok((text, matches!(input, Input::Plain(_))))
    }

    fn utf_16_of(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn files_are_known_by_their_first_bytes() {
        let text = TEXT.to_owned();
        assert_eq!(read(TEXT.as_bytes(), None).unwrap(), (text.clone(), true));
        let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        bzip2.write_all(TEXT.as_bytes()).unwrap();
        let members = [gzip(b"stadt,"), gzip(&TEXT.as_bytes()[6..])].concat();
        let utf_16 = utf_16_of(TEXT, u16::to_le_bytes);
        for bytes in [
            gzip(TEXT.as_bytes()),
            members,
            zstd::encode_all(TEXT.as_bytes(), 1).unwrap(),
            bzip2.finish().unwrap(),
            gzip(&utf_16),
            utf_16,
            utf_16_of(TEXT, u16::to_be_bytes),
            utf_16_of(&format!("\u{feff}{TEXT}"), u16::to_be_bytes),
            utf_16_of(&format!("\u{feff}{TEXT}"), u16::to_le_bytes),
        ] {
            assert_eq!(read(&bytes, None).unwrap(), (text.clone(), false));
        }
        assert_eq!(read(b"", None).unwrap(), (String::new(), true));
    }

    #[test]
    fn the_encoding_that_is_set_is_taken() {
        let latin = b"stra\xdfe,\x80\n";
        assert_eq!(read(latin, Some(WINDOWS_1252)).unwrap().0, "straße,€\n");
        assert_eq!(read(&gzip(latin), Some(WINDOWS_1252)).unwrap().0, "straße,€\n");
    }

    #[test]
    fn what_is_broken_is_an_error() {
        let mut cut = gzip(TEXT.repeat(1000).as_bytes());
        cut.truncate(cut.len() / 2);
        assert_eq!(read(&cut, None).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let mut odd = utf_16_of(TEXT, u16::to_le_bytes);
        odd.pop();
        assert_eq!(read(&odd, None).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = std::env::temp_dir().join(format!("lazuli-input-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        assert!(open(&folder, None).is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
