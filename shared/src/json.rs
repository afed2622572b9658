//! Reads plain JSON fast, and gives up on the rest.
//!
//! For the two places that every event goes through, each of which has a careful reader behind it: `None` never means that
//! the text is wrong, only that the careful reader has to look at it. What is read here is read just as `serde_json` reads it.

mod number;
mod string;
#[cfg(test)]
mod tests;

/// Values may lie so deep in each other.
const DEEP: u8 = 24;
/// An object may have so many members that nobody knows.
const MANY: usize = 16;

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
