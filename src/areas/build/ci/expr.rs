//! The expressions of GitHub Actions: `${{ matrix.os == 'x' && startsWith(github.ref, 'refs/tags/') }}`. Pure.
//! <https://docs.github.com/actions/reference/workflows-and-actions/expressions>

use serde_json::{Number, Value};

const MAX_DEPTH: usize = 64;
const MAX_TEXT: usize = 1 << 20;

/// What an expression may look at.
pub trait Scope {
    /// A context by its name (`github`, `matrix`); None when it can not be told here.
    fn context(&self, name: &str) -> Option<Value>;

    /// `success()`, `failure()`, `cancelled()`, and whatever else is no function of plain values; None: there is no such function.
    fn call(&self, name: &str, args: &[Value]) -> Option<Result<Value, String>>;
}

/// The value of an expression, without its braces.
pub fn evaluate(text: &str, scope: &dyn Scope) -> Result<Value, String> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
        scope,
    };
    let value = parser.or()?;
    match parser.tokens.get(parser.at) {
        None => Ok(value),
        Some(token) => Err(format!("{token:?} is not expected")),
    }
}

/// A text with every `${{ }}` in it filled; one that is nothing else keeps its type.
pub fn fill_value(text: &str, scope: &dyn Scope) -> Result<Value, String> {
    let trimmed = text.trim();
    if let Some(inner) = trimmed.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"))
        && !inner.contains("${{")
    {
        return evaluate(inner, scope);
    }
    fill(text, scope).map(Value::String)
}

/// A text with every `${{ }}` in it filled.
pub fn fill(text: &str, scope: &dyn Scope) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${{") {
        out.push_str(&rest[..start]);
        let inner = &rest[start + 3..];
        let Some(end) = end_of(inner) else {
            return Err("${{ without }}".to_owned());
        };
        out.push_str(&text_of(&evaluate(&inner[..end], scope)?));
        if out.len() > MAX_TEXT {
            return Err("too long".to_owned());
        }
        rest = &inner[end + 2..];
    }
    out.push_str(rest);
    Ok(out)
}

/// Every expression of a text.
pub fn inside(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${{") {
        let inner = &rest[start + 3..];
        let Some(end) = end_of(inner) else { break };
        found.push(&inner[..end]);
        rest = &inner[end + 2..];
    }
    found
}

/// `secrets.NAME` and `secrets['NAME']` become NAME.
pub fn names_of(context: &str, text: &str) -> Vec<String> {
    let Ok(tokens) = tokens(text) else { return Vec::new() };
    let name = |at: usize| match (tokens.get(at), tokens.get(at + 1), tokens.get(at + 2)) {
        (Some(Token::Name(known)), Some(Token::Sign(".")), Some(Token::Name(name)))
        | (Some(Token::Name(known)), Some(Token::Sign("[")), Some(Token::Literal(Value::String(name))))
            if known.eq_ignore_ascii_case(context) =>
        {
            Some(name.clone())
        }
        _ => None,
    };
    (0..tokens.len()).filter_map(name).collect()
}

/// `github.event.number` becomes `event`, `number`: the names that follow a context.
pub fn paths_of(context: &str, text: &str) -> Vec<Vec<String>> {
    let Ok(tokens) = tokens(text) else { return Vec::new() };
    let starts = (0..tokens.len()).filter(|at| {
        let is_member = *at > 0 && matches!(tokens[at - 1], Token::Sign("."));
        !is_member && matches!(&tokens[*at], Token::Name(name) if name.eq_ignore_ascii_case(context))
    });
    let path = |at: usize| {
        let names = tokens[at + 1..].chunks(2).map_while(|pair| match pair {
            [Token::Sign("."), Token::Name(name)] => Some(name.clone()),
            _ => None,
        });
        names.collect()
    };
    starts.map(path).collect()
}

/// It calls one of these functions or looks at one of these contexts.
pub fn mentions(text: &str, names: &[&str]) -> bool {
    let Ok(tokens) = tokens(text) else { return false };
    (0..tokens.len()).any(|at| {
        let is_member = at > 0 && matches!(tokens[at - 1], Token::Sign("."));
        !is_member && matches!(&tokens[at], Token::Name(name) if names.iter().any(|known| known.eq_ignore_ascii_case(name)))
    })
}

pub fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is) => *is,
        Value::Number(n) => n.as_f64().is_some_and(|n| n != 0.0 && !n.is_nan()),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// As it stands in a text.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(is) => is.to_string(),
        // 3.0 is 3 there.
        Value::Number(n) => n
            .as_f64()
            .filter(|_| n.is_f64())
            .map_or_else(|| n.to_string(), |n| n.to_string()),
        Value::String(text) => text.clone(),
        Value::Array(_) => "Array".to_owned(),
        Value::Object(_) => "Object".to_owned(),
    }
}

/// Where the closing braces are, not those in a text.
fn end_of(inner: &str) -> Option<usize> {
    let mut is_text = false;
    let bytes = inner.as_bytes();
    for at in 0..bytes.len() {
        match bytes[at] {
            b'\'' => is_text = !is_text,
            b'}' if !is_text && bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
    }
    None
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Literal(Value),
    Name(String),
    Sign(&'static str),
}

const SIGNS: [&str; 16] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "[", "]", ",", ".", "*",
];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let mut value = String::new();
            let mut chars = rest[1..].char_indices();
            let end = loop {
                match chars.next() {
                    None => return Err("a text without its end".to_owned()),
                    Some((at, '\'')) => {
                        if rest[1 + at + 1..].starts_with('\'') {
                            value.push('\'');
                            chars.next();
                        } else {
                            break 1 + at + 1;
                        }
                    }
                    Some((_, c)) => value.push(c),
                }
            };
            found.push(Token::Literal(Value::String(value)));
            rest = rest[end..].trim_start();
            continue;
        }
        let is_number = first.is_ascii_digit()
            || (matches!(first, '-' | '+' | '.')
                && rest[1..].starts_with(|c: char| c.is_ascii_digit())
                && !matches!(found.last(), Some(Token::Name(_) | Token::Sign("]" | ")"))));
        if is_number {
            let end = rest[1..]
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '.'))
                .map_or(rest.len(), |at| at + 1);
            let word = &rest[..end];
            let hex = word.strip_prefix("0x").and_then(|hex| i64::from_str_radix(hex, 16).ok());
            let value = match (hex, word.parse::<i64>(), word.parse::<f64>()) {
                (Some(n), ..) | (None, Ok(n), _) => Value::from(n),
                (None, Err(_), Ok(n)) => number(n),
                _ => return Err(format!("{word} is no number")),
            };
            found.push(Token::Literal(value));
            rest = rest[end..].trim_start();
            continue;
        }
        if first.is_ascii_alphabetic() || first == '_' {
            let end = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
                .unwrap_or(rest.len());
            let word = &rest[..end];
            let is_member = matches!(found.last(), Some(Token::Sign(".")));
            found.push(match word {
                "true" | "false" if !is_member => Token::Literal(Value::Bool(word == "true")),
                "null" if !is_member => Token::Literal(Value::Null),
                _ => Token::Name(word.to_owned()),
            });
            rest = rest[end..].trim_start();
            continue;
        }
        let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) else {
            return Err(format!("{first} is not expected"));
        };
        found.push(Token::Sign(sign));
        rest = rest[sign.len()..].trim_start();
    }
    Ok(found)
}

fn number(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9e15 {
        Value::from(n as i64)
    } else {
        Number::from_f64(n).map_or(Value::Null, Value::Number)
    }
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    scope: &'a dyn Scope,
}

impl Parser<'_> {
    fn takes(&mut self, sign: &str) -> bool {
        let is_it = matches!(self.tokens.get(self.at), Some(Token::Sign(known)) if *known == sign);
        self.at += usize::from(is_it);
        is_it
    }

    fn wants(&mut self, sign: &str) -> Result<(), String> {
        if self.takes(sign) {
            Ok(())
        } else {
            Err(format!("{sign} is missing"))
        }
    }

    fn or(&mut self) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("too many levels".to_owned());
        }
        let mut left = self.and()?;
        while self.takes("||") {
            let right = self.and()?;
            left = if truth(&left) { left } else { right };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Value, String> {
        let mut left = self.equal()?;
        while self.takes("&&") {
            let right = self.equal()?;
            left = if truth(&left) { right } else { left };
        }
        Ok(left)
    }

    fn equal(&mut self) -> Result<Value, String> {
        let mut left = self.compare()?;
        loop {
            let is_not = if self.takes("==") {
                false
            } else if self.takes("!=") {
                true
            } else {
                return Ok(left);
            };
            let right = self.compare()?;
            left = Value::Bool(is_same(&left, &right) != is_not);
        }
    }

    fn compare(&mut self) -> Result<Value, String> {
        let mut left = self.not()?;
        loop {
            let Some(sign) = ["<=", ">=", "<", ">"].into_iter().find(|sign| self.takes(sign)) else {
                return Ok(left);
            };
            let right = self.not()?;
            let order = match (&left, &right) {
                (Value::String(left), Value::String(right)) => Some(left.to_lowercase().cmp(&right.to_lowercase())),
                _ => as_number(&left).partial_cmp(&as_number(&right)),
            };
            left = Value::Bool(match sign {
                "<=" => order.is_some_and(|order| order.is_le()),
                ">=" => order.is_some_and(|order| order.is_ge()),
                "<" => order.is_some_and(|order| order.is_lt()),
                _ => order.is_some_and(|order| order.is_gt()),
            });
        }
    }

    fn not(&mut self) -> Result<Value, String> {
        let mut n_nots = 0;
        while self.takes("!") {
            n_nots += 1;
        }
        let value = self.member()?;
        Ok(match n_nots {
            0 => value,
            n => Value::Bool(truth(&value) != (n % 2 == 1)),
        })
    }

    fn member(&mut self) -> Result<Value, String> {
        let mut value = self.primary()?;
        loop {
            if self.takes(".") {
                if self.takes("*") {
                    value = every(value);
                    continue;
                }
                let Some(Token::Name(name)) = self.tokens.get(self.at).cloned() else {
                    return Err("a name is missing after the point".to_owned());
                };
                self.at += 1;
                value = part(&value, &name);
            } else if self.takes("[") {
                if self.takes("*") {
                    self.wants("]")?;
                    value = every(value);
                    continue;
                }
                let index = self.or()?;
                self.wants("]")?;
                value = match (&value, &index) {
                    (Value::Array(items), Value::Number(n)) => {
                        n.as_u64().and_then(|n| items.get(n as usize)).cloned().unwrap_or(Value::Null)
                    }
                    _ => part(&value, &text_of(&index)),
                };
            } else {
                return Ok(value);
            }
        }
    }

    fn primary(&mut self) -> Result<Value, String> {
        if self.takes("(") {
            let value = self.or()?;
            self.wants(")")?;
            return Ok(value);
        }
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        match token {
            Some(Token::Literal(value)) => Ok(value),
            Some(Token::Name(name)) => {
                if !self.takes("(") {
                    let known = self.scope.context(&name.to_lowercase());
                    return known.ok_or_else(|| format!("{name} can not be told here"));
                }
                let mut args = Vec::new();
                if !self.takes(")") {
                    loop {
                        args.push(self.or()?);
                        if self.takes(")") {
                            break;
                        }
                        self.wants(",")?;
                    }
                }
                call(&name, &args, self.scope)
            }
            Some(token) => Err(format!("{token:?} is not expected")),
            None => Err("it ends too early".to_owned()),
        }
    }
}

/// Of an object the value with this name, of the items of a filter each of them.
fn part(value: &Value, name: &str) -> Value {
    match value {
        Value::Object(map) => {
            let any_case = || {
                map.iter()
                    .find(|(known, _)| known.eq_ignore_ascii_case(name))
                    .map(|(_, value)| value)
            };
            map.get(name).or_else(any_case).cloned().unwrap_or(Value::Null)
        }
        Value::Array(items) => items
            .iter()
            .map(|item| part(item, name))
            .filter(|item| !item.is_null())
            .collect(),
        _ => Value::Null,
    }
}

fn every(value: Value) -> Value {
    match value {
        Value::Object(map) => map.into_iter().map(|(_, value)| value).collect(),
        Value::Array(items) => Value::Array(items),
        _ => Value::Array(Vec::new()),
    }
}

fn as_number(value: &Value) -> f64 {
    match value {
        Value::Null => 0.0,
        Value::Bool(is) => f64::from(u8::from(*is)),
        Value::Number(n) => n.as_f64().unwrap_or(f64::NAN),
        Value::String(text) if text.trim().is_empty() => 0.0,
        Value::String(text) => text.trim().parse().unwrap_or(f64::NAN),
        Value::Array(_) | Value::Object(_) => f64::NAN,
    }
}

fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(left), Value::String(right)) => left.to_lowercase() == right.to_lowercase(),
        (Value::Array(_) | Value::Object(_), Value::Array(_) | Value::Object(_)) => left == right,
        _ => as_number(left) == as_number(right),
    }
}

fn call(name: &str, args: &[Value], scope: &dyn Scope) -> Result<Value, String> {
    let arg = |at: usize| args.get(at).cloned().unwrap_or(Value::Null);
    let text = |at: usize| text_of(&arg(at));
    let low = |at: usize| text(at).to_lowercase();
    Ok(match name.to_lowercase().as_str() {
        "contains" => match arg(0) {
            Value::Array(items) => Value::Bool(items.iter().any(|item| is_same(item, &arg(1)))),
            _ => Value::Bool(low(0).contains(&low(1))),
        },
        "startswith" => Value::Bool(low(0).starts_with(&low(1))),
        "endswith" => Value::Bool(low(0).ends_with(&low(1))),
        "format" => Value::String(formatted(&text(0), &args[1.min(args.len())..])?),
        "join" => {
            let separator = args.get(1).map_or_else(|| ",".to_owned(), text_of);
            match arg(0) {
                Value::Array(items) => Value::String(items.iter().map(text_of).collect::<Vec<_>>().join(&separator)),
                other => Value::String(text_of(&other)),
            }
        }
        "tojson" => Value::String(serde_json::to_string_pretty(&arg(0)).unwrap_or_default()),
        "fromjson" => serde_json::from_str(&text(0)).map_err(|error| format!("fromJSON: {error}"))?,
        "case" => {
            let pair = args.chunks(2).find(|pair| pair.len() == 1 || truth(&pair[0]));
            pair.and_then(|pair| pair.last()).cloned().unwrap_or(Value::Null)
        }
        other => {
            return scope
                .call(other, args)
                .unwrap_or_else(|| Err(format!("{name}() can not be told here")));
        }
    })
}

fn formatted(pattern: &str, args: &[Value]) -> Result<String, String> {
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' | '}' if chars.peek() == Some(&c) => {
                chars.next();
                out.push(c);
            }
            '{' => {
                let digits: String = std::iter::from_fn(|| chars.next_if(char::is_ascii_digit)).collect();
                let arg = digits.parse::<usize>().ok().and_then(|at| args.get(at));
                let (Some(arg), Some('}')) = (arg, chars.next()) else {
                    return Err(format!("format: {pattern}"));
                };
                out.push_str(&text_of(arg));
            }
            c => out.push(c),
        }
    }
    Ok(out)
}
