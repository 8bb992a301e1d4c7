//! Texts: messages as plain data (key and values), and the catalog that says them in English or French.
//! The catalog is compiled in from `resources/locales`; no text stands in code.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

/// A value inside a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Arg {
    Number(f64),
    Text(String),
}

macro_rules! arg_from_number {
    ($($t:ty),*) => { $(impl From<$t> for Arg { fn from(n: $t) -> Self { Self::Number(n as f64) } })* };
}
arg_from_number!(f64, f32, u8, u16, u32, u64, usize, i32, i64);

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}
impl From<Cow<'_, str>> for Arg {
    fn from(text: Cow<'_, str>) -> Self {
        Self::Text(text.into_owned())
    }
}
impl From<super::SafeText> for Arg {
    fn from(text: super::SafeText) -> Self {
        Self::Text(text.into_string())
    }
}
impl From<&std::path::Path> for Arg {
    fn from(path: &std::path::Path) -> Self {
        Self::Text(super::SafeText::from_bytes(path.as_os_str().as_encoded_bytes()).into_string())
    }
}
impl From<&std::path::PathBuf> for Arg {
    fn from(path: &std::path::PathBuf) -> Self {
        path.as_path().into()
    }
}

/// A message as data: it is put into words where it is shown, in the reader's language. Made by `msg!`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Msg {
    pub key: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<(Cow<'static, str>, Arg)>,
}

impl Msg {
    pub fn new(key: &'static str) -> Self {
        Self {
            key: key.into(),
            args: Vec::new(),
        }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<Arg>) -> Self {
        self.args.push((name.into(), value.into()));
        self
    }

    /// Foreign words as they are, made safe.
    pub fn verbatim(text: &str) -> Self {
        crate::msg!("verbatim", text = super::SafeText::new(text).into_string())
    }
}

/// A small letter without its marks; anything else as it is.
pub fn without_marks(c: char) -> char {
    match c {
        'à' | 'á' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ò' | 'ó' | 'ô' | 'ö' | 'õ' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        'ÿ' => 'y',
        c => c,
    }
}

/// The letters that a small one is written with where a keyboard has no other: `œ` is `oe`, `é` is `e`.
pub fn plain_letters(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        'œ' => ('o', Some('e')),
        'æ' => ('a', Some('e')),
        'ß' => ('s', Some('s')),
        c => (without_marks(c), None),
    };
    std::iter::once(first).chain(second)
}

/// Words as in a shell, quotes kept together; nothing is expanded.
pub fn split_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = None::<String>;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// The languages that are complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    #[default]
    En,
    Fr,
}

impl Lang {
    pub const ALL: [Self; 2] = [Self::En, Self::Fr];

    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }

    /// The one that the system speaks, by its variables.
    pub fn spoken(variable: impl Fn(&str) -> Option<String>) -> Self {
        let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
        let code = names
            .into_iter()
            .find_map(|name| variable(name).filter(|code| !code.is_empty()));
        Self::from_code(&code.unwrap_or_default())
    }

    /// Reads `fr`, `fr_CA.UTF-8`, `en-GB`; anything else is English.
    pub fn from_code(code: &str) -> Self {
        if code.to_ascii_lowercase().starts_with("fr") {
            Self::Fr
        } else {
            Self::En
        }
    }
}

macro_rules! locale_files {
    ($lang:literal) => {
        [
            include_str!(concat!("../../resources/locales/", $lang, "/common.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/shell.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/cli.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/adapters.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/devops.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/terminal.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/plan.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/plan_modules.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/plan_items.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/code.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/code_branching.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/code_trees.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/build.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/bisect.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/ci.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/timeline.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/docker.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/test.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/release.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/deploy.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/deploy_plan.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/deploy_rehearsal.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/operate.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/host.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/monitor.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/monitor_watch.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/config.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/secrets.ftl")),
            include_str!(concat!("../../resources/locales/", $lang, "/help.ftl")),
        ]
    };
}

/// Says messages in one language. Cheap to clone.
#[derive(Clone)]
pub struct Catalog {
    lang: Lang,
    bundle: Arc<FluentBundle<FluentResource>>,
    /// Milliseconds until something that was told reads otherwise, because time goes on; shared by all copies.
    changes_in: Arc<AtomicU32>,
}

/// Nothing that was told changes by itself.
const NEVER: u32 = u32::MAX;

impl Catalog {
    /// What was told now reads otherwise in so many seconds.
    pub(super) fn changes_in(&self, secs: f64) {
        self.changes_in.fetch_min((secs * 1000.0) as u32, Ordering::Relaxed);
    }

    /// In how many seconds the first of all that was told since the last call reads otherwise; None where no age was among it.
    pub fn take_change_secs(&self) -> Option<f64> {
        let millis = self.changes_in.swap(NEVER, Ordering::Relaxed);
        (millis != NEVER).then_some(f64::from(millis) / 1000.0)
    }

    pub fn new(lang: Lang) -> Self {
        static BUNDLES: [OnceLock<Arc<FluentBundle<FluentResource>>>; 2] = [OnceLock::new(), OnceLock::new()];
        let bundle = BUNDLES[lang as usize].get_or_init(|| Arc::new(load(lang)));
        Self {
            lang,
            bundle: Arc::clone(bundle),
            changes_in: Arc::new(AtomicU32::new(NEVER)),
        }
    }

    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// The text of a key without values; the key itself when there is none, which a test forbids.
    pub fn t(&self, key: &str) -> Cow<'_, str> {
        self.format(key, None)
    }

    pub fn msg(&self, msg: &Msg) -> String {
        if msg.args.is_empty() {
            return self.t(&msg.key).into_owned();
        }
        let mut args = FluentArgs::with_capacity(msg.args.len());
        for (name, value) in &msg.args {
            let value = match value {
                Arg::Number(n) => FluentValue::from(*n),
                Arg::Text(text) => FluentValue::from(text.as_str()),
            };
            args.set(name.as_ref(), value);
        }
        self.format(&msg.key, Some(&args)).into_owned()
    }

    fn format<'a>(&'a self, key: &str, args: Option<&'a FluentArgs<'_>>) -> Cow<'a, str> {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return Cow::Owned(key.to_owned());
        };
        let mut errors = Vec::new();
        Cow::Owned(self.bundle.format_pattern(pattern, args, &mut errors).into_owned())
    }

    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    pub fn decimal_sign(&self) -> &'static str {
        match self.lang {
            Lang::En => ".",
            Lang::Fr => ",",
        }
    }

    pub fn group_separator(&self) -> &'static str {
        match self.lang {
            Lang::En => ",",
            Lang::Fr => "\u{202f}",
        }
    }
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Catalog({})", self.lang.code())
    }
}

/// Numbers inside messages are grouped and written in the language's way.
fn load(lang: Lang) -> FluentBundle<FluentResource> {
    let sources = match lang {
        Lang::En => locale_files!("en"),
        Lang::Fr => locale_files!("fr"),
    };
    let id: unic_langid::LanguageIdentifier = lang.code().parse().expect("both codes are well-formed");
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match lang {
        Lang::En => |value: &FluentValue<'_>, _: &_| format_number(value, ".", ","),
        Lang::Fr => |value: &FluentValue<'_>, _: &_| format_number(value, ",", "\u{202f}"),
    }));
    for source in sources {
        // A broken line loses that message only; a test reads every file and names the line.
        let resource = match FluentResource::try_new(source.to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
    }
    bundle
}

fn format_number(value: &FluentValue<'_>, decimal_sign: &str, group_separator: &str) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let text = format!("{}", number.value);
    let (whole, fraction) = text
        .split_once('.')
        .map_or((text.as_str(), None), |(whole, fraction)| (whole, Some(fraction)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut out = String::from(sign);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push_str(group_separator);
        }
        out.push(c);
    }
    if let Some(fraction) = fraction {
        out.push_str(decimal_sign);
        out.push_str(fraction);
    }
    Some(out)
}

/// Edits between two short words (Levenshtein).
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(80).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
