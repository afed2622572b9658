use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A keyword, a bare identifier or a number
    Word,
    /// `` `…` `` or `"…"`
    Quoted,
    /// `'…'` or `$tag$…$tag$`
    String,
    /// Any other byte
    Symbol,
}

/// A significant token: whitespace and comments are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub kind: TokenKind,
    pub start: usize,
    pub end: usize,
}

impl Token {
    pub const fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// Splits a text into tokens. Any bytes will do: what is no SQL comes as symbols, an unfinished literal ends with the text.
pub fn tokens(sql: &[u8]) -> impl Iterator<Item = Token> {
    let mut position = 0;
    std::iter::from_fn(move || {
        position = skip_blank(sql, position);
        let start = position;
        let first = *sql.get(start)?;
        let (kind, end) = match first {
            b'\'' => (TokenKind::String, quoted_end(sql, start, first)),
            b'`' | b'"' => (TokenKind::Quoted, quoted_end(sql, start, first)),
            b'$' => match heredoc_end(sql, start) {
                Some(end) => (TokenKind::String, end),
                None => (TokenKind::Symbol, start + 1),
            },
            _ if is_word_byte(first) => (TokenKind::Word, word_end(sql, start)),
            _ => (TokenKind::Symbol, start + 1),
        };
        position = end;
        Some(Token { kind, start, end })
    })
}

const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn word_end(sql: &[u8], start: usize) -> usize {
    sql.iter().skip(start).position(|byte| !is_word_byte(*byte)).map_or(sql.len(), |length| start + length)
}

/// After whitespace and comments: `-- …`, `# …`, `#! …`, `/* … */`.
fn skip_blank(sql: &[u8], mut position: usize) -> usize {
    loop {
        let rest = sql.get(position..).unwrap_or_default();
        let skipped = if rest.first().is_some_and(|byte| byte.is_ascii_whitespace() || *byte == 0x0b) {
            1
        } else if rest.starts_with(b"--") || rest.starts_with(b"# ") || rest.starts_with(b"#!") {
            rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |length| length + 1)
        } else if rest.starts_with(b"/*") {
            find(rest.get(2..).unwrap_or_default(), b"*/").map_or(rest.len(), |length| length + 4)
        } else {
            return position;
        };
        position += skipped;
    }
}

/// After a literal in which a backslash escapes the next byte and a doubled quote is a quote.
fn quoted_end(sql: &[u8], start: usize, quote: u8) -> usize {
    let mut position = start + 1;
    while let Some(byte) = sql.get(position) {
        position += match byte {
            b'\\' => 2,
            byte if *byte == quote && sql.get(position + 1) == Some(&quote) => 2,
            byte if *byte == quote => return position + 1,
            _ => 1,
        };
    }
    sql.len()
}

fn heredoc_end(sql: &[u8], start: usize) -> Option<usize> {
    let opening_end = word_end(sql, start + 1);
    let tag = sql.get(start..=opening_end).filter(|tag| tag.ends_with(b"$"))?;
    find(sql.get(opening_end + 1..)?, tag).map(|length| opening_end + 1 + length + tag.len())
}

fn find(text: &[u8], pattern: &[u8]) -> Option<usize> {
    text.windows(pattern.len()).position(|window| window == pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(sql: &str) -> Vec<&str> {
        tokens(sql.as_bytes()).map(|token| &sql[token.range()]).collect()
    }

    #[test]
    fn comments_and_whitespace_are_no_tokens() {
        assert_eq!(words("a -- b\n/* c\n */ # d\n e"), ["a", "e"]);
        assert!(words("/* open").is_empty());
    }

    #[test]
    fn literals_keep_their_quotes_together() {
        assert_eq!(
            words(r"'it''s' 'a\'b' `q``r` $x$ ' $y$ $x$ $ "),
            ["'it''s'", r"'a\'b'", "`q``r`", "$x$ ' $y$ $x$", "$"]
        );
        assert_eq!(words("'open"), ["'open"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_symbols() {
        assert_eq!(tokens(b"\xff\x00a").count(), 3);
    }
}
