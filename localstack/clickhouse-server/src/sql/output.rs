use super::lexer::{Token, TokenKind, tokens};
use super::{is_symbol, is_word};

/// The output clauses at the end of a query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Output {
    /// The format that the query names.
    pub format: Option<String>,
    /// Where `INTO OUTFILE …` goes: before `FORMAT`, or at the end.
    pub insert_at: usize,
    /// The query has an `INTO OUTFILE` or `FROM INFILE` of its own, which is not for clients of a server.
    pub names_file: bool,
}

impl Output {
    pub fn find(sql: &[u8]) -> Self {
        let mut output = Self::default();
        let top: Vec<Token> = top_level(sql).collect();
        for (index, token) in top.iter().enumerate() {
            let next = top.get(index + 1).copied();
            let next_is = |word| next.is_some_and(|next| is_word(sql, next, word));
            if (is_word(sql, *token, "INTO") && next_is("OUTFILE"))
                || (is_word(sql, *token, "FROM") && next_is("INFILE"))
            {
                output.names_file = true;
            }
            if let (true, Some(name)) = (is_word(sql, *token, "FORMAT"), next)
                && name.kind == TokenKind::Word
                && top
                    .get(index + 2)
                    .is_none_or(|after| is_word(sql, *after, "SETTINGS") || is_symbol(sql, *after, b';'))
            {
                output.format = sql.get(name.range()).map(|name| String::from_utf8_lossy(name).into_owned());
                output.insert_at = token.start;
            }
        }
        if output.format.is_none() {
            let last = top.iter().rev().find(|token| !is_symbol(sql, **token, b';'));
            output.insert_at = last.map_or(sql.len(), |token| token.end);
        }
        output
    }
}

/// The tokens outside of all parentheses, brackets and braces, with the closing ones.
fn top_level(sql: &[u8]) -> impl Iterator<Item = Token> {
    let mut depth = 0_u32;
    tokens(sql).filter(move |token| {
        if token.kind == TokenKind::Symbol {
            match sql.get(token.start) {
                Some(b'(' | b'[' | b'{') => depth += 1,
                Some(b')' | b']' | b'}') => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        depth == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(sql: &str) -> (Option<String>, &str, &str) {
        let output = Output::find(sql.as_bytes());
        let (before, after) = sql.split_at(output.insert_at);
        (output.format, before, after)
    }

    #[test]
    fn a_format_is_the_last_clause_or_before_settings() {
        assert_eq!(split("SELECT 1 FORMAT JSON"), (Some("JSON".into()), "SELECT 1 ", "FORMAT JSON"));
        assert_eq!(
            split("SELECT 1 format CSV settings a = 1;"),
            (Some("CSV".into()), "SELECT 1 ", "format CSV settings a = 1;")
        );
    }

    #[test]
    fn without_a_format_output_goes_to_the_end() {
        assert_eq!(split("SELECT 1 SETTINGS a = 1 -- FORMAT x"), (None, "SELECT 1 SETTINGS a = 1", " -- FORMAT x"));
        assert_eq!(split("(SELECT 1);\n"), (None, "(SELECT 1)", ";\n"));
        assert_eq!(split("SELECT '… FORMAT x'"), (None, "SELECT '… FORMAT x'", ""));
    }

    #[test]
    fn a_column_or_function_of_that_name_is_no_clause() {
        assert_eq!(split("SELECT format FROM t").0, None);
        assert_eq!(split("SELECT format('{}', x) FROM (SELECT 1 AS x FORMAT CSV)").0, None);
        assert_eq!(split("SELECT format AS f FROM t FORMAT TSV").0.as_deref(), Some("TSV"));
    }

    #[test]
    fn files_are_seen() {
        assert!(Output::find(b"SELECT 1 INTO OUTFILE 'x'").names_file);
        assert!(Output::find(b"INSERT INTO t FROM INFILE 'x' FORMAT CSV").names_file);
        assert!(!Output::find(b"SELECT 'INTO OUTFILE'").names_file);
    }
}
