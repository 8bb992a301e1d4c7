//! Renames in the files of a commit and of a comparison, beside what `git show --name-status -M` says of generated commits.

use super::fixture::{Fixture, cases};
use chantier::base::Change;
use chantier::base::repo::CommitFile;
use fastrand::Rng;

/// Generated commits.
const N_CASES: u64 = 60;

/// `R old new`, `A path`, sorted by nothing: in git's own order.
fn ours(files: &[CommitFile]) -> Vec<String> {
    let line = |file: &CommitFile| match &file.old_path {
        Some(old) => format!("{} {} {}", file.change.letter(), old.display(), file.path.display()),
        None => format!("{} {}", file.change.letter(), file.path.display()),
    };
    files.iter().map(line).collect()
}

fn gits(fixture: &Fixture, args: &[&str]) -> Vec<String> {
    let told = fixture.text(args);
    let line = |line: &str| {
        let mut words = line.split('\t');
        let letter = &words.next().unwrap()[..1];
        std::iter::once(letter).chain(words).collect::<Vec<_>>().join(" ")
    };
    told.lines().filter(|line| !line.is_empty()).map(line).collect()
}

fn lines(rng: &mut Rng, n: usize) -> Vec<String> {
    (0..n).map(|_| format!("line {} of some length\n", rng.u32(..40))).collect()
}

/// A file like another one: some lines are others, some are gone.
fn like(rng: &mut Rng, text: &[String]) -> Vec<String> {
    let change = rng.usize(..=100);
    let mut new = Vec::new();
    for line in text {
        if rng.usize(..100) >= change {
            new.push(line.clone());
        } else if rng.bool() {
            new.push(format!("other {}\n", rng.u32(..1000)));
        }
    }
    new
}

fn name(rng: &mut Rng, n: usize) -> String {
    let folder = ["", "a/", "b/", "a/deep/"][rng.usize(..4)];
    let base = ["one.rs", "two.rs", "mod.rs", "x", "y"][rng.usize(..5)];
    if rng.bool() {
        format!("{folder}{base}")
    } else {
        format!("{folder}f{n}")
    }
}

#[test]
fn renames_of_a_commit_are_those_that_git_finds() {
    cases(N_CASES, |rng| {
        let fixture = Fixture::new();
        let mut files: Vec<(String, Vec<String>)> = Vec::new();
        for n in 0..rng.usize(2..14) {
            let own = name(rng, n);
            let is_free = files
                .iter()
                .all(|(known, _)| known != &own && !known.starts_with(&format!("{own}/")));
            if is_free {
                let n_lines = if rng.u8(..8) == 0 { 0 } else { rng.usize(1..40) };
                let text = match files.first() {
                    Some((_, first)) if rng.u8(..4) == 0 => first.clone(),
                    _ => lines(rng, n_lines),
                };
                files.push((own, text));
            }
        }
        for (path, text) in &files {
            fixture.write(path, text.concat());
        }
        fixture.commit_all("before");
        // Some move, some change on the way, some are copied and gone, some stay.
        for (n, (path, text)) in files.iter().enumerate() {
            match rng.u8(..6) {
                0 => {}
                1 => std::fs::remove_file(fixture.path(path)).unwrap(),
                2 => fixture.write(path, like(rng, text).concat()),
                _ => {
                    std::fs::remove_file(fixture.path(path)).unwrap();
                    let to = format!("to{}/{}", rng.u8(..3), name(rng, n + 100).replace('/', "-"));
                    let text = if rng.u8(..3) == 0 { text.clone() } else { like(rng, text) };
                    fixture.write(&to, text.concat());
                    if rng.u8(..5) == 0 {
                        fixture.write(format!("{to}.copy"), text.concat());
                    }
                }
            }
        }
        fixture.run(&["add", "-A"]);
        fixture.run(&["commit", "-q", "--allow-empty", "-m", "after"]);
        let found = fixture.git.commit(&fixture.root, "HEAD").unwrap();
        let wanted = gits(&fixture, &["show", "--format=", "--name-status", "-M", "HEAD"]);
        assert_eq!(ours(&found.files), wanted);
        let compared = fixture.git.compare(&fixture.root, "HEAD~1", Some("HEAD")).unwrap();
        assert_eq!(ours(&compared.files), wanted);
        // Counts of lines, and each difference can be shown.
        let numbers = fixture.text(&["diff", "--numstat", "-M", "HEAD~1", "HEAD"]);
        let numbers: Vec<(String, String)> = numbers
            .lines()
            .map(|line| {
                let mut words = line.split('\t').map(str::to_owned);
                (words.next().unwrap(), words.next().unwrap())
            })
            .collect();
        let counted: Vec<(String, String)> = found
            .files
            .iter()
            .map(|file| (file.n_added.unwrap().to_string(), file.n_removed.unwrap().to_string()))
            .collect();
        assert_eq!(counted, numbers);
        for file in found.files.iter().filter(|file| file.change == Change::Renamed) {
            let of = chantier::base::diff::DiffOf::Commit { oid: found.oid.clone() };
            let diff = fixture
                .git
                .diff(
                    &fixture.root,
                    &of,
                    &file.path,
                    file.old_path.as_ref(),
                    chantier::base::diff::DiffLook::default(),
                    false,
                )
                .unwrap();
            assert_eq!((&diff.path, &diff.old_path), (&file.path, &file.old_path));
            assert_eq!((Some(diff.n_added), Some(diff.n_removed)), (file.n_added, file.n_removed));
        }
    });
}

#[test]
fn links_modes_and_files_of_the_checkout_are_followed_too() {
    let fixture = Fixture::new();
    fixture.write("run.sh", "#!/bin/sh\necho one\necho two\n");
    std::os::unix::fs::symlink("run.sh", fixture.path("link")).unwrap();
    fixture.write("empty", "");
    fixture.commit_all("before");
    fixture.run(&["mv", "run.sh", "start.sh"]);
    fixture.run(&["update-index", "--chmod=+x", "start.sh"]);
    fixture.run(&["mv", "link", "moved-link"]);
    fixture.run(&["mv", "empty", "still-empty"]);
    fixture.run(&["commit", "-q", "-m", "after"]);
    let wanted = gits(&fixture, &["show", "--format=", "--name-status", "-M", "HEAD"]);
    assert_eq!(ours(&fixture.git.commit(&fixture.root, "HEAD").unwrap().files), wanted);
    assert_eq!(wanted.len(), 3, "{wanted:?}");
    // What stands in the checkout is compared with its own content.
    fixture.run(&["reset", "-q", "--hard"]);
    fixture.run(&["mv", "start.sh", "begin.sh"]);
    fixture.write("begin.sh", "#!/bin/sh\necho one\necho two\necho three\n");
    let wanted = gits(&fixture, &["diff", "--name-status", "-M", "HEAD"]);
    assert_eq!(ours(&fixture.git.compare(&fixture.root, "HEAD", None).unwrap().files), wanted);
    assert!(wanted[0].starts_with('R'), "{wanted:?}");
}
