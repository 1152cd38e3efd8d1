//! CBOR as authenticators write it: the CTAP2 canonical form (Client to Authenticator Protocol 2.1, §8) with definite
//! lengths, no tags, and at most four levels. Nothing here allocates by a length that a stranger wrote.

use minicbor::{Decoder, data::Type};

use crate::PasskeyError;

/// How deeply maps and arrays may nest.
const DEEPEST: usize = 4;
/// How many entries a map may have; the largest known has some ten.
const MOST_ENTRIES: u64 = 32;

/// A reader over one piece of CBOR, with its name for errors.
pub(crate) struct Reader<'b> {
    decoder: Decoder<'b>,
    what: &'static str,
}

impl<'b> Reader<'b> {
    pub(crate) fn new(bytes: &'b [u8], what: &'static str) -> Self {
        Self {
            decoder: Decoder::new(bytes),
            what,
        }
    }

    /// How many bytes have been read.
    pub(crate) fn position(&self) -> usize {
        self.decoder.position()
    }

    /// Nothing may follow.
    pub(crate) fn end(&self) -> Result<(), PasskeyError> {
        let left = self.decoder.input().len().saturating_sub(self.position());
        if left == 0 {
            return Ok(());
        }
        Err(self.wrong(format!("{left} bytes follow its end")))
    }

    /// The number of entries of the map that begins here.
    pub(crate) fn map(&mut self) -> Result<u64, PasskeyError> {
        let entries = self.decoder.map();
        self.length(entries, "a map")
    }

    /// The number of items of the array that begins here.
    pub(crate) fn array(&mut self) -> Result<u64, PasskeyError> {
        let items = self.decoder.array();
        self.length(items, "an array")
    }

    pub(crate) fn text(&mut self) -> Result<&'b str, PasskeyError> {
        let read = self.decoder.str();
        self.expect(read, "text")
    }

    pub(crate) fn bytes(&mut self) -> Result<&'b [u8], PasskeyError> {
        let read = self.decoder.bytes();
        self.expect(read, "bytes")
    }

    pub(crate) fn integer(&mut self) -> Result<i64, PasskeyError> {
        let read = self.decoder.i64();
        self.expect(read, "an integer")
    }

    /// The kind of the next item.
    pub(crate) fn next(&self) -> Result<Type, PasskeyError> {
        self.decoder.datatype().map_err(|_| self.wrong("ends too early"))
    }

    /// Reads over one item.
    pub(crate) fn skip(&mut self) -> Result<(), PasskeyError> {
        self.skip_below(0)
    }

    fn skip_below(&mut self, depth: usize) -> Result<(), PasskeyError> {
        if depth >= DEEPEST {
            return Err(self.wrong(format!("nested more than {DEEPEST} levels deep")));
        }
        match self.next()? {
            Type::Map => {
                for _ in 0..self.map()? {
                    self.skip_below(depth + 1)?;
                    self.skip_below(depth + 1)?;
                }
                Ok(())
            }
            Type::Array => {
                for _ in 0..self.array()? {
                    self.skip_below(depth + 1)?;
                }
                Ok(())
            }
            Type::Tag => Err(self.wrong("holds a tag")),
            Type::BytesIndef | Type::StringIndef | Type::ArrayIndef | Type::MapIndef | Type::Break => {
                Err(self.wrong("holds an item of indefinite length"))
            }
            Type::String => self.text().map(drop),
            _ => {
                let skipped = self.decoder.skip();
                self.expect(skipped, "an item")
            }
        }
    }

    fn length(
        &self,
        length: Result<Option<u64>, minicbor::decode::Error>,
        kind: &'static str,
    ) -> Result<u64, PasskeyError> {
        match self.expect(length, kind)? {
            None => Err(self.wrong("holds an item of indefinite length")),
            Some(length) if length > MOST_ENTRIES => {
                Err(self.wrong(format!("{kind} of {length} entries, at most {MOST_ENTRIES} are read")))
            }
            Some(length) => Ok(length),
        }
    }

    fn expect<T>(&self, read: Result<T, minicbor::decode::Error>, kind: &'static str) -> Result<T, PasskeyError> {
        read.map_err(|_| self.wrong(format!("expected {kind} at byte {}", self.position())))
    }

    pub(crate) fn wrong(&self, detail: impl Into<String>) -> PasskeyError {
        PasskeyError::Cbor {
            what: self.what,
            detail: detail.into(),
        }
    }
}
