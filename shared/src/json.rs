//! Reads plain JSON fast, and gives up on the rest.
//!
//! For the two places that every event goes through, each of which has a careful reader behind it: `None` never means that
//! the text is wrong, only that the careful reader has to look at it. What is read here is read just as `serde_json` reads it.

use std::borrow::Cow;

/// Values may lie so deep in each other.
const DEEP: u8 = 24;
/// An object may have so many members that nobody knows.
const MANY: usize = 16;
/// Whole numbers up to here are whole as a float, too.
const EXACT: u64 = 1 << 53;
/// Decimal fractions of so many digits are exact as a quotient of two floats.
const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A place in a text.
#[derive(Debug, Clone)]
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte that isn't space.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Goes on if this byte is next.
    #[inline]
    pub fn eat(&mut self, byte: u8) -> bool {
        let next = self.peek() == Some(byte);
        self.at += usize::from(next);
        next
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Option<()> {
        self.eat(byte).then_some(())
    }

    /// Nothing but space is left.
    pub fn end(&mut self) -> Option<()> {
        self.peek().is_none().then_some(())
    }

    /// Where the next value begins, for [`Scanner::since`].
    pub fn mark(&mut self) -> usize {
        let _ = self.peek();
        self.at
    }

    /// The text from a mark to here.
    #[must_use]
    pub fn since(&self, mark: usize) -> Option<&'a str> {
        self.text.get(mark..self.at)
    }

    /// `null`, `true` or `false`, where that is next.
    #[inline]
    pub fn word(&mut self, word: &str) -> Option<()> {
        let next = self.peek().is_some() && self.text.as_bytes().get(self.at..)?.starts_with(word.as_bytes());
        next.then(|| self.at += word.len())
    }

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

    /// A number whose float is exactly what is written, as far as floats can be.
    #[inline]
    pub fn number(&mut self) -> Option<f64> {
        let start = self.mark();
        let negative = self.eat(b'-');
        let first = self.at;
        let (whole, digits) = self.digits(0);
        if digits == 0 || (digits > 1 && self.text.as_bytes().get(first) == Some(&b'0')) {
            return None;
        }
        let (mut value, mut decimals) = (whole, 0);
        if self.here() == Some(b'.') {
            self.at += 1;
            (value, decimals) = self.digits(whole);
            if decimals == 0 {
                return None;
            }
        }
        if matches!(self.here(), Some(b'e' | b'E')) || digits + decimals > 15 {
            return self.unusual(start, decimals);
        }
        let number = value as f64 / POWERS.get(decimals)?;
        Some(if negative { -number } else { number })
    }

    /// One with an exponent or many digits.
    #[cold]
    fn unusual(&mut self, start: usize, decimals: usize) -> Option<f64> {
        let mut whole = decimals == 0;
        if matches!(self.here(), Some(b'e' | b'E')) {
            self.at += 1;
            whole = false;
            self.at += usize::from(matches!(self.here(), Some(b'+' | b'-')));
            if self.digits(0).1 == 0 {
                return None;
            }
        }
        let text = self.since(start)?;
        if whole && text.trim_start_matches('-').parse::<u64>().ok()? > EXACT {
            return None;
        }
        text.parse::<f64>().ok().filter(|number| number.is_finite())
    }

    #[inline]
    fn here(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Digits behind those that make `value`: what they make together (nonsense if that is too many), and how many they are.
    #[inline]
    fn digits(&mut self, mut value: u64) -> (u64, usize) {
        let start = self.at;
        while let Some(digit @ b'0'..=b'9') = self.here() {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        (value, self.at - start)
    }

    /// A whole number, written as one.
    #[inline]
    pub fn integer(&mut self) -> Option<i64> {
        let negative = self.eat(b'-');
        let first = self.here();
        let (number, digits) = self.digits(0);
        let plain = (1..=18).contains(&digits)
            && (digits == 1 || first != Some(b'0'))
            && !matches!(self.here(), Some(b'.' | b'e' | b'E'))
            // Minus zero is a float.
            && !(negative && number == 0);
        let number = i64::try_from(number).ok().filter(|_| plain)?;
        Some(if negative { -number } else { number })
    }

    /// A list of bytes as numbers, from −128 to 255.
    pub fn bytes(&mut self) -> Option<()> {
        self.peek()?;
        if let Some(rest) = unsigned_bytes(self.text.as_bytes().get(self.at..)?) {
            self.at = self.text.len() - rest.len();
            return Some(());
        }
        self.array(|scanner| scanner.integer().filter(|byte| (-128..256).contains(byte)).map(drop))
    }

    /// An object's members: `member` reads the value of each and tells whether it says anything. Tells whether any does.
    /// The caller sees to it that no key stands twice.
    #[inline]
    pub fn object(&mut self, mut member: impl FnMut(&mut Self, &'a str) -> Option<bool>) -> Option<bool> {
        self.expect(b'{')?;
        let mut says = false;
        if self.eat(b'}') {
            return Some(says);
        }
        loop {
            let key = self.string()?;
            self.expect(b':')?;
            says |= member(self, key)?;
            if !self.eat(b',') {
                self.expect(b'}')?;
                return Some(says);
            }
        }
    }

    /// An array's items, each read by `item`.
    #[inline]
    pub fn array(&mut self, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.expect(b'[')?;
        if self.eat(b']') {
            return Some(());
        }
        loop {
            item(self)?;
            if !self.eat(b',') {
                return self.expect(b']');
            }
        }
    }

    /// Any value without duplicate keys; tells whether it says anything: `null`, `""`, `{}` and an object of such don't.
    pub fn skip(&mut self) -> Option<bool> {
        self.skip_within(DEEP)
    }

    fn skip_within(&mut self, deep: u8) -> Option<bool> {
        match self.peek()? {
            b'"' => Some(!self.text()?.is_empty()),
            b'{' => {
                let deep = deep.checked_sub(1)?;
                let mut keys = Keys::default();
                self.object(|scanner, key| keys.add(key).and_then(|()| scanner.skip_within(deep)))
            }
            b'[' => {
                let deep = deep.checked_sub(1)?;
                self.array(|scanner| scanner.skip_within(deep).map(drop)).map(|()| true)
            }
            b'n' => self.word("null").map(|()| false),
            b't' => self.word("true").map(|()| true),
            b'f' => self.word("false").map(|()| true),
            _ => self.number().map(|_| true),
        }
    }
}

/// The keys of an object's unknown members.
#[derive(Debug, Default)]
pub struct Keys<'a>(Vec<&'a str>);

impl<'a> Keys<'a> {
    /// `None`: it stands there already, or there are too many to look through.
    pub fn add(&mut self, key: &'a str) -> Option<()> {
        let new = self.0.len() < MANY && !self.0.contains(&key);
        new.then(|| self.0.push(key))
    }
}

/// What is behind a list of bytes that is written without a space.
fn unsigned_bytes(list: &[u8]) -> Option<&[u8]> {
    let mut rest = list.strip_prefix(b"[")?;
    loop {
        let behind = match rest {
            [b'1', b'0'..=b'9', b'0'..=b'9', behind @ ..]
            | [b'2', b'0'..=b'4', b'0'..=b'9', behind @ ..]
            | [b'2', b'5', b'0'..=b'5', behind @ ..]
            | [b'1'..=b'9', b'0'..=b'9', behind @ ..]
            | [b'0'..=b'9', behind @ ..] => behind,
            _ => return None,
        };
        rest = match behind {
            [b',', behind @ ..] => behind,
            [b']', behind @ ..] => return Some(behind),
            _ => return None,
        };
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

#[cfg(test)]
mod tests;
