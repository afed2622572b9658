use super::lexer::{Token, TokenKind, tokens};
use super::{is_symbol, is_word};

/// An `INSERT` whose data follows the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsertHead {
    /// The statement without `FORMAT` or `VALUES`: `sql[..head_end]`.
    pub head_end: usize,
    /// The format it names; none with a bare `INSERT INTO t`.
    pub format: Option<String>,
    /// Where the data begins.
    pub data_start: usize,
}

/// What kind of `INSERT` a text begins with: `None` if it is no `INSERT` with data (but one with `SELECT`, or no `INSERT`).
pub fn insert_head(sql: &[u8]) -> Option<InsertHead> {
    let mut parser = Parser { sql, tokens: tokens(sql).peekable(), end: 0 };
    parser.word("INSERT")?;
    parser.word("INTO")?;
    parser.word("TABLE");
    if parser.word("FUNCTION").is_some() {
        parser.next()?;
        parser.group(b'(', b')')?;
    } else {
        parser.name()?;
        while parser.symbol(b'.').is_some() {
            parser.name()?;
        }
        if !parser.columns()? {
            return None;
        }
    }
    if parser.word("PARTITION").is_some() {
        while !parser.at_clause() && parser.next().is_some() {}
    }
    if parser.word("SETTINGS").is_some() {
        parser.settings()?;
    }
    let head_end = parser.end;
    if parser.word("FORMAT").is_some() {
        let format = parser.next()?;
        let format = String::from_utf8_lossy(sql.get(format.range())?).into_owned();
        return Some(InsertHead { head_end, format: Some(format), data_start: data_start(sql, parser.end) });
    }
    if parser.word("VALUES").is_some() {
        return Some(InsertHead { head_end, format: Some("Values".to_owned()), data_start: parser.end });
    }
    if ["SELECT", "WITH", "FROM", "WATCH"].iter().any(|word| parser.word(word).is_some()) {
        return None;
    }
    Some(InsertHead { head_end, format: None, data_start: data_start(sql, head_end) })
}

/// Data starts after the line that names its format, or after the blanks behind the name.
fn data_start(sql: &[u8], end: usize) -> usize {
    let rest = sql.get(end..).unwrap_or_default();
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | 0x0c)).count();
    let line_end = match rest.get(blanks..).unwrap_or_default() {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => 0,
    };
    end + blanks + line_end
}

struct Parser<'s, I: Iterator<Item = Token>> {
    sql: &'s [u8],
    tokens: std::iter::Peekable<I>,
    /// The end of the last token taken
    end: usize,
}

impl<I: Iterator<Item = Token>> Parser<'_, I> {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.next()?;
        self.end = token.end;
        Some(token)
    }

    fn word(&mut self, word: &str) -> Option<Token> {
        let token = self.tokens.next_if(|token| is_word(self.sql, *token, word))?;
        self.end = token.end;
        Some(token)
    }

    fn symbol(&mut self, symbol: u8) -> Option<Token> {
        let token = self.tokens.next_if(|token| is_symbol(self.sql, *token, symbol))?;
        self.end = token.end;
        Some(token)
    }

    /// An identifier, quoted or not, or a `{parameter:Identifier}`.
    fn name(&mut self) -> Option<()> {
        if self.tokens.peek().is_some_and(|token| is_symbol(self.sql, *token, b'{')) {
            return self.group(b'{', b'}');
        }
        self.next().filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Quoted)).map(drop)
    }

    /// The column list, if there is one; false if the parenthesis opens a `SELECT`.
    fn columns(&mut self) -> Option<bool> {
        if self.symbol(b'(').is_none() {
            return Some(true);
        }
        if self
            .tokens
            .peek()
            .is_some_and(|token| is_word(self.sql, *token, "SELECT") || is_word(self.sql, *token, "WITH"))
        {
            return Some(false);
        }
        self.close(b'(', b')').map(|()| true)
    }

    fn group(&mut self, open: u8, close: u8) -> Option<()> {
        self.symbol(open)?;
        self.close(open, close)
    }

    fn close(&mut self, open: u8, close: u8) -> Option<()> {
        let mut depth = 1_u32;
        while depth > 0 {
            let token = self.next()?;
            if is_symbol(self.sql, token, open) {
                depth += 1;
            } else if is_symbol(self.sql, token, close) {
                depth -= 1;
            }
        }
        Some(())
    }

    fn at_clause(&mut self) -> bool {
        let sql = self.sql;
        self.tokens.peek().is_some_and(|token| {
            ["SETTINGS", "FORMAT", "VALUES", "SELECT", "WITH"].iter().any(|word| is_word(sql, *token, word))
        })
    }

    /// `name = value, …`; a value may be signed, or a map or an array.
    fn settings(&mut self) -> Option<()> {
        loop {
            self.name()?;
            self.symbol(b'=')?;
            self.symbol(b'-');
            match self.tokens.peek().and_then(|token| self.sql.get(token.start)) {
                Some(b'{') => self.group(b'{', b'}')?,
                Some(b'[') => self.group(b'[', b']')?,
                _ => {
                    self.next()?;
                    // A number with a fraction comes in three tokens.
                    if self.symbol(b'.').is_some() {
                        self.next()?;
                    }
                }
            }
            if self.symbol(b',').is_none() {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Head, format and data of a text.
    fn parts(sql: &str) -> Option<(&str, Option<String>, &str)> {
        insert_head(sql.as_bytes()).map(|insert| (&sql[..insert.head_end], insert.format, &sql[insert.data_start..]))
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn data_follows_the_format() {
        assert_eq!(parts("INSERT INTO t FORMAT CSV\n1,2\n"), Some(("INSERT INTO t", some("CSV"), "1,2\n")));
        assert_eq!(parts("insert into t(a, `b)`) format TSV 1"), Some(("insert into t(a, `b)`)", some("TSV"), "1")));
        assert_eq!(
            parts("INSERT INTO d.t FORMAT RowBinary \r\n\n\0"),
            Some(("INSERT INTO d.t", some("RowBinary"), "\n\0"))
        );
        assert_eq!(parts("INSERT INTO t FORMAT JSON"), Some(("INSERT INTO t", some("JSON"), "")));
    }

    #[test]
    fn values_are_data_too() {
        assert_eq!(
            parts("INSERT INTO t (a) VALUES (1), ('SELECT')"),
            Some(("INSERT INTO t (a)", some("Values"), " (1), ('SELECT')"))
        );
    }

    #[test]
    fn settings_belong_to_the_head() {
        let head = "INSERT INTO t SETTINGS a = 1, b = 'FORMAT x', c = -0.5, d = {'k': 1}";
        assert_eq!(parts(&format!("{head} FORMAT CSV\n1")), Some((head, some("CSV"), "1")));
    }

    #[test]
    fn a_table_may_be_a_parameter_or_a_function() {
        assert!(parts("INSERT INTO {t:Identifier} (* EXCEPT(a)) FORMAT CSV\n").is_some());
        assert!(parts("INSERT INTO TABLE FUNCTION file('a.csv', (1)) PARTITION BY x FORMAT CSV\n").is_some());
        assert!(parts("INSERT INTO `format`.values FORMAT CSV\n").is_some());
    }

    #[test]
    fn without_a_format_the_data_starts_at_once() {
        assert_eq!(
            parts("INSERT INTO t (a)\n{\"a\": 1, \"b\": \" FORMAT x\"}"),
            Some(("INSERT INTO t (a)", None, "{\"a\": 1, \"b\": \" FORMAT x\"}"))
        );
        assert_eq!(parts("INSERT INTO t"), Some(("INSERT INTO t", None, "")));
    }

    #[test]
    fn what_selects_its_data_is_no_insert_with_data() {
        for sql in [
            "INSERT INTO t SELECT 1",
            "INSERT INTO t (a) WITH 1 AS x SELECT x",
            "INSERT INTO t (SELECT 1)",
            "SELECT 1",
            "",
            "INSERT INTO t FROM INFILE 'x'",
        ] {
            assert_eq!(parts(sql), None, "{sql}");
        }
    }
}
