//! What is said to a visitor, and in which language.

/// The languages that are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    French,
}

impl Language {
    /// The one a browser prefers, from its `Accept-Language` header (RFC 9110, 12.5.4); English when it says nothing useful.
    pub fn preferred(accept: &str) -> Self {
        let mut best = (Self::English, 0.0);
        for part in accept.split(',') {
            let (tag, quality) = part.split_once(";q=").unwrap_or((part, "1"));
            let quality = quality.trim().parse().unwrap_or(0.0_f32);
            let language = match tag.trim().split('-').next() {
                Some("fr") => Self::French,
                Some("en") => Self::English,
                _ => continue,
            };
            if quality > best.1 {
                best = (language, quality);
            }
        }
        best.0
    }
}

/// Longer names are not greeted, in characters.
pub const LONGEST_NAME: usize = 40;

/// The greeting for somebody whose name is known.
pub fn greet_by_name(language: Language, name: &str) -> String {
    match language {
        Language::English => format!("Hello, {name}!\n"),
        Language::French => format!("Bonjour {name} !\n"),
    }
}

/// The name in a piece of a path: percent encoding read, and nothing but letters, spaces, hyphens and apostrophes.
pub fn name(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (digits, tail) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = tail;
    }
    let name = String::from_utf8(bytes).ok()?;
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
    let plain = name
        .chars()
        .all(|letter| letter.is_alphabetic() || " -'".contains(letter));
    (fits && plain).then_some(name)
}

/// The greeting, with the place where it is said.
pub fn greet(language: Language, place: &str) -> String {
    match language {
        Language::English => format!("Hello from {place}!\n"),
        Language::French => format!("Bonjour depuis {place} !\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_when_nobody_says() {
        assert_eq!(Language::preferred(""), Language::English);
        assert_eq!(Language::preferred("de, *;q=0.5"), Language::English);
    }

    #[test]
    fn the_highest_quality_wins() {
        assert_eq!(Language::preferred("fr"), Language::French);
        assert_eq!(
            Language::preferred("fr-CA,fr;q=0.9,en;q=0.8"),
            Language::French
        );
        assert_eq!(
            Language::preferred("en-GB;q=0.9, fr;q=0.4"),
            Language::English
        );
        assert_eq!(Language::preferred("fr;q=nonsense"), Language::English);
    }

    #[test]
    fn a_name_is_greeted() {
        assert_eq!(greet_by_name(Language::English, "Anne"), "Hello, Anne!\n");
        assert_eq!(greet_by_name(Language::French, "Anne"), "Bonjour Anne !\n");
    }

    #[test]
    fn a_name_is_decoded() {
        assert_eq!(name("Ma%C3%ABlle").as_deref(), Some("Maëlle"));
        assert_eq!(name("Jean-Luc%20d'Arc").as_deref(), Some("Jean-Luc d'Arc"));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long = "a".repeat(LONGEST_NAME + 1);
        for nonsense in ["", "%", "%4", "%zz", "%ff", "%0A", "<b>", &long] {
            assert_eq!(name(nonsense), None, "{nonsense:?}");
        }
    }

    #[test]
    fn the_place_is_named() {
        assert_eq!(greet(Language::English, "staging"), "Hello from staging!\n");
        assert_eq!(
            greet(Language::French, "production"),
            "Bonjour depuis production !\n"
        );
    }
}
