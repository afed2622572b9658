use super::{Scanner, number::EXACT};
use proptest::prelude::*;
use serde_json::Value;

fn number(text: &str) -> Option<f64> {
    let mut scanner = Scanner::new(text);
    let number = scanner.number()?;
    scanner.end().map(|()| number)
}

#[test]
fn what_is_not_plain_is_given_up() {
    for text in ["01", "1.", ".5", "+1", "-", "1e", "1e+", "1e999", "0x1", "9007199254740993", "NaN", ""] {
        assert_eq!(number(text), None, "{text}");
    }
    for text in [r#""a\nb""#, "\"a\tb\"", "\"a", "a\"", "\"", "7"] {
        assert_eq!(Scanner::new(text).string(), None, "{text}");
        assert_eq!(Scanner::new(text).long_string(), None, "{text}");
    }
    for text in ["{\"a\":1,}", "{\"a\":1,\"a\":2}", "{a:1}", "[1,]", "[1 2]", "nul", "\"\\ud800\"", "{\"\\u0061\":1}"] {
        assert_eq!(Scanner::new(text).skip(), None, "{text}");
    }
    assert_eq!(Scanner::new(&"[".repeat(1_000_000)).skip(), None);
    assert_eq!(Scanner::new(&"{\"a\":".repeat(1_000_000)).skip(), None);
}

#[test]
fn tells_what_says_something() {
    for (text, says) in [
        ("null", false),
        (" \"\"", false),
        ("{ }", false),
        ("{\"a\":null,\"b\":{\"c\":\"\"}}", false),
        ("[]", true),
        ("false", true),
        ("0", true),
        ("{\"a\":[]}", true),
        (r#""\u0061""#, true),
    ] {
        assert_eq!(Scanner::new(text).skip(), Some(says), "{text}");
    }
}

fn spelled_number() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?",
        "-?[0-9]{0,3}\\.?[0-9]{0,3}[eE]?[+-]?[0-9]{0,3}",
        any::<f64>().prop_map(|number| number.to_string()),
        any::<u64>().prop_map(|number| number.to_string()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn numbers_are_read_as_serde_json_reads_them(text in spelled_number()) {
        if let Some(number) = number(&text) {
            let theirs: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(number.to_bits(), theirs.as_f64().unwrap().to_bits());
            prop_assert!(theirs.as_u64().is_none_or(|whole| whole <= EXACT));
        }
    }

    #[test]
    fn strings_are_read_as_serde_json_reads_them(text in "\\PC{0,80}|[ -~\\n\u{0}]{0,80}", before in "[ \n\t\r]{0,2}") {
        let json = format!("{before}{}", serde_json::to_string(&text).unwrap());
        let mut scanner = Scanner::new(&json);
        let read = scanner.text();
        prop_assert_eq!(read.as_deref(), Some(text.as_str()));
        prop_assert_eq!(scanner.end(), Some(()));
        prop_assert_eq!(Scanner::new(&json).string(), Scanner::new(&json).long_string());
        if !json.contains('\\') {
            prop_assert_eq!(Scanner::new(&json).string(), Some(text.as_str()));
        }
    }

    #[test]
    fn what_is_skipped_is_json(text in "[\\[\\]{}:, \"a1.e-]{0,12}|[{\\[](\"[ab]\":)?(1|null|\"\\\\[nu]x\"|\\{\\})[,]?[}\\]]") {
        let mut scanner = Scanner::new(&text);
        if scanner.skip().is_some() && scanner.end().is_some() {
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok());
        }
    }
}
