//! Hunks staged, unstaged and discarded one by one, compared byte by byte with what `git apply` makes of git's own patch.

use super::fixture::{Fixture, cases, path};
use chantier::base::diff::{DiffLook, DiffOf, HunkRef};
use chantier::base::repo::Which;
use std::process::Command;

/// Lines with and without a line break at the end, with line feeds, carriage returns or both.
pub(crate) fn random_text(rng: &mut fastrand::Rng) -> Vec<u8> {
    let end: &[u8] = if rng.u8(..4) == 0 { b"\r\n" } else { b"\n" };
    let n_lines = rng.usize(..60);
    let mut text: Vec<u8> = (0..n_lines)
        .flat_map(|_| [random_line(rng).as_bytes(), end].concat())
        .collect();
    if rng.u8(..3) == 0 {
        text.truncate(text.len().saturating_sub(end.len()));
    }
    text
}

fn random_line(rng: &mut fastrand::Rng) -> String {
    ["fn a() {", "}", "    let x = 1;", "", "é è", "end", "// more", "    x"][rng.usize(..8)].to_owned()
}

/// A few edits: lines in, out and changed, the last line break taken or given.
pub(crate) fn mutate(rng: &mut fastrand::Rng, text: &[u8]) -> Vec<u8> {
    let end: &[u8] = if text.windows(2).any(|pair| pair == b"\r\n") {
        b"\r\n"
    } else {
        b"\n"
    };
    let mut lines: Vec<Vec<u8>> = text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    for _ in 0..rng.usize(1..5) {
        let at = rng.usize(..=lines.len());
        let line = [format!("{} {}", random_line(rng), rng.u8(..)).as_bytes(), end].concat();
        match rng.u8(..4) {
            0 | 1 => lines.insert(at, line),
            2 if at < lines.len() => drop(lines.remove(at)),
            3 if at < lines.len() => lines[at] = line,
            _ => {}
        }
    }
    let mut text = lines.concat();
    match rng.u8(..6) {
        0 if text.ends_with(end) => text.truncate(text.len() - end.len()),
        1 if !text.is_empty() && !text.ends_with(b"\n") => text.extend_from_slice(end),
        _ => {}
    }
    text
}

/// git's patch, with one of its hunks only. None when git cut the difference in other pieces than libgit2.
fn single_hunk_patch(patch: &[u8], n: usize, range: &str) -> Option<Vec<u8>> {
    let lines: Vec<&[u8]> = patch.split_inclusive(|byte| *byte == b'\n').collect();
    let starts: Vec<usize> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.starts_with(b"@@ "))
        .map(|(at, _)| at)
        .collect();
    let start = *starts.get(n)?;
    let end = starts.get(n + 1).copied().unwrap_or(lines.len());
    if !lines[start].starts_with(range.as_bytes()) {
        return None;
    }
    Some([lines[..starts[0]].concat(), lines[start..end].concat()].concat())
}

fn apply(fixture: &Fixture, folder: &std::path::Path, args: &[&str], patch: &[u8]) {
    let file = fixture.dir.path().join("one.patch");
    std::fs::write(&file, patch).unwrap();
    let mut all = vec!["apply", "--whitespace=nowarn"];
    all.extend(args);
    all.push(file.to_str().unwrap());
    fixture.run_in(folder, &all);
}

/// A committed file with changes, under an odd name or with line breaks that git converts in some cases.
pub(super) struct Changed {
    pub(super) fixture: Fixture,
    pub(super) name: &'static [u8],
    pub(super) converts: bool,
    pub(super) new: Vec<u8>,
}

pub(super) fn changed(rng: &mut fastrand::Rng) -> Changed {
    let fixture = Fixture::new();
    let name: &[u8] = if rng.bool() { b"f.txt" } else { b"b\xffd/f \xfe.txt" };
    let converts = rng.u8(..4) == 0;
    if converts {
        fixture.run(&["config", "core.autocrlf", "true"]);
    }
    let old = random_text(rng);
    fixture.write(name, &old);
    fixture.commit_all("one");
    let new = mutate(rng, &old);
    fixture.write(name, &new);
    Changed {
        fixture,
        name,
        converts,
        new,
    }
}

pub(super) fn staged_of(fixture: &Fixture, folder: &std::path::Path) -> Vec<u8> {
    fixture.run_in(folder, &["ls-files", "-s", "-z"])
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Stage,
    Unstage,
    Discard,
}

fn one_case(rng: &mut fastrand::Rng, act: Act, n_compared: &mut u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let Changed {
        fixture,
        name,
        converts,
        new,
    } = changed(rng);
    if matches!(act, Act::Unstage) {
        fixture.run(&["add", "-A"]);
    }
    let (of, args): (DiffOf, &[&str]) = match act {
        Act::Unstage => (DiffOf::Staged, &["diff", "--cached"]),
        _ => (DiffOf::Unstaged, &["diff"]),
    };
    let Ok(file) = fixture
        .git
        .diff(&fixture.root, &of, &path(name), None, DiffLook::default(), true)
    else {
        return;
    };
    if file.hunks().is_empty() {
        return;
    }
    let n = rng.usize(..file.hunks().len());
    let hunk = &file.hunks()[n];
    let chosen = [if rng.bool() {
        HunkRef::Exact(hunk.id)
    } else {
        HunkRef::Number(n as u32 + 1)
    }];
    let twin = fixture.twin();
    let patch = single_hunk_patch(&fixture.run(args), n, &hunk.range());
    let (repo, at, cancel) = (fixture.repo(), fixture.at(), &fixture.cancel);
    let index_before = staged_of(&fixture, &fixture.root);
    let done = runtime.block_on(async {
        match act {
            Act::Stage => fixture.git.stage_hunks(repo, &path(name), &chosen, at, cancel).await,
            Act::Unstage => fixture.git.unstage_hunks(repo, &path(name), &chosen, at, cancel).await,
            Act::Discard => fixture.git.discard_hunks(repo, &path(name), &chosen, at, cancel).await,
        }
    });
    let done = done.unwrap();
    if let Some(patch) = patch {
        match act {
            Act::Stage => apply(&fixture, &twin, &["--cached"], &patch),
            Act::Unstage => apply(&fixture, &twin, &["--cached", "--reverse"], &patch),
            Act::Discard => apply(&fixture, &twin, &["--reverse"], &patch),
        }
        assert_eq!(staged_of(&fixture, &fixture.root), staged_of(&fixture, &twin), "{act:?}");
        if matches!(act, Act::Discard) && !converts {
            let twins = std::fs::read(twin.join(fixture.path(name).strip_prefix(&fixture.root).unwrap())).unwrap();
            assert_eq!(fixture.read(name), twins);
        }
        *n_compared += 1;
    }
    if !matches!(act, Act::Discard) {
        assert_eq!(fixture.read(name), new, "staging touches no file");
    }
    fixture.fsck();
    runtime
        .block_on(
            fixture
                .git
                .take_back(repo, Which::Entry { id: done.undo.unwrap() }, false, at, cancel),
        )
        .unwrap();
    assert_eq!(fixture.read(name), new, "taken back byte by byte");
    assert_eq!(staged_of(&fixture, &fixture.root), index_before);
    fixture.fsck();
}

fn check(act: Act) {
    let mut n_compared = 0;
    cases(40, |rng| one_case(rng, act, &mut n_compared));
    println!("{n_compared} compared with git apply");
}

#[test]
fn staging_a_hunk_is_git_apply_cached() {
    check(Act::Stage);
}

#[test]
fn unstaging_a_hunk_is_git_apply_cached_reverse() {
    check(Act::Unstage);
}

#[test]
fn discarding_a_hunk_is_git_apply_reverse_and_comes_back() {
    check(Act::Discard);
}

#[tokio::test]
async fn a_hunk_that_changed_meanwhile_is_left_alone() {
    let fixture = Fixture::new();
    fixture.write("f", "1\n2\n3\n");
    fixture.commit_all("one");
    fixture.write("f", "1\nx\n3\n");
    let file = fixture
        .git
        .diff(&fixture.root, &DiffOf::Unstaged, &path("f"), None, DiffLook::default(), false)
        .unwrap();
    fixture.write("f", "1\ny\n3\n");
    let chosen = [HunkRef::Exact(file.hunks()[0].id)];
    let problem = fixture
        .git
        .discard_hunks(fixture.repo(), &path("f"), &chosen, fixture.at(), &fixture.cancel)
        .await
        .unwrap_err();
    assert_eq!(problem.code, "not-found");
    assert_eq!(fixture.read("f"), b"1\ny\n3\n");
    let number = [HunkRef::Number(2)];
    assert!(
        fixture
            .git
            .stage_hunks(fixture.repo(), &path("f"), &number, fixture.at(), &fixture.cancel)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_hunk_with_converted_line_breaks_keeps_the_files_own() {
    let fixture = Fixture::new();
    let lines: Vec<String> = (0..40).map(|n| format!("line {n}\n")).collect();
    fixture.write("f.txt", lines.concat());
    fixture.write(".gitattributes", "*.txt text eol=crlf\n");
    fixture.commit_all("one");
    let crlf = lines.concat().replace('\n', "\r\n");
    fixture.write("f.txt", crlf.replace("line 3\r\n", "").replace("line 30\r\n", "changed\r\n"));
    let chosen = [HunkRef::Number(1)];
    fixture
        .git
        .discard_hunks(fixture.repo(), &path("f.txt"), &chosen, fixture.at(), &fixture.cancel)
        .await
        .unwrap();
    assert_eq!(fixture.read("f.txt"), crlf.replace("line 30\r\n", "changed\r\n").into_bytes());
    assert!(Command::new("true").status().unwrap().success());
}
