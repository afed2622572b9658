//! Strings.

use super::Scanner;
use std::borrow::Cow;

impl<'a> Scanner<'a> {
    /// A string without escapes.
    #[inline]
    pub fn string(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let length = plain_length(self.text.as_bytes().get(self.at..)?)?;
        self.close(length)
    }

    /// The same for text of hundreds of bytes.
    pub fn long_string(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let rest = self.text.as_bytes().get(self.at..)?;
        let (blocks, _) = rest.as_chunks::<32>();
        // Without a branch in it, so that all 32 are looked at together.
        let special = |block: &&[u8; 32]| block.iter().fold(false, |any, byte| any | is_special(*byte));
        let plain = 32 * blocks.iter().take_while(|block| !special(block)).count();
        let length = plain + plain_length(rest.get(plain..)?)?;
        self.close(length)
    }

    #[inline]
    fn close(&mut self, length: usize) -> Option<&'a str> {
        let start = self.at;
        if *self.text.as_bytes().get(start + length)? != b'"' {
            return None;
        }
        self.at = start + length + 1;
        self.text.get(start..start + length)
    }

    /// Any string, borrowed where it has no escapes.
    #[inline]
    pub fn text(&mut self) -> Option<Cow<'a, str>> {
        let start = self.mark();
        match self.string() {
            Some(text) => Some(Cow::Borrowed(text)),
            None => self.escaped(start).map(Cow::Owned),
        }
    }

    /// The same for text of hundreds of bytes.
    #[inline]
    pub fn long_text(&mut self) -> Option<Cow<'a, str>> {
        let start = self.mark();
        match self.long_string() {
            Some(text) => Some(Cow::Borrowed(text)),
            None => self.escaped(start).map(Cow::Owned),
        }
    }

    #[cold]
    fn escaped(&mut self, start: usize) -> Option<String> {
        let mut bytes = self.text.as_bytes().get(start + 1..)?.iter();
        loop {
            match *bytes.next()? {
                b'\\' => _ = bytes.next()?,
                b'"' => break,
                _ => {}
            }
        }
        self.at = self.text.len() - bytes.len();
        serde_json::from_str(self.since(start)?).ok()
    }
}

const fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// How many bytes there are before the first one that ends a plain string: a quote, a backslash or a control character.
#[inline]
fn plain_length(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    let (blocks, rest) = bytes.as_chunks::<8>();
    for (index, block) in blocks.iter().enumerate() {
        let block = u64::from_le_bytes(*block);
        // The high bit of each byte that is special; above the lowest one it may err.
        let quote = block ^ (ONES * b'"' as u64);
        let backslash = block ^ (ONES * b'\\' as u64);
        let special = (quote.wrapping_sub(ONES) & !quote)
            | (backslash.wrapping_sub(ONES) & !backslash)
            | (block.wrapping_sub(ONES * 0x20) & !block);
        let special = special & (ONES << 7);
        if special != 0 {
            return Some(8 * index + special.trailing_zeros() as usize / 8);
        }
    }
    let plain = rest.iter().position(|byte| is_special(*byte))?;
    Some(8 * blocks.len() + plain)
}
