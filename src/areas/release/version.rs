//! Which version comes next: Semantic Versioning 2.0.0 over the tags and changes. Pure.

use super::{Change, Level, Next};
pub use crate::areas::devops::version_tags::{USUAL_TAG, behind_series, of_tag, pattern_in, tag_for};
use crate::base::Problem;
use crate::msg;
use semver::Version;

/// The channel of versions that are no pre-releases.
pub const STABLE: &str = "stable";
/// The version that a file means: semantic, or of Python's kind (PEP 440), whose `8.5.0.dev` and `8.5.0rc1` come before 8.5.0
/// and are on the way to it.
pub fn of_file(text: &str) -> Option<Version> {
    if let Ok(version) = Version::parse(text) {
        return Some(version);
    }
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let is_before = ["a", "b", "c", "rc", "dev", ".dev"].iter().any(|word| {
        let rest = text[..end].strip_suffix('.').map_or(&text[end..], |_| &text[end - 1..]);
        rest.strip_prefix(word)
            .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
    });
    if end < text.len() && !is_before {
        return None;
    }
    let mut numbers = text[..end].trim_end_matches('.').split('.').map(str::parse::<u64>);
    let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    let patch = numbers.next().transpose().ok()?.unwrap_or(0);
    numbers.next().is_none().then(|| Version::new(major, minor, patch))
}

/// What the user typed: a version, with or without `v`.
pub fn parse(text: &str) -> Result<Version, Problem> {
    let text = text.trim();
    let number = text.strip_prefix('v').unwrap_or(text);
    // The series in front of the version of one of Odoo's modules is none of its numbers.
    let number = behind_series(number).map_or(number, |(len, _)| &number[len..]);
    Version::parse(number).map_err(|error| {
        Problem::user(msg!("release-bad-version", text = text))
            .details(error)
            .hint(msg!("release-bad-version-hint"))
            .code("bad-version")
    })
}

/// The version after `from`. Below 1.0.0 a breaking change moves the second number and nothing moves the first one.
/// A pre-release becomes the release it was leading to.
pub fn bump(from: &Version, level: Level) -> Version {
    let mut next = Version::new(from.major, from.minor, from.patch);
    if !from.pre.is_empty()
        && (level == Level::Patch || next.patch == 0)
        && (level != Level::Major || next.minor == 0 || next.major == 0)
    {
        return next;
    }
    match level {
        Level::Major if from.major > 0 => next = Version::new(from.major + 1, 0, 0),
        Level::Major | Level::Minor => next = Version::new(from.major, from.minor + 1, 0),
        Level::Patch => next.patch += 1,
    }
    next
}

/// The version that was asked for by the word: a major one is 1.0.0 where there was none yet, because who asks for it means it.
pub fn bump_asked(from: &Version, level: Level) -> Version {
    match level {
        Level::Major if from.major == 0 => Version::new(1, 0, 0),
        _ => bump(from, level),
    }
}

/// What a pre-release leads to.
pub fn numbers(version: &Version) -> Version {
    Version::new(version.major, version.minor, version.patch)
}

/// The channel of a version: the first word of its pre-release, `stable` without one.
pub fn channel(version: &Version) -> &str {
    match version.pre.split('.').next() {
        None | Some("") => STABLE,
        Some(name) => name,
    }
}

/// The next pre-release of a channel: after `newest`, the version that it leads to is moved by the changes since then.
pub fn pre(newest: Option<&Version>, in_files: Option<&Version>, changes: &[Change], name: &str) -> Result<Next, Problem> {
    let name = name.trim();
    let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && name.chars().any(|c| c.is_ascii_alphabetic());
    if !is_word || name == STABLE {
        return Err(Problem::user(msg!("release-bad-channel", name = name))
            .code("bad-version")
            .hint(msg!("release-bad-channel-hint")));
    }
    let found = next(
        newest,
        in_files.filter(|version| newest.is_none_or(|newest| *version > newest)),
        changes,
    );
    let mut next = match (found, newest) {
        // The same commits under a later channel: a beta becomes a release candidate.
        (Err(problem), Some(newest))
            if problem.code == "nothing-to-release" && !newest.pre.is_empty() && channel(newest) < name =>
        {
            Next {
                version: numbers(newest).to_string(),
                level: None,
                why: msg!("release-why-pre", last = newest.to_string()),
            }
        }
        (found, _) => found?,
    };
    let base = numbers(&parse(&next.version)?);
    let same = newest.filter(|newest| channel(newest) == name && numbers(newest) == base);
    let n = same.and_then(|newest| newest.pre.rsplit('.').next()?.parse::<u64>().ok());
    next.version = format!("{base}-{name}.{}", n.map_or(1, |n| n + 1));
    Ok(next)
}

/// Never below the pre-release that was made last: what it leads to is the next version.
pub fn not_below(next: Result<Next, Problem>, newest: Option<&Version>) -> Result<Next, Problem> {
    let Some(newest) = newest.filter(|newest| !newest.pre.is_empty()) else {
        return next;
    };
    let leads_to = numbers(newest);
    let level = match next {
        Ok(next) if Version::parse(&next.version).is_ok_and(|version| version >= leads_to) => return Ok(next),
        Ok(next) => next.level,
        Err(problem) if problem.code == "nothing-to-release" => None,
        Err(problem) => return Err(problem),
    };
    Ok(Next {
        version: leads_to.to_string(),
        level,
        why: msg!("release-why-pre", last = newest.to_string()),
    })
}

/// The largest level of the changes; None when none of them is for users.
pub fn level_of(changes: &[Change]) -> Option<Level> {
    changes.iter().filter_map(|change| change.level).max()
}

/// The next version and why. `last` is that of the last tag, `in_files` what the version files say now.
pub fn next(last: Option<&Version>, in_files: Option<&Version>, changes: &[Change]) -> Result<Next, Problem> {
    let Some(last) = last else {
        let first = in_files.filter(|version| **version > Version::new(0, 0, 0)).cloned();
        let version = first.unwrap_or(Version::new(0, 1, 0));
        return Ok(Next {
            version: version.to_string(),
            level: None,
            why: msg!("release-why-first"),
        });
    };
    let level = level_of(changes);
    if let Some(ahead) = in_files.filter(|version| *version > last) {
        let computed = level.map(|level| bump(last, level));
        if computed.is_none_or(|computed| *ahead >= computed) {
            return Ok(Next {
                version: ahead.to_string(),
                level,
                why: msg!("release-why-files-ahead", version = ahead.to_string()),
            });
        }
    }
    let Some(level) = level else {
        return Err(
            Problem::user(msg!("release-nothing", last = last.to_string(), n = changes.len()))
                .code("nothing-to-release")
                .hint(msg!("release-nothing-hint")),
        );
    };
    let deciding = changes.iter().filter(|change| change.level == Some(level)).count();
    let why = match level {
        Level::Major if last.major == 0 => msg!("release-why-breaking-zero", n = deciding),
        Level::Major => msg!("release-why-breaking", n = deciding),
        Level::Minor => msg!("release-why-feature", n = deciding),
        Level::Patch => msg!("release-why-fix", n = deciding),
    };
    Ok(Next {
        version: bump(last, level).to_string(),
        level: Some(level),
        why,
    })
}
