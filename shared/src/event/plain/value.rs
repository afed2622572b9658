//! Values of every kind that keep their rule, and keys that stand once.

use crate::event::{Text, timestamp::parse_timestamp};
use crate::json::{Keys, Scanner};
use jiff::Timestamp;

/// Which keys an object has had.
#[derive(Default)]
pub(super) struct Seen<'a> {
    known: u32,
    unknown: Keys<'a>,
}

impl<'a> Seen<'a> {
    /// `None`: not the first time.
    #[inline]
    pub fn first(&mut self, bit: u8) -> Option<()> {
        let before = self.known;
        self.known |= 1 << bit;
        (self.known != before).then_some(())
    }

    pub fn unknown(&mut self, scanner: &mut Scanner<'a>, key: &'a str) -> Option<bool> {
        self.unknown.add(key)?;
        scanner.skip()
    }
}

/// One of the event's objects, or what stands for none; tells whether it says anything.
#[inline]
pub(super) fn object<'a>(
    scanner: &mut Scanner<'a>,
    mut member: impl FnMut(&mut Seen<'a>, &mut Scanner<'a>, &'a str) -> Option<bool>,
) -> Option<bool> {
    if scanner.peek()? != b'{' {
        return nothing(scanner).map(|()| false);
    }
    let mut seen = Seen::default();
    scanner.object(|scanner, key| member(&mut seen, scanner, key))
}

/// Text of at most so many bytes, or what stands for none.
#[inline]
pub(super) fn text<'a>(scanner: &mut Scanner<'a>, limit: usize) -> Option<Option<Text<'a>>> {
    if scanner.peek()? != b'"' {
        return nothing(scanner).map(|()| None);
    }
    let text = scanner.text()?;
    (text.len() <= limit).then(|| Some(text).filter(|text| !text.is_empty()))
}

/// A number from 0 to `most`, or what stands for none.
#[inline]
pub(super) fn number(scanner: &mut Scanner<'_>, most: f64) -> Option<Option<f64>> {
    if !scanner.peek()?.is_ascii_digit() {
        return nothing(scanner).map(|()| None);
    }
    scanner.number().filter(|number| *number <= most).map(Some)
}

pub(super) fn instant(scanner: &mut Scanner<'_>) -> Option<Option<Timestamp>> {
    match text(scanner, usize::MAX)? {
        Some(text) => parse_timestamp(&text).map(Some),
        None => Some(None),
    }
}

/// `null`, `""`, `{}` and the like.
#[cold]
fn nothing(scanner: &mut Scanner<'_>) -> Option<()> {
    scanner.skip().filter(|says| !says).map(drop)
}
