//! What an address and a path into JSON may look like, known before anything is asked.

/// Nothing in it that no address may have: a space, or letters that a name server does not know (`bücher` is `xn--bcher-kva` there).
pub(in crate::areas::devops::project) fn is_plain_address(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    host.is_ascii() && !url.contains(char::is_whitespace)
}

/// A step into JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathPart {
    Name(String),
    Place(usize),
}

/// The steps of a path like `queue.jobs[0]["a.b"]`: a name that has dots or brackets stands in quotes. None where it is no path.
pub fn path_parts(path: &str) -> Option<Vec<PathPart>> {
    let mut parts = Vec::new();
    let mut rest = path.trim_start_matches("$.");
    while !rest.is_empty() {
        let Some(inner) = rest.strip_prefix('[') else {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            let (name, after) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
            if name.contains(']') {
                return None;
            }
            if !name.is_empty() {
                parts.push(PathPart::Name(name.to_owned()));
            }
            rest = after;
            continue;
        };
        let quote = inner.chars().next().filter(|c| matches!(c, '"' | '\''));
        rest = if let Some(quote) = quote {
            let (name, after) = inner[1..].split_once(quote)?;
            parts.push(PathPart::Name(name.to_owned()));
            after.strip_prefix(']')?
        } else {
            let (place, after) = inner.split_once(']')?;
            parts.push(PathPart::Place(place.trim().parse().ok()?));
            after
        };
        if !rest.is_empty() && !rest.starts_with(['.', '[']) {
            return None;
        }
    }
    Some(parts)
}

pub(in crate::areas::devops::project) fn has_port(address: &str) -> bool {
    address.contains('{')
        || address
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}
