//! The little of Python's literals, and of JSON, that describes arrays in files.
//!
//! In: text such as `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`. Out: a [`Literal`], or what is wrong where. Whatever the text is, nothing panics, and nothing is
//! allocated that is not in proportion to it.

use std::fmt::{Display, Formatter};

/// Lists in lists go so deep: those of a structured dtype are well below.
const DEPTH_MAX: usize = 32;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Text(String),
    Number(i128),
    Bool(bool),
    Nothing,
    /// A list or a tuple.
    List(Vec<Literal>),
    /// In the order in which they stand.
    Dict(Vec<(String, Literal)>),
}

impl Literal {
    /// The value of the whole text.
    pub(crate) fn parse(text: &str) -> Result<Literal, String> {
        let mut parser = Parser { text, at: 0 };
        let value = parser.value(0)?;
        parser.skip_spaces();
        if parser.at < text.len() {
            return Err(parser.wrong("the end"));
        }
        Ok(value)
    }

    /// The value of a key, which occurs once.
    pub(crate) fn get(&self, key: &str) -> Result<&Literal, String> {
        let Literal::Dict(entries) = self else {
            return Err("it is not a dictionary".to_owned());
        };
        let mut found = entries.iter().filter(|(name, _)| name == key);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Ok(value),
            (None, _) => Err(format!("it has no key '{key}'")),
            _ => Err(format!("it has the key '{key}' twice")),
        }
    }

    /// A list of lengths.
    pub(crate) fn lengths(&self) -> Option<Vec<usize>> {
        let Literal::List(items) = self else { return None };
        let length = |item: &Literal| match item {
            Literal::Number(number) => usize::try_from(*number).ok(),
            _ => None,
        };
        items.iter().map(length).collect()
    }
}

/// As Python shows it.
impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Literal::Text(text) => write!(f, "'{text}'"),
            Literal::Number(number) => write!(f, "{number}"),
            Literal::Bool(true) => f.write_str("True"),
            Literal::Bool(false) => f.write_str("False"),
            Literal::Nothing => f.write_str("None"),
            Literal::List(items) => {
                f.write_str("(")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at > 0 { ", " } else { "" })?;
                }
                f.write_str(if items.len() == 1 { ",)" } else { ")" })
            }
            Literal::Dict(entries) => {
                f.write_str("{")?;
                for (at, (key, value)) in entries.iter().enumerate() {
                    write!(f, "{}'{key}': {value}", if at > 0 { ", " } else { "" })?;
                }
                f.write_str("}")
            }
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    /// In bytes; at the beginning of a character.
    at: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Goes past `token`, if that is what comes.
    fn take(&mut self, token: &str) -> bool {
        self.skip_spaces();
        let is_there = self.rest().starts_with(token);
        if is_there {
            self.at += token.len();
        }
        is_there
    }

    fn wrong(&self, expected: &str) -> String {
        let found: String = self.rest().chars().take(20).collect();
        match found.is_empty() {
            true => format!("it ends where {expected} should be"),
            false => format!("at byte {} there is {found:?} instead of {expected}", self.at),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Literal, String> {
        if depth > DEPTH_MAX {
            return Err(format!("lists in lists go deeper than {DEPTH_MAX}"));
        }
        self.skip_spaces();
        for (word, value) in [
            ("True", Literal::Bool(true)),
            ("true", Literal::Bool(true)),
            ("False", Literal::Bool(false)),
            ("false", Literal::Bool(false)),
            ("None", Literal::Nothing),
            ("null", Literal::Nothing),
        ] {
            if self.take(word) {
                return Ok(value);
            }
        }
        match self.rest().chars().next() {
            Some('(') => self.list("(", ")", depth),
            Some('[') => self.list("[", "]", depth),
            Some('{') => self.dict(depth),
            Some('\'' | '"') => self.text().map(Literal::Text),
            _ => self.number(),
        }
    }

    fn list(&mut self, open: &str, close: &str, depth: usize) -> Result<Literal, String> {
        let mut items = Vec::new();
        self.take(open);
        while !self.take(close) {
            items.push(self.value(depth + 1)?);
            if !self.take(",") && !self.rest().starts_with(close) {
                return Err(self.wrong(&format!("`,` or `{close}`")));
            }
        }
        Ok(Literal::List(items))
    }

    fn dict(&mut self, depth: usize) -> Result<Literal, String> {
        let mut entries = Vec::new();
        self.take("{");
        while !self.take("}") {
            self.skip_spaces();
            let key = self.text()?;
            if !self.take(":") {
                return Err(self.wrong("`:`"));
            }
            entries.push((key, self.value(depth + 1)?));
            if !self.take(",") && !self.rest().starts_with('}') {
                return Err(self.wrong("`,` or `}`"));
            }
        }
        Ok(Literal::Dict(entries))
    }

    /// Without escapes: they stand in no name that we know.
    fn text(&mut self) -> Result<String, String> {
        let quote = match self.rest().chars().next() {
            Some(quote @ ('\'' | '"')) => quote,
            _ => return Err(self.wrong("a quoted text")),
        };
        let rest = &self.rest()[1..];
        match rest.find([quote, '\\']) {
            Some(end) if rest[end..].starts_with(quote) => {
                let text = rest[..end].to_owned();
                self.at += end + 2;
                Ok(text)
            }
            Some(_) => Err(format!("the text at byte {} has a backslash in it", self.at)),
            None => Err(format!("the text that begins at byte {} has no end", self.at)),
        }
    }

    fn number(&mut self) -> Result<Literal, String> {
        let rest = self.rest();
        let sign = usize::from(rest.starts_with('-'));
        let digits = rest[sign..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return Err(self.wrong("a value"));
        }
        let text = &rest[..sign + digits];
        let Ok(number) = text.parse() else {
            return Err(format!("the number at byte {} has {digits} digits", self.at));
        };
        self.at += sign + digits;
        // Python 2 wrote long integers so.
        if self.rest().starts_with('L') {
            self.at += 1;
        }
        Ok(Literal::Number(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pythons_and_jsons_values_are_read() {
        let show = |text: &str| Literal::parse(text).unwrap().to_string();
        assert_eq!(
            show(
                "{'descr': '<f8', 'fortran_order': False, 'shape': (3L, -4), }  
"
            ),
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, -4)}"
        );
        assert_eq!(
            show(r#"{"a": [1], "b": null, "c": true}"#),
            "{'a': (1,), 'b': None, 'c': True}"
        );
        assert_eq!(show("[('x', '<f8'), ()]"), "(('x', '<f8'), ())");
        assert_eq!(Literal::parse("(1, 2,)").unwrap().lengths(), Some(vec![1, 2]));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let wrong = |text: &str| Literal::parse(text).unwrap_err();
        assert_eq!(wrong(""), "it ends where a value should be");
        assert_eq!(wrong("(1 2)"), "at byte 3 there is \"2)\" instead of `,` or `)`");
        assert_eq!(wrong("{1: 2}"), "at byte 1 there is \"1: 2}\" instead of a quoted text");
        assert_eq!(wrong("{'a' 2}"), "at byte 5 there is \"2}\" instead of `:`");
        assert_eq!(wrong("'abc"), "the text that begins at byte 0 has no end");
        assert_eq!(wrong("1 x"), "at byte 2 there is \"x\" instead of the end");
        assert_eq!(wrong(&"9".repeat(60)), "the number at byte 0 has 60 digits");
        assert_eq!(wrong(&"[".repeat(1 << 20)), "lists in lists go deeper than 32");
        let dict = Literal::parse("{'a': 1, 'a': 2}").unwrap();
        assert_eq!(dict.get("a").unwrap_err(), "it has the key 'a' twice");
        assert_eq!(dict.get("b").unwrap_err(), "it has no key 'b'");
    }
}
