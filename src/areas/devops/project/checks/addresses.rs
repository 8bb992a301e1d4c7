//! What an address and a path into JSON may look like, known before anything is asked.

/// Nothing in it that no address may have: a space, or letters that a name server does not know (`bücher` is `xn--bcher-kva` there).
pub(in crate::areas::devops::project) fn is_plain_address(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    host.is_ascii() && !url.contains(char::is_whitespace)
}

/// Every place in brackets is a number, and every bracket is closed.
pub(super) fn is_path(path: &str) -> bool {
    path.trim_start_matches("$.").split('.').all(|part| {
        let Some((_, mut places)) = part.split_once('[') else {
            return !part.contains(']');
        };
        loop {
            let Some((place, rest)) = places.split_once(']') else {
                return false;
            };
            if place.trim().parse::<usize>().is_err() {
                return false;
            }
            match rest.strip_prefix('[') {
                Some(more) => places = more,
                None => return rest.is_empty(),
            }
        }
    })
}

pub(in crate::areas::devops::project) fn has_port(address: &str) -> bool {
    address.contains('{')
        || address
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}
