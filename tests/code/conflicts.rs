//! Conflicts of every kind, listed and resolved: byte for byte what git's program makes of the same choice.

use super::fixture::{cases, path};
use super::jobs::Bench;
use chantier::base::git_act::{GitAct, MergeMode};
use chantier::base::operation::{Choice, ConflictKind, ConflictSort, ConflictText, Resolution, Segment, SegmentKind, Side};
use std::os::unix::fs::PermissionsExt;

impl Bench {
    /// One file in three versions, and the merge of the two new ones stopped at it.
    fn in_conflict(base: &[u8], ours: &[u8], theirs: &[u8]) -> Self {
        let mut bench = Self::trusted();
        bench.fixture.run(&["config", "core.autocrlf", "false"]);
        bench.fixture.write("f", base);
        bench.fixture.commit_all("base");
        bench.fixture.run(&["switch", "-q", "-c", "side"]);
        bench.fixture.write("f", theirs);
        bench.fixture.commit_all("theirs");
        bench.fixture.run(&["switch", "-q", "main"]);
        bench.fixture.write("f", ours);
        bench.fixture.commit_all("ours");
        bench.merge_stops();
        bench
    }

    fn merge_stops(&mut self) {
        let merge = GitAct::Merge {
            what: "side".to_owned(),
            mode: MergeMode::Auto,
            message: None,
        };
        assert_eq!(self.fails(merge).code, "conflict");
    }

    fn resolve(&mut self, name: &str, resolution: Resolution) {
        self.done(GitAct::Resolve {
            path: path(name),
            resolution,
            is_forced: false,
        });
    }

    fn conflict(&self, name: &str) -> ConflictText {
        self.fixture.git.conflict_text(&self.fixture.root, &path(name)).unwrap()
    }
}

const BASE: &[u8] = b"1\n2\n3\n4\n5\n6\n7\n8\n9\n";
const OURS: &[u8] = b"1\nours\n3\n4\n5\n6\n7\nours too\n9\n";
const THEIRS: &[u8] = b"1\ntheirs\n3\n4\nnew\n5\n6\n7\ntheirs too\n9\n";

#[test]
fn each_conflict_is_decided_on_its_own() {
    let mut bench = Bench::in_conflict(BASE, OURS, THEIRS);
    let conflict = bench.conflict("f");
    assert_eq!(conflict.n_conflicts(), 2);
    assert_eq!((conflict.ours_name.as_str(), conflict.theirs_name.as_str()), ("main", "side"));
    assert!(conflict.is_typable && !conflict.is_edited);
    let undecided = GitAct::Resolve {
        path: path("f"),
        resolution: Resolution::Blocks {
            choices: vec![Choice::Ours, Choice::Open],
        },
        is_forced: false,
    };
    assert_eq!(bench.fails(undecided).code, "undecided");
    let choices = vec![
        Choice::TheirsThenOurs,
        Choice::Edited {
            text: "by hand\nin two lines".to_owned(),
        },
    ];
    bench.resolve("f", Resolution::Blocks { choices });
    assert_eq!(
        bench.fixture.read("f"),
        b"1\ntheirs\nours\n3\n4\nnew\n5\n6\n7\nby hand\nin two lines\n9\n"
    );
    assert_eq!(bench.fixture.text(&["diff", "--name-only"]), "");
    bench.done(GitAct::Continue);
    assert_eq!(bench.fixture.text(&["log", "-1", "--format=%s"]), "Merge branch 'side'");
    // git itself can still bring the three versions back, as after its own `add`.
    assert_eq!(bench.fixture.text(&["status", "--porcelain"]), "");
}

#[test]
fn marks_that_are_left_are_refused_unless_forced() {
    let mut bench = Bench::in_conflict(BASE, OURS, THEIRS);
    let act = |is_forced| GitAct::Resolve {
        path: path("f"),
        resolution: Resolution::AsItIs,
        is_forced,
    };
    assert_eq!(bench.fails(act(false)).code, "marks-left");
    bench.fixture.write("f", "edited by hand\n=======\nis no mark alone\n");
    assert!(bench.conflict("f").is_edited);
    bench.done(act(false));
    assert_eq!(bench.fixture.text(&["status", "--porcelain"]), "M  f");
    let mut bench = Bench::in_conflict(BASE, OURS, THEIRS);
    bench.done(act(true));
    assert!(bench.fixture.text(&["show", ":f"]).contains("<<<<<<< HEAD"));
    let gone = bench.fails(act(false));
    assert_eq!(gone.code, "not-found");
}

#[test]
fn bytes_and_line_breaks_stay_as_they_are() {
    let ours = b"a\r\nb \xff\xfe ours\r\nc\r\n";
    let theirs = b"a\r\nb \x00\xe9 theirs\r\nc\r\nno end".map(|byte| if byte == 0 { 1 } else { byte });
    let mut bench = Bench::in_conflict(b"a\r\nb\r\nc\r\n", ours, &theirs);
    let conflict = bench.conflict("f");
    assert!(!conflict.is_typable, "it can not be typed, only chosen");
    bench.resolve(
        "f",
        Resolution::EveryBlock {
            choice: Choice::OursThenTheirs,
        },
    );
    assert_eq!(
        bench.fixture.read("f"),
        b"a\r\nb \xff\xfe ours\r\nb \x01\xe9 theirs\r\nc\r\nno end"
    );
}

#[test]
fn a_checkout_with_other_line_breaks_gets_its_own() {
    let mut bench = Bench::in_conflict(b"a\nb\nc\n", b"a\nours\nc\n", b"a\ntheirs\nc\n");
    bench.fixture.run(&["config", "core.autocrlf", "true"]);
    bench.resolve("f", Resolution::EveryBlock { choice: Choice::Theirs });
    assert_eq!(bench.fixture.read("f"), b"a\r\ntheirs\r\nc\r\n");
    assert_eq!(bench.fixture.run(&["show", ":f"]), b"a\ntheirs\nc\n");
}

#[test]
fn every_kind_is_named_and_resolved_as_a_whole() {
    let mut bench = Bench::trusted();
    for name in ["deleted by us", "deleted by them", "binary", "link", "renamed", "mode"] {
        bench.fixture.write(name, format!("{name}\n1\n2\n3\n"));
    }
    bench.fixture.write("binary", b"\0base");
    std::fs::remove_file(bench.fixture.path("link")).unwrap();
    std::os::unix::fs::symlink("base", bench.fixture.path("link")).unwrap();
    bench.fixture.commit_all("base");
    let change = |bench: &Bench, side: &str| {
        bench.fixture.write("binary", format!("\0{side}"));
        std::fs::remove_file(bench.fixture.path("link")).unwrap();
        std::os::unix::fs::symlink(side, bench.fixture.path("link")).unwrap();
        bench.fixture.write("both added", format!("{side}\n"));
        bench.fixture.run(&["mv", "renamed", &format!("renamed by {side}")]);
        bench.fixture.write("mode", format!("{side}\n1\n2\n3\n"));
    };
    bench.fixture.run(&["switch", "-q", "-c", "side"]);
    change(&bench, "them");
    bench.fixture.run(&["rm", "-q", "deleted by them"]);
    bench.fixture.write("deleted by us", "theirs\n");
    std::fs::set_permissions(bench.fixture.path("mode"), PermissionsExt::from_mode(0o755)).unwrap();
    bench.fixture.commit_all("theirs");
    bench.fixture.run(&["switch", "-q", "main"]);
    change(&bench, "us");
    bench.fixture.run(&["rm", "-q", "deleted by us"]);
    bench.fixture.write("deleted by them", "ours\n");
    bench.fixture.commit_all("ours");
    bench.merge_stops();
    let files = bench.fixture.git.conflicts(&bench.fixture.root).unwrap();
    let told: Vec<(String, ConflictKind, ConflictSort)> =
        files.iter().map(|file| (file.path.display(), file.kind, file.sort)).collect();
    let text = |name: &str, kind| (name.to_owned(), kind, ConflictSort::Text);
    assert_eq!(
        told,
        [
            ("binary".to_owned(), ConflictKind::BothModified, ConflictSort::Binary),
            text("both added", ConflictKind::BothAdded),
            text("deleted by them", ConflictKind::DeletedByThem),
            text("deleted by us", ConflictKind::DeletedByUs),
            ("link".to_owned(), ConflictKind::BothModified, ConflictSort::Link),
            text("mode", ConflictKind::BothModified),
            text("renamed", ConflictKind::BothDeleted),
            text("renamed by them", ConflictKind::AddedByThem),
            text("renamed by us", ConflictKind::AddedByUs),
        ]
    );
    assert_eq!(files[8].renamed_from, Some(path("renamed")));
    let blocks = GitAct::Resolve {
        path: path("binary"),
        resolution: Resolution::EveryBlock { choice: Choice::Ours },
        is_forced: false,
    };
    assert_eq!(bench.fails(blocks).code, "no-blocks");
    let whole = |side| Resolution::Whole { side };
    bench.resolve("binary", whole(Side::Theirs));
    bench.resolve("link", whole(Side::Ours));
    bench.resolve(
        "both added",
        Resolution::EveryBlock {
            choice: Choice::OursThenTheirs,
        },
    );
    bench.resolve("deleted by them", whole(Side::Theirs));
    bench.resolve("deleted by us", whole(Side::Theirs));
    bench.resolve("mode", Resolution::EveryBlock { choice: Choice::Ours });
    bench.resolve("renamed", whole(Side::Ours));
    bench.resolve("renamed by them", whole(Side::Ours));
    bench.resolve("renamed by us", whole(Side::Ours));
    assert_eq!(bench.fixture.read("binary"), b"\0them");
    assert_eq!(std::fs::read_link(bench.fixture.path("link")).unwrap().to_str(), Some("us"));
    assert_eq!(bench.fixture.read("both added"), b"us\nthem\n");
    assert!(!bench.fixture.path("deleted by them").exists());
    assert_eq!(bench.fixture.read("deleted by us"), b"theirs\n");
    assert!(bench.fixture.path("renamed by us").exists() && !bench.fixture.path("renamed by them").exists());
    let mode = std::fs::metadata(bench.fixture.path("mode")).unwrap().permissions().mode();
    assert_eq!(mode & 0o111, 0o111, "the mode that only they changed is taken");
    bench.done(GitAct::Continue);
    assert_eq!(bench.fixture.text(&["status", "--porcelain"]), "");
}

#[test]
fn a_submodule_in_conflict_is_set_to_one_commit() {
    let mut bench = Bench::trusted();
    bench.fixture.write("a", "1\n");
    bench.fixture.commit_all("base");
    let oids = ["1", "2", "3"].map(|digit| digit.repeat(40));
    let set = |bench: &Bench, oid: &str, message: &str| {
        bench
            .fixture
            .run(&["update-index", "--add", "--cacheinfo", &format!("160000,{oid},sub")]);
        bench.fixture.run(&["commit", "-q", "-m", message]);
    };
    set(&bench, &oids[0], "sub");
    bench.fixture.run(&["switch", "-q", "-c", "side"]);
    set(&bench, &oids[1], "theirs");
    bench.fixture.run(&["switch", "-q", "main"]);
    set(&bench, &oids[2], "ours");
    let (code, ..) = bench.fixture.try_run(&bench.fixture.root, &["merge", "--no-edit", "side"]);
    assert_eq!(code, 1);
    let files = bench.fixture.git.conflicts(&bench.fixture.root).unwrap();
    assert_eq!((files.len(), files[0].sort), (1, ConflictSort::Submodule));
    let act = GitAct::Resolve {
        path: path("sub"),
        resolution: Resolution::Whole { side: Side::Theirs },
        is_forced: false,
    };
    let command = chantier::areas::code::act::Act::Git(act).on(&bench.workspace);
    assert_eq!(bench.run(command), chantier::engine::Outcome::Done);
    assert_eq!(
        bench.fixture.text(&["ls-files", "-s", "sub"]),
        format!("160000 {} 0\tsub", oids[1])
    );
}

/// The stretches as `git merge-file --zdiff3` writes them.
fn with_marks(conflict: &ConflictText) -> String {
    let mut out = String::new();
    for segment in &conflict.segments {
        let mut put = |lines: &[String]| lines.iter().for_each(|line| out.push_str(&format!("{line}\n")));
        match segment.kind {
            SegmentKind::Theirs => put(&conflict.theirs[segment.theirs.clone()]),
            SegmentKind::Conflict => {
                put(&["<<<<<<< ours".to_owned()]);
                put(&conflict.ours[segment.ours.clone()]);
                put(&["||||||| base".to_owned()]);
                put(&conflict.base[segment.base.clone()]);
                put(&["=======".to_owned()]);
                put(&conflict.theirs[segment.theirs.clone()]);
                put(&[">>>>>>> theirs".to_owned()]);
            }
            _ => put(&conflict.ours[segment.ours.clone()]),
        }
    }
    out
}

/// Every line of every version stands in exactly one stretch, and a stretch is what it says.
fn check_segments(conflict: &ConflictText) {
    let mut at = Segment {
        kind: SegmentKind::Same,
        base: 0..0,
        ours: 0..0,
        theirs: 0..0,
    };
    for segment in &conflict.segments {
        assert_eq!(
            (segment.base.start, segment.ours.start, segment.theirs.start),
            (at.base.end, at.ours.end, at.theirs.end)
        );
        let (base, ours, theirs) = (
            &conflict.base[segment.base.clone()],
            &conflict.ours[segment.ours.clone()],
            &conflict.theirs[segment.theirs.clone()],
        );
        match segment.kind {
            SegmentKind::Same => assert!(base == ours && base == theirs),
            SegmentKind::Ours => assert!(base == theirs && base != ours),
            SegmentKind::Theirs => assert!(base == ours && base != theirs),
            SegmentKind::Both => assert_eq!(ours, theirs),
            SegmentKind::Conflict => assert_ne!(ours, theirs),
        }
        at = segment.clone();
    }
    assert_eq!(
        (at.base.end, at.ours.end, at.theirs.end),
        (conflict.base.len(), conflict.ours.len(), conflict.theirs.len())
    );
}

#[test]
fn random_merges_collide_where_git_says() {
    cases(60, |rng| {
        let base: Vec<String> = (0..rng.usize(1..30)).map(|at| format!("line {}", at % 7)).collect();
        let change = |rng: &mut fastrand::Rng| {
            let mut lines = base.clone();
            for _ in 0..rng.usize(1..5) {
                let at = rng.usize(..=lines.len());
                match rng.u8(..3) {
                    0 if at < lines.len() => drop(lines.remove(at)),
                    1 if at < lines.len() => lines[at] = format!("changed {}", rng.u8(..4)),
                    _ => lines.insert(at, format!("new {}", rng.u8(..4))),
                }
            }
            lines.iter().map(|line| format!("{line}\n")).collect::<String>()
        };
        let (ours, theirs) = (change(rng), change(rng));
        let base: String = base.iter().map(|line| format!("{line}\n")).collect();
        let bench = Bench::trusted();
        for (name, text) in [("base", &base), ("ours", &ours), ("theirs", &theirs)] {
            bench.fixture.write(name, text);
        }
        let args = [
            "merge-file",
            "-p",
            "--zdiff3",
            "-L",
            "ours",
            "-L",
            "base",
            "-L",
            "theirs",
            "ours",
            "base",
            "theirs",
        ];
        let (n_conflicts, merged, _) = bench.fixture.try_run(&bench.fixture.root, &args);
        let oid = |name: &str| bench.fixture.text(&["hash-object", "-w", name]);
        let entries: String = [("base", 1), ("ours", 2), ("theirs", 3)]
            .map(|(name, stage)| format!("100644 {} {stage}\tf\n", oid(name)))
            .concat();
        bench.fixture.write("entries", entries);
        let entries = std::fs::File::open(bench.fixture.path("entries")).unwrap();
        let put = std::process::Command::new("git")
            .args(["update-index", "--index-info"])
            .current_dir(&bench.fixture.root)
            .stdin(entries)
            .status()
            .unwrap();
        assert!(put.success());
        let conflict = bench.conflict("f");
        check_segments(&conflict);
        assert_eq!(conflict.n_conflicts() as i32, n_conflicts, "{base}---\n{ours}---\n{theirs}");
        assert_eq!(with_marks(&conflict), String::from_utf8(merged).unwrap());
    });
}
