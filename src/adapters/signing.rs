//! Signatures in the format of minisign, made with the user's own key and checked with the public one.

use super::files;
use super::masks::Masks;
use crate::base::Problem;
use crate::msg;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use minisign::{PublicKey, SecretKey, SecretKeyBox, SignatureBox};
use std::io::Cursor;
use std::path::Path;

/// Where the password of an encrypted key is looked for: never on a command line.
pub const PASSWORD_VAR: &str = "CHANTIER_SIGN_PASSWORD";
/// In a secret key, behind the two letters of the algorithm.
const NO_PASSWORD: [u8; 2] = [0, 0];
/// Keys and signatures are a few lines.
const MAX_BYTES: u64 = 64 << 10;

/// The password of the key, where the surroundings have one; from now on it is masked in everything that is shown.
pub fn password(masks: &Masks) -> Option<String> {
    let password = std::env::var(PASSWORD_VAR).ok()?;
    masks.add(&password);
    Some(password)
}

/// The signature of some content. `comment` is signed too.
pub fn sign(key: &Path, password: Option<String>, content: &[u8], comment: &str) -> Result<String, Problem> {
    let wrong = |error: &dyn std::fmt::Display| {
        Problem::config(msg!("sign-key-wrong", path = key))
            .code("sign-key")
            .details(error)
            .hint(msg!("sign-key-wrong-hint"))
    };
    let text = files::read_text(key, MAX_BYTES)?;
    // minisign itself leaves the checksum of a key without a password empty, which the library's reader of boxes refuses.
    let bytes = text
        .lines()
        .nth(1)
        .and_then(|line| BASE64.decode(line.trim()).ok())
        .unwrap_or_default();
    let read = SecretKey::from_bytes(&bytes).map_err(|error| wrong(&error))?;
    let has_password = bytes.get(2..4) != Some(&NO_PASSWORD);
    let secret = match password {
        _ if !has_password => read,
        Some(password) => SecretKeyBox::from_string(&text)
            .and_then(|boxed| boxed.into_secret_key(Some(password)))
            .map_err(|error| match error.kind() {
                minisign::ErrorKind::Verify => Problem::config(msg!("sign-password-wrong", path = key))
                    .code("sign-key")
                    .hint(msg!("sign-password-wrong-hint")),
                _ => wrong(&error),
            })?,
        // Without one the library would ask for it on the terminal.
        None => {
            return Err(Problem::config(msg!("sign-password-missing", path = key))
                .code("sign-key")
                .hint(msg!("sign-password-missing-hint", variable = PASSWORD_VAR)));
        }
    };
    let public = PublicKey::from_secret_key(&secret).map_err(|error| wrong(&error))?;
    let signed =
        minisign::sign(Some(&public), &secret, Cursor::new(content), Some(comment), None).map_err(|error| wrong(&error))?;
    Ok(signed.into_string())
}

/// Whether the signature is that of these bytes, made with the key that belongs to the public one. The comment that was signed.
pub fn verify(public_key: &str, bytes: &[u8], signature: &str) -> Result<String, Problem> {
    let key = public_key.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    let key = PublicKey::from_base64(key.trim()).map_err(|error| {
        Problem::config(msg!("sign-public-wrong"))
            .code("sign-key")
            .details(error)
            .hint(msg!("sign-public-wrong-hint"))
    })?;
    let bad = |error: &dyn std::fmt::Display| Problem::environment(msg!("sign-bad")).code("bad-signature").details(error);
    let signature = SignatureBox::from_string(signature).map_err(|error| bad(&error))?;
    minisign::verify(&key, &signature, Cursor::new(bytes), true, false, false).map_err(|error| bad(&error))?;
    signature.trusted_comment().map_err(|error| bad(&error))
}
