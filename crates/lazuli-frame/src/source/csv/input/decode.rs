//! Text in another encoding as UTF-8, while it is read.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding};

/// Bytes that are decoded at once.
const CHUNK: usize = 64 * 1024;

/// Reads as UTF-8 what `source` has in another encoding. A mark at its beginning is dropped; bytes that are no
/// character are an error, and never another character.
pub(super) struct DecodeReader<R> {
    source: R,
    encoding: &'static Encoding,
    decoder: Decoder,
    /// What was read, and which of it is yet to be decoded.
    raw: Box<[u8]>,
    undecoded: std::ops::Range<usize>,
    ended: bool,
    /// Bytes decoded.
    offset: u64,
    /// What was decoded, and how much of it was handed out.
    text: Vec<u8>,
    taken: usize,
}

impl<R: Read> DecodeReader<R> {
    pub(super) fn new(source: R, encoding: &'static Encoding) -> Self {
        Self {
            source,
            encoding,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: vec![0; CHUNK].into(),
            undecoded: 0..0,
            ended: false,
            offset: 0,
            // Of no encoding does a byte become more than three.
            text: Vec::with_capacity(3 * CHUNK + 16),
            taken: 0,
        }
    }

    /// Decodes some more; whether there was any.
    fn decode(&mut self) -> io::Result<bool> {
        self.text.clear();
        self.taken = 0;
        while self.text.is_empty() {
            if self.undecoded.is_empty() {
                if self.ended {
                    return Ok(false);
                }
                let read = match self.source.read(&mut self.raw) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    read => read?,
                };
                self.ended = read == 0;
                self.undecoded = 0..read;
            }
            self.text.resize(self.text.capacity(), 0);
            let raw = &self.raw[self.undecoded.clone()];
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(raw, &mut self.text, self.ended);
            self.text.truncate(written);
            self.undecoded.start += read;
            self.offset += read as u64;
            if let DecoderResult::Malformed(..) = result {
                let (name, at) = (self.encoding.name(), self.offset);
                let message = format!("what is before byte {at} is not {name}");
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
        }
        Ok(true)
    }
}

impl<R: Read> Read for DecodeReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.text.len() && (buffer.is_empty() || !self.decode()?) {
            return Ok(0);
        }
        let read = (&self.text[self.taken..]).read(buffer)?;
        self.taken += read;
        Ok(read)
    }
}
