//! The little of SQL that the HTTP interface must understand: where an `INSERT` ends and its data begins, and where a
//! query's output clauses are. All else is the engine's.

mod insert;
mod lexer;
mod output;

pub use self::insert::{InsertHead, insert_head};
pub use self::output::Output;

use self::lexer::{Token, TokenKind, tokens};

/// The first word of a statement in upper case; `(` counts as one.
pub fn leading_word(sql: &[u8]) -> Option<String> {
    let token = tokens(sql).next()?;
    let word = String::from_utf8_lossy(sql.get(token.range())?).to_ascii_uppercase();
    (token.kind == TokenKind::Word || word == "(").then_some(word)
}

/// The statement with a comment after its first word: it finds the statement again in `system.processes`.
pub fn with_marker(sql: &str, marker: &str) -> String {
    let end = tokens(sql.as_bytes()).next().map_or(0, |token| token.end);
    match sql.split_at_checked(end) {
        Some((first, rest)) if end > 0 => format!("{first} /*{marker}*/{rest}"),
        _ => sql.to_owned(),
    }
}

/// The statement with its string literals replaced, where `replace` has something to replace one with.
pub fn map_strings(sql: &str, mut replace: impl FnMut(&str) -> Option<String>) -> String {
    let mut mapped = String::with_capacity(sql.len());
    let mut copied = 0;
    for token in tokens(sql.as_bytes()).filter(|token| token.kind == TokenKind::String) {
        let literal = sql.get(token.start + 1..token.end.saturating_sub(1)).unwrap_or_default();
        if let (Some(replacement), Some(before)) = (replace(literal), sql.get(copied..token.start)) {
            mapped.push_str(before);
            mapped.push_str(&format!("'{replacement}'"));
            copied = token.end;
        }
    }
    mapped.push_str(sql.get(copied..).unwrap_or_default());
    mapped
}

/// Whether a function of this name is called anywhere.
pub fn calls_function(sql: &[u8], name: &str) -> bool {
    let mut tokens = tokens(sql).peekable();
    while let Some(token) = tokens.next() {
        if is_word(sql, token, name) && tokens.peek().is_some_and(|next| is_symbol(sql, *next, b'(')) {
            return true;
        }
    }
    false
}

fn is_word(sql: &[u8], token: Token, word: &str) -> bool {
    token.kind == TokenKind::Word
        && sql.get(token.range()).is_some_and(|text| text.eq_ignore_ascii_case(word.as_bytes()))
}

fn is_symbol(sql: &[u8], token: Token, symbol: u8) -> bool {
    token.kind == TokenKind::Symbol && sql.get(token.start) == Some(&symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_leading_word() {
        assert_eq!(leading_word(b" -- c\n/* d */ select 1").as_deref(), Some("SELECT"));
        assert_eq!(leading_word(b"(SELECT 1)").as_deref(), Some("("));
        assert_eq!(leading_word(b"  "), None);
    }

    #[test]
    fn marks_after_the_first_word() {
        assert_eq!(with_marker("/* x */ SELECT 1", "m"), "/* x */ SELECT /*m*/ 1");
        assert_eq!(with_marker("(SELECT 1)", "m"), "( /*m*/SELECT 1)");
    }

    #[test]
    fn maps_only_string_literals() {
        let mapped =
            map_strings("KILL QUERY WHERE `a` = 'a' AND b = 'b' -- 'a'", |text| (text == "a").then(|| "z".to_owned()));
        assert_eq!(mapped, "KILL QUERY WHERE `a` = 'z' AND b = 'b' -- 'a'");
    }
}
