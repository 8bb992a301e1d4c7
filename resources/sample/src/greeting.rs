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
    fn the_place_is_named() {
        assert_eq!(greet(Language::English, "staging"), "Hello from staging!\n");
        assert_eq!(
            greet(Language::French, "production"),
            "Bonjour depuis production !\n"
        );
    }
}
