//! What the service is told from outside: environment variables, read once.

use std::collections::BTreeMap;

/// The settings by name. Empty values count as not set.
#[derive(Clone, Debug, Default)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// The environment of this process.
    pub fn from_env() -> Self {
        Self::from_pairs(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))
    }

    /// For tests: exactly these.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        )
    }

    /// The value of one setting.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The port to listen on, 8080 when nobody says.
    pub fn port(&self) -> Result<u16, String> {
        let Some(text) = self.get("PORT") else {
            return Ok(8080);
        };
        text.parse()
            .map_err(|_| format!("PORT is {text:?}, which is no port number"))
    }

    /// Where this instance runs, for people: `staging`, `production`, ...
    pub fn place(&self) -> &str {
        self.get("BONJOUR_PLACE").unwrap_or("nowhere in particular")
    }

    /// The commit this instance was built from.
    pub fn commit(&self) -> &str {
        self.get("BONJOUR_COMMIT").unwrap_or("unknown")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_8080_when_nobody_says() {
        assert_eq!(Settings::default().port(), Ok(8080));
        assert_eq!(Settings::from_pairs([("PORT", "")]).port(), Ok(8080));
    }

    #[test]
    fn a_port_that_is_no_number_is_named() {
        assert_eq!(Settings::from_pairs([("PORT", "18081")]).port(), Ok(18081));
        let problem = Settings::from_pairs([("PORT", "eighty")])
            .port()
            .unwrap_err();
        assert!(problem.contains("eighty"), "{problem}");
        assert!(Settings::from_pairs([("PORT", "70000")]).port().is_err());
    }
}
