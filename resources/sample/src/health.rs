//! Is this instance fit to serve? The one question a deployment asks before it sends visitors.

use crate::settings::Settings;

/// The settings without which this version cannot serve.
pub const REQUIRED: &[&str] = &[];

/// The required settings that are not there; empty means healthy.
pub fn missing<'a>(required: &[&'a str], settings: &Settings) -> Vec<&'a str> {
    required
        .iter()
        .copied()
        .filter(|name| settings.get(name).is_none())
        .collect()
}

/// Status and text of the answer to `/health`.
pub fn answer(missing: &[&str]) -> (u16, String) {
    match missing {
        [] => (200, "ok\n".to_owned()),
        _ => (503, format!("missing setting: {}\n", missing.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_missing_is_healthy() {
        let settings = Settings::from_pairs(REQUIRED.iter().map(|name| (*name, "set")));
        assert_eq!(
            answer(&missing(REQUIRED, &settings)),
            (200, "ok\n".to_owned())
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let settings = Settings::from_pairs([("BONJOUR_A", "1"), ("BONJOUR_B", "")]);
        let missing = missing(&["BONJOUR_A", "BONJOUR_B", "BONJOUR_C"], &settings);
        assert_eq!(missing, ["BONJOUR_B", "BONJOUR_C"]);
        assert_eq!(
            answer(&missing),
            (503, "missing setting: BONJOUR_B, BONJOUR_C\n".to_owned())
        );
    }
}
