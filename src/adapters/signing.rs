//! Signatures in the format of minisign, made with the user's own key and checked with the public one.

use super::files;
use super::masks::Masks;
use crate::base::Problem;
use crate::msg;
use minisign::{PublicKey, SecretKey, SecretKeyBox, SignatureBox};
use std::io::Cursor;
use std::path::Path;

/// Where the password of an encrypted key is looked for: never on a command line.
pub const PASSWORD_VAR: &str = "CHANTIER_SIGN_PASSWORD";
/// Keys and signatures are a few lines.
const MAX_BYTES: u64 = 64 << 10;

/// The password of the key, where the surroundings have one; from now on it is masked in everything that is shown.
pub fn password(masks: &Masks) -> Option<String> {
    let password = std::env::var(PASSWORD_VAR).ok()?;
    masks.add(&password);
    Some(password)
}

/// The signature of some bytes. `comment` is signed too.
pub fn sign(key: &Path, password: Option<String>, bytes: &[u8], comment: &str) -> Result<String, Problem> {
    let wrong = |error: &dyn std::fmt::Display| {
        Problem::config(msg!("sign-key-wrong", path = key))
            .code("sign-key")
            .details(error)
            .hint(msg!("sign-key-wrong-hint"))
    };
    let text = files::read_text(key, MAX_BYTES)?;
    let boxed = || SecretKeyBox::from_string(&text).map_err(|error| wrong(&error));
    // Without a password the library would ask for one on the terminal.
    let secret: SecretKey = match boxed()?.into_unencrypted_secret_key() {
        Ok(secret) => secret,
        Err(_) => match password {
            Some(password) => boxed()?.into_secret_key(Some(password)).map_err(|error| wrong(&error))?,
            None => {
                return Err(Problem::config(msg!("sign-password-missing", path = key))
                    .code("sign-key")
                    .hint(msg!("sign-password-missing-hint", variable = PASSWORD_VAR)));
            }
        },
    };
    let signed = minisign::sign(None, &secret, Cursor::new(bytes), Some(comment), None).map_err(|error| wrong(&error))?;
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
