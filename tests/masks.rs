//! Secrets are masked in every encoding and across every border, and nothing else is.

use base64::Engine as _;
use chantier::adapters::masks::{MASK, Masks};

const SECRETS: [&str; 4] = [
    "s3cr3t",
    "pa$$ word/with \"every\" kind&of<sign>\\",
    "ключ-от-дома",
    "-----BEGIN KEY-----\nabcdefgh12345678\nijklmnop87654321\n-----END KEY-----",
];

fn masks() -> Masks {
    let masks = Masks::new();
    for secret in SECRETS {
        assert!(masks.add(secret));
    }
    masks
}

/// The ways in which programs write a value, made without the code under test.
fn encodings(secret: &str) -> Vec<(String, String)> {
    let mut all = vec![("plain".to_owned(), secret.to_owned())];
    let hex = |upper: bool| {
        secret
            .bytes()
            .map(|b| if upper { format!("{b:02X}") } else { format!("{b:02x}") })
            .collect::<String>()
    };
    all.push(("hex".into(), hex(false)));
    all.push(("HEX".into(), hex(true)));
    for before in ["", "x", "xy", "xyz"] {
        for after in ["", "1", "12"] {
            let text = format!("{before}{secret}{after}");
            all.push((
                format!("base64 {before}/{after}"),
                base64::engine::general_purpose::STANDARD.encode(&text),
            ));
            all.push((
                format!("base64url {before}/{after}"),
                base64::engine::general_purpose::URL_SAFE.encode(&text),
            ));
        }
    }
    let percent = |keep: &str| {
        secret
            .bytes()
            .map(|b| {
                if b.is_ascii_alphanumeric() || keep.as_bytes().contains(&b) {
                    char::from(b).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect::<String>()
    };
    all.push(("url".into(), percent("-._~")));
    all.push(("url component".into(), percent("-._~!'()*")));
    all.push(("form".into(), percent("-._~*").replace("%20", "+")));
    let json = serde_json::to_string(secret).unwrap();
    all.push(("json".into(), json.trim_matches('"').to_owned()));
    all.push(("debug".into(), format!("{secret:?}")));
    all
}

/// What of the secret itself may not be found in any encoding's masked text.
fn cores(secret: &str, encoded: &str) -> Vec<String> {
    let mut cores = vec![secret.to_owned()];
    // The middle of the encoded text depends on the secret alone.
    let chars: Vec<char> = encoded.chars().collect();
    if chars.len() >= 14 {
        cores.push(chars[4..chars.len() - 6].iter().collect());
    }
    cores
}

#[test]
fn every_encoding_is_masked_whole_and_in_any_two_pieces() {
    let masks = masks();
    for secret in SECRETS {
        for (name, encoded) in encodings(secret) {
            let text = format!("before {encoded} after\n");
            let whole = masks.mask_str(&text).into_owned();
            assert!(whole.contains(MASK), "{name} of {secret}: {whole}");
            assert!(whole.starts_with("before ") && whole.ends_with(" after\n"), "{name}: {whole}");
            for core in cores(secret, &encoded) {
                assert!(!whole.contains(&core), "{name} of {secret}: {whole}");
            }
            let bytes = text.as_bytes();
            for cut in 0..=bytes.len() {
                let mut out = Vec::new();
                let mut stream = masks.stream();
                for piece in [&bytes[..cut], &bytes[cut..]] {
                    stream.push(piece, |safe| out.extend_from_slice(safe));
                }
                stream.finish(|safe| out.extend_from_slice(safe));
                assert_eq!(String::from_utf8_lossy(&out), whole, "{name} of {secret} cut at {cut}");
            }
            let mut out = Vec::new();
            let mut stream = masks.stream();
            for byte in bytes {
                stream.push(&[*byte], |safe| out.extend_from_slice(safe));
            }
            stream.finish(|safe| out.extend_from_slice(safe));
            assert_eq!(String::from_utf8_lossy(&out), whole, "{name} of {secret} byte by byte");
        }
    }
}

#[test]
fn a_line_of_a_secret_of_several_lines_is_masked_alone() {
    let text = masks().mask_str("  abcdefgh12345678  and ijklmnop87654321").into_owned();
    assert_eq!(text, "  ***  and ***");
}

#[test]
fn short_values_and_other_text_stay() {
    let masks = masks();
    assert!(!masks.add("short") && !masks.add("  five5\n  ".trim_end().get(..6).unwrap_or("")));
    let text = "short s3cr3 s3cr 3cr3t ordinary words, 100 % harmless";
    assert_eq!(masks.mask_str(text), text);
    assert!(matches!(masks.mask_str(text), std::borrow::Cow::Borrowed(_)));
}

#[test]
fn secrets_within_and_over_each_other_leave_nothing() {
    let masks = Masks::new();
    for secret in ["abcdef", "abcdefghij", "defghijklm", "aaaaaa"] {
        masks.add(secret);
    }
    for (text, expected) in [
        ("abcdef", "***"),
        ("abcdefghij", "***"),
        ("abcdefghijklm", "***"),
        ("abcdefg", "***g"),
        ("abcdefghi!", "***ghi!"),
        ("xdefghijklmx", "x***x"),
        ("aaaaaaaaaaaaaa", "***"),
        ("abcdefabcdef", "******"),
    ] {
        assert_eq!(masks.mask_str(text), expected);
        for cut in 0..text.len() {
            let mut out = Vec::new();
            let mut stream = masks.stream();
            stream.push(&text.as_bytes()[..cut], |safe| out.extend_from_slice(safe));
            stream.push(&text.as_bytes()[cut..], |safe| out.extend_from_slice(safe));
            stream.finish(|safe| out.extend_from_slice(safe));
            assert_eq!(String::from_utf8_lossy(&out), expected, "{text} cut at {cut}");
        }
    }
}

#[test]
fn nothing_is_held_back_that_can_be_no_secret() {
    let masks = masks();
    let mut stream = masks.stream();
    let mut out = Vec::new();
    stream.push(b"progress 10%\r", |safe| out.extend_from_slice(safe));
    assert_eq!(out, b"progress 10%\r");
    stream.push(b"s3cr", |safe| out.extend_from_slice(safe));
    assert_eq!(out, b"progress 10%\r", "held back");
    stream.push(b"e!", |safe| out.extend_from_slice(safe));
    assert_eq!(out, b"progress 10%\rs3cre!");
}

#[test]
fn without_secrets_nothing_is_copied() {
    let masks = Masks::new();
    let chunk = vec![b'x'; 1000];
    let mut is_same = false;
    masks
        .stream()
        .push(&chunk, |safe| is_same = std::ptr::eq(safe, chunk.as_slice()));
    assert!(is_same);
    assert!(masks.is_empty());
    assert_eq!(
        format!("{:?}", {
            masks.add("hidden-value");
            masks
        }),
        "Masks(1)"
    );
}
