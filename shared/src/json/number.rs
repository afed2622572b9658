//! Numbers.

use super::Scanner;

/// Whole numbers up to here are whole as a float, too.
pub(super) const EXACT: u64 = 1 << 53;
/// Decimal fractions of so many digits are exact as a quotient of two floats.
const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

impl Scanner<'_> {
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
