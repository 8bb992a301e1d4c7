//! Lines staged, unstaged and discarded one by one, compared byte by byte with what `git apply` makes of git's own patch with the
//! other lines taken out; and the view that shows what is staged and what is not in one.

use super::fixture::{Fixture, cases, path};
use super::hunks::{Changed, changed, mutate, random_text, staged_of};
use crate::support::random::n_cases;
use chantier::base::diff::{DiffFile, DiffLine, DiffLook, DiffOf, LineKind, LineRef, LineSide};
use chantier::base::repo::Which;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Stage,
    Unstage,
    Discard,
}

/// Sign and number of every changed line of git's patch.
fn changed_lines(patch: &[u8]) -> Vec<(u8, u32)> {
    let mut lines = Vec::new();
    walk(patch, |sign, no, _| {
        if sign != b' ' {
            lines.push((sign, no));
        }
    });
    lines
}

/// Where `@@ -1,2 +3,4 @@` begins on both sides.
fn first_numbers(head: &[u8]) -> (u32, u32) {
    let text = String::from_utf8_lossy(head).into_owned();
    let first = |word: &str| {
        let mut parts = word[1..].split(',');
        let first: u32 = parts.next().unwrap().parse().unwrap();
        first + u32::from(parts.next() == Some("0"))
    };
    let words: Vec<&str> = text.split(' ').collect();
    (first(words[1]), first(words[2]))
}

/// Calls with sign, number and text of every line of every hunk.
fn walk(patch: &[u8], mut on_line: impl FnMut(u8, u32, &[u8])) {
    let (mut old, mut new) = (0, 0);
    let mut in_hunk = false;
    for line in patch.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b"@@ ") {
            in_hunk = true;
            (old, new) = first_numbers(line);
        } else if in_hunk && line[0] != b'\\' {
            on_line(line[0], if line[0] == b'+' { new } else { old }, line);
            old += u32::from(line[0] != b'+');
            new += u32::from(line[0] != b'-');
        }
    }
}

/// The patch with these lines only, to be applied forwards or backwards.
fn narrowed(patch: &[u8], chosen: &BTreeSet<(u8, u32)>, is_reverse: bool) -> Vec<u8> {
    let mut narrow: Vec<u8> = Vec::new();
    let stays = if is_reverse { b'+' } else { b'-' };
    let (mut old, mut new) = (0, 0);
    let mut in_hunk = false;
    let mut is_kept = true;
    for line in patch.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b"@@ ") {
            in_hunk = true;
            (old, new) = first_numbers(line);
            narrow.extend_from_slice(line);
            continue;
        }
        if !in_hunk {
            narrow.extend_from_slice(line);
            continue;
        }
        let sign = line[0];
        if sign == b'\\' {
            if is_kept {
                narrow.extend_from_slice(line);
            }
            continue;
        }
        let no = if sign == b'+' { new } else { old };
        old += u32::from(sign != b'+');
        new += u32::from(sign != b'-');
        is_kept = sign == b' ' || sign == stays || chosen.contains(&(sign, no));
        if is_kept {
            let is_context = sign == b' ' || !chosen.contains(&(sign, no));
            narrow.push(if is_context { b' ' } else { sign });
            narrow.extend_from_slice(&line[1..]);
        }
    }
    narrow
}

fn one_case(rng: &mut fastrand::Rng, act: Act, n_compared: &mut u32) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let Changed {
        fixture,
        name,
        converts,
        new,
    } = changed(rng);
    if rng.u8(..4) == 0 {
        let file = fixture.path(name);
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    if act == Act::Unstage {
        fixture.run(&["add", "-A"]);
    }
    let args: &[&str] = if act == Act::Unstage {
        &["diff", "--cached"]
    } else {
        &["diff"]
    };
    let patch = fixture.run(args);
    let all = changed_lines(&patch);
    if all.is_empty() {
        return;
    }
    let chosen: BTreeSet<(u8, u32)> = all.iter().copied().filter(|_| rng.u8(..3) == 0).collect();
    if chosen.is_empty() || chosen.len() == all.len() {
        return;
    }
    let lines: Vec<LineRef> = chosen
        .iter()
        .map(|(sign, no)| LineRef::Range {
            side: if *sign == b'+' { LineSide::New } else { LineSide::Old },
            first: *no,
            last: *no,
        })
        .collect();
    let twin = fixture.twin();
    let index_before = staged_of(&fixture, &fixture.root);
    let (repo, at, cancel) = (fixture.repo(), fixture.at(), &fixture.cancel);
    let done = runtime.block_on(async {
        match act {
            Act::Stage => fixture.git.stage_lines(repo, &path(name), &lines, at, cancel).await,
            Act::Unstage => fixture.git.unstage_lines(repo, &path(name), &lines, at, cancel).await,
            Act::Discard => fixture.git.discard_lines(repo, &path(name), &lines, at, cancel).await,
        }
    });
    // libgit2 may cut a difference in other lines than git where both are right.
    let done = match done {
        Ok(done) => done,
        Err(problem) if problem.code == "not-found" => return,
        Err(problem) => panic!("{problem:?}"),
    };
    // A mode is no line: it stays where it is.
    let narrow = narrowed(&patch, &chosen, act != Act::Stage);
    let text = String::from_utf8_lossy(&narrow).into_owned();
    let is_mode = |line: &&str| line.starts_with("old mode") || line.starts_with("new mode");
    let has_mode = text.lines().any(|line| is_mode(&line));
    let file = fixture.dir.path().join("some.patch");
    std::fs::write(&file, &narrow).unwrap();
    let file = file.to_str().unwrap();
    let how: &[&str] = match act {
        Act::Stage => &[
            "apply",
            "--whitespace=nowarn",
            "--recount",
            "--unidiff-zero",
            "--cached",
            file,
        ],
        Act::Unstage => &[
            "apply",
            "--whitespace=nowarn",
            "--recount",
            "--unidiff-zero",
            "--cached",
            "--reverse",
            file,
        ],
        Act::Discard => &[
            "apply",
            "--whitespace=nowarn",
            "--recount",
            "--unidiff-zero",
            "--reverse",
            file,
        ],
    };
    let (code, _, _) = fixture.try_run(&twin, how);
    if code == 0 && !has_mode && !text.contains("\\ No newline") {
        assert_eq!(
            staged_of(&fixture, &fixture.root),
            staged_of(&fixture, &twin),
            "{act:?}\n{text}"
        );
        // `git apply` writes every line break anew; ours leaves those alone that the act does not touch.
        if act == Act::Discard && !converts {
            let twins = std::fs::read(twin.join(fixture.path(name).strip_prefix(&fixture.root).unwrap())).unwrap();
            assert_eq!(fixture.read(name), twins);
        }
        *n_compared += 1;
    }
    if act != Act::Discard {
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
}

fn check(act: Act) {
    let mut n_compared = 0;
    cases(60, |rng| one_case(rng, act, &mut n_compared));
    println!("{n_compared} compared with git apply");
    let n = n_cases(60);
    assert!(n == 1 || u64::from(n_compared) >= n / 6, "only {n_compared} of {n} compared");
}

#[test]
fn staging_lines_is_git_apply_cached() {
    check(Act::Stage);
}

#[test]
fn unstaging_lines_is_git_apply_cached_reverse() {
    check(Act::Unstage);
}

#[test]
fn discarding_lines_is_git_apply_reverse_and_comes_back() {
    check(Act::Discard);
}

fn both(fixture: &Fixture, name: impl AsRef<[u8]>) -> DiffFile {
    fixture
        .git
        .diff(&fixture.root, &DiffOf::Both, &path(name), None, DiffLook::default(), false)
        .unwrap()
}

fn lines(file: &DiffFile) -> Vec<&DiffLine> {
    file.hunks().iter().flat_map(|hunk| &hunk.lines).collect()
}

/// `*` is staged, then the sign and the text.
fn shown(file: &DiffFile) -> Vec<String> {
    let sign = |line: &DiffLine| match line.kind {
        LineKind::Context => " ",
        LineKind::Added => "+",
        LineKind::Removed => "-",
    };
    lines(file)
        .iter()
        .map(|line| format!("{}{}{}", if line.is_staged() { "*" } else { "" }, sign(line), line.text))
        .collect()
}

#[test]
fn one_view_counts_like_the_two_differences_and_every_line_can_be_ticked() {
    cases(60, |rng| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let fixture = Fixture::new();
        let old = random_text(rng);
        if rng.u8(..5) > 0 {
            fixture.write("f", &old);
        }
        fixture.commit_all("one");
        let staged = mutate(rng, &old);
        fixture.write("f", &staged);
        if rng.u8(..5) > 0 {
            fixture.run(&["add", "f"]);
        }
        match rng.u8(..6) {
            0 => std::fs::remove_file(fixture.path("f")).unwrap(),
            _ => fixture.write("f", mutate(rng, &staged)),
        }
        let counts = |of: DiffOf| {
            let file = fixture
                .git
                .diff(&fixture.root, &of, &path("f"), None, DiffLook::default(), false)
                .ok();
            file.map_or((0, 0), |file| (file.n_added, file.n_removed))
        };
        let is_changed = counts(DiffOf::Staged) != (0, 0) || counts(DiffOf::Unstaged) != (0, 0);
        if !is_changed {
            return;
        }
        for _ in 0..4 {
            let Ok(file) = fixture
                .git
                .diff(&fixture.root, &DiffOf::Both, &path("f"), None, DiffLook::default(), false)
            else {
                return;
            };
            let all = lines(&file);
            let count = |wanted: fn(&DiffLine) -> bool| all.iter().filter(|line| wanted(line)).count() as u32;
            let added = count(|line| line.kind == LineKind::Added && line.is_staged());
            let removed = count(|line| line.kind == LineKind::Removed && line.is_staged());
            assert_eq!((added, removed), counts(DiffOf::Staged), "{:?}", shown(&file));
            let added = count(|line| line.kind == LineKind::Added && !line.is_staged());
            let removed = count(|line| {
                line.kind == LineKind::Removed && !line.is_staged() || line.kind == LineKind::Added && line.new_no.is_none()
            });
            assert_eq!((added, removed), counts(DiffOf::Unstaged), "{:?}", shown(&file));
            let changed: Vec<&&DiffLine> = all.iter().filter(|line| line.kind != LineKind::Context).collect();
            let Some(line) = changed.get(rng.usize(..changed.len().max(1))) else {
                return;
            };
            let chosen = [LineRef::of(line).unwrap()];
            let (repo, at, cancel) = (fixture.repo(), fixture.at(), &fixture.cancel);
            let done = runtime.block_on(async {
                if line.is_staged() {
                    fixture.git.unstage_lines(repo, &path("f"), &chosen, at, cancel).await
                } else {
                    fixture.git.stage_lines(repo, &path("f"), &chosen, at, cancel).await
                }
            });
            done.unwrap();
            fixture.fsck();
        }
    });
}

#[tokio::test]
async fn lines_of_a_replaced_block_are_staged_alone() {
    let fixture = Fixture::new();
    fixture.write("f", "a\nb\nc\n");
    fixture.commit_all("one");
    fixture.write("f", "A\nB\nc\n");
    let file = both(&fixture, "f");
    assert_eq!(shown(&file), ["-a", "-b", "+A", "+B", " c"]);
    let all = lines(&file);
    let chosen = [LineRef::of(all[0]).unwrap(), LineRef::of(all[2]).unwrap()];
    let (repo, at, cancel) = (fixture.repo(), fixture.at(), &fixture.cancel);
    fixture.git.stage_lines(repo, &path("f"), &chosen, at, cancel).await.unwrap();
    assert_eq!(fixture.text(&["show", ":f"]), "b\nA\nc");
    assert_eq!(shown(&both(&fixture, "f")), ["*-a", "-b", "*+A", "+B", " c"]);
    // What was shown is not there any more: nothing is done.
    let problem = fixture
        .git
        .stage_lines(repo, &path("f"), &chosen, at, cancel)
        .await
        .unwrap_err();
    assert_eq!(problem.code, "not-found");
}

#[tokio::test]
async fn new_and_deleted_files_are_staged_line_by_line() {
    let fixture = Fixture::new();
    fixture.write("gone", "1\n2\n3\n");
    fixture.commit_all("one");
    std::fs::remove_file(fixture.path("gone")).unwrap();
    fixture.write("new.sh", "1\n2\n3");
    std::fs::set_permissions(fixture.path("new.sh"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let (repo, at, cancel) = (fixture.repo(), fixture.at(), &fixture.cancel);
    let range = |side, first, last| [LineRef::Range { side, first, last }];
    let new = range(LineSide::New, 2, 3);
    fixture
        .git
        .stage_lines(repo, &path("new.sh"), &new, at, cancel)
        .await
        .unwrap();
    assert_eq!(fixture.run(&["show", ":new.sh"]), b"2\n3");
    assert!(fixture.text(&["ls-files", "-s", "new.sh"]).starts_with("100755"));
    let back = range(LineSide::New, 1, 2);
    fixture
        .git
        .unstage_lines(repo, &path("new.sh"), &back, at, cancel)
        .await
        .unwrap();
    assert_eq!(
        fixture.text(&["ls-files", "-s", "new.sh"]),
        "",
        "with its last line the file goes too"
    );
    let old = range(LineSide::Old, 1, 2);
    fixture.git.stage_lines(repo, &path("gone"), &old, at, cancel).await.unwrap();
    assert_eq!(fixture.run(&["show", ":gone"]), b"3\n");
    fixture
        .git
        .stage_lines(repo, &path("gone"), &range(LineSide::Old, 1, 1), at, cancel)
        .await
        .unwrap();
    assert_eq!(fixture.text(&["ls-files", "gone"]), "");
    let one = range(LineSide::Old, 2, 2);
    fixture
        .git
        .unstage_lines(repo, &path("gone"), &one, at, cancel)
        .await
        .unwrap();
    assert_eq!(fixture.run(&["show", ":gone"]), b"2\n");
    fixture.fsck();
    // A deletion can be taken back for some lines only.
    fixture
        .git
        .discard_lines(repo, &path("gone"), &range(LineSide::Old, 1, 1), at, cancel)
        .await
        .unwrap();
    assert_eq!(fixture.read("gone"), b"2\n");
    fixture.run(&["reset", "-q", "--hard"]);
    std::fs::remove_file(fixture.path("gone")).unwrap();
    let done = fixture
        .git
        .discard_lines(repo, &path("gone"), &range(LineSide::Old, 2, 3), at, cancel)
        .await
        .unwrap();
    assert_eq!(fixture.read("gone"), b"2\n3\n");
    fixture
        .git
        .take_back(repo, Which::Entry { id: done.undo.unwrap() }, false, at, cancel)
        .await
        .unwrap();
    assert!(!fixture.path("gone").exists());
}

#[tokio::test]
async fn a_line_before_the_end_of_the_file_keeps_its_own_line() {
    let fixture = Fixture::new();
    fixture.write("f", "one");
    fixture.commit_all("one");
    fixture.write("f", "one\ntwo\n");
    let (repo, at, cancel) = (fixture.repo(), fixture.at(), &fixture.cancel);
    let two = [LineRef::Range {
        side: LineSide::New,
        first: 2,
        last: 2,
    }];
    fixture.git.stage_lines(repo, &path("f"), &two, at, cancel).await.unwrap();
    assert_eq!(fixture.run(&["show", ":f"]), b"one\ntwo\n");
}

#[tokio::test]
async fn what_has_no_lines_of_its_own_is_refused() {
    let fixture = Fixture::new();
    fixture.write("f.up", "one\n");
    fixture.write(".gitattributes", "*.up filter=up\n");
    std::os::unix::fs::symlink("f.up", fixture.path("link")).unwrap();
    fixture.commit_all("one");
    fixture.run(&["config", "filter.up.clean", "tr a-z A-Z"]);
    fixture.write("f.up", "one\ntwo\n");
    std::fs::remove_file(fixture.path("link")).unwrap();
    std::os::unix::fs::symlink("other", fixture.path("link")).unwrap();
    let (repo, at, cancel) = (fixture.repo(), fixture.at(), &fixture.cancel);
    let all = [LineRef::Range {
        side: LineSide::New,
        first: 1,
        last: 9,
    }];
    let index = staged_of(&fixture, &fixture.root);
    let refused = fixture.git.stage_lines(repo, &path("link"), &all, at, cancel).await;
    assert!(refused.is_err());
    // A filter is asked for what it makes of the file; what would be the file of what is staged nobody knows.
    let refused = fixture.git.discard_lines(repo, &path("f.up"), &all, at, cancel).await;
    assert!(refused.is_err());
    assert_eq!(staged_of(&fixture, &fixture.root), index);
}
