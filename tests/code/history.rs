//! Histories of random repositories, with and without every kind of commit-graph, beside what git's program says of them.

use super::fixture::{Fixture, cases};
use chantier::adapters::git::{HistoryOf, Repo, Search};
use chantier::base::repo::{CommitRow, GraphFile, RefKind};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const ALL: [&str; 5] = [
    "--exclude=refs/stash",
    "--exclude=refs/notes/*",
    "--exclude=refs/replace/*",
    "--all",
    "HEAD",
];

/// Random commits on random branches, with merges of two to four, dates that go back and dates that are equal.
fn import(fixture: &Fixture, rng: &mut fastrand::Rng, n: usize, round: usize) {
    let mut stream = String::new();
    let mut when = 1_600_000_000 + round as i64 * 100_000;
    let branches = ["main", "side", "topic/one", "topic/two", "old"];
    let mut alive = if round == 0 { Vec::new() } else { branches.to_vec() };
    if round > 0 {
        for branch in branches {
            stream.push_str(&format!("reset refs/heads/{branch}\nfrom refs/heads/{branch}^0\n\n"));
        }
    }
    for at in 0..n {
        when += [0, 0, 1, 60, 3600, -5000][rng.usize(..6)];
        let branch = rng.choice(branches).unwrap();
        let message = format!("change {round}.{at} of {branch}");
        let head = format!(
            "author Ada <ada@example.org> {when} +0200\ncommitter Bob <bob@example.org> {when} +0000\ndata {}\n{message}\n",
            message.len()
        );
        if !alive.contains(&branch)
            && let Some(from) = rng.choice(&alive)
        {
            stream.push_str(&format!("reset refs/heads/{branch}\nfrom refs/heads/{from}\n\n"));
        }
        stream.push_str(&format!("commit refs/heads/{branch}\n{head}"));
        if at % 4 == 3 {
            let mut others: Vec<&str> = alive.iter().copied().filter(|other| *other != branch).collect();
            rng.shuffle(&mut others);
            for other in others.iter().take(rng.usize(1..4)) {
                stream.push_str(&format!("merge refs/heads/{other}\n"));
            }
        }
        let body = format!("{}\n", rng.u32(..));
        stream.push_str(&format!("M 100644 inline f{}\ndata {}\n{body}\n", rng.u8(..9), body.len()));
        if !alive.contains(&branch) {
            alive.push(branch);
        }
        if at % 13 == 12 {
            stream.push_str(&format!(
                "tag v{round}.{at}\nfrom refs/heads/{branch}\ntagger Ada <ada@example.org> {when} +0000\ndata 2\nv\n\n"
            ));
        }
    }
    let mut child = Command::new("git")
        .args(["fast-import", "--quiet", "--force"])
        .current_dir(&fixture.root)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

/// Ids and parents, one commit a line.
fn lines(rows: &[CommitRow]) -> Vec<String> {
    rows.iter()
        .map(|row| format!("{} {}", row.oid, row.parents.join(" ")))
        .collect()
}

/// Order, parents, authors, dates, names and lines of every view are what git's program says.
async fn same(fixture: &Fixture, root: &Path, what: &str) -> GraphFile {
    let mut used = GraphFile::Missing;
    for is_trusted in [false, true] {
        let repo = Repo { root, is_trusted };
        for (is_all, is_topological) in [(true, false), (true, true), (false, false)] {
            let of = HistoryOf {
                is_all,
                is_topological,
                from: None,
            };
            let rows = fixture.rows(repo, &of).await.unwrap();
            let order = if is_topological { "--topo-order" } else { "--date-order" };
            let mut args = vec!["log", order, "--decorate=full", "--format=%H %P|%aN|%at|%ct|%s|%D"];
            args.extend(if is_all { &ALL[..] } else { &["HEAD"] });
            let answer = String::from_utf8(fixture.run_in(root, &args)).unwrap();
            let truth: Vec<Vec<&str>> = answer.lines().map(|line| line.split('|').collect()).collect();
            let ids: Vec<&str> = truth.iter().map(|fields| fields[0]).collect();
            assert_eq!(lines(&rows), ids, "{what}, all {is_all}, topological {is_topological}");
            for (row, fields) in rows.iter().zip(&truth) {
                let times = (row.authored.as_second().to_string(), row.committed.as_second().to_string());
                assert_eq!(
                    (row.author.as_str(), times.0.as_str(), times.1.as_str(), row.summary.as_str()),
                    (fields[1], fields[2], fields[3], fields[4])
                );
                let names = row.refs.iter().filter(|name| name.kind != RefKind::Head).count();
                let told = fields[5]
                    .split(", ")
                    .filter(|name| name.contains("refs/") && !name.contains("/HEAD"));
                assert_eq!(names, told.count(), "{:?} {}", row.refs, fields[5]);
                let current = row.refs.iter().find(|name| name.is_current).map(|name| name.name.as_str());
                let told = fields[5]
                    .split(", ")
                    .find_map(|name| name.strip_prefix("HEAD -> refs/heads/"));
                assert_eq!(current.filter(|name| *name != "HEAD"), told);
            }
            for pair in rows.windows(2) {
                let below = pair[0].graph.lower.iter().map(|line| (line.to, line.color));
                let above = pair[1].graph.upper.iter().map(|line| (line.from, line.color));
                let (mut below, mut above): (Vec<_>, Vec<_>) = (below.collect(), above.collect());
                below.sort_unstable();
                below.dedup();
                above.sort_unstable();
                assert_eq!(below, above);
            }
            used = fixture
                .git
                .history(repo, &of, &fixture.cancel, |_| {})
                .await
                .unwrap()
                .outline()
                .graph;
        }
    }
    used
}

async fn random_cases(n: u64, case: impl AsyncFn(&Fixture, &mut fastrand::Rng)) {
    let mut seeds = Vec::new();
    cases(n, |rng| seeds.push(rng.clone()));
    for mut rng in seeds {
        let fixture = Fixture::new();
        import(&fixture, &mut rng, 60, 0);
        case(&fixture, &mut rng).await;
    }
}

#[tokio::test]
async fn without_with_and_with_half_a_commit_graph() {
    random_cases(6, async |fixture, rng| {
        let root = &fixture.root;
        assert_eq!(same(fixture, root, "no graph").await, GraphFile::Missing);
        fixture.run(&["commit-graph", "write", "--reachable"]);
        assert_eq!(same(fixture, root, "whole graph").await, GraphFile::Used);
        import(fixture, rng, 20, 1);
        assert_eq!(same(fixture, root, "half a graph").await, GraphFile::Used);
        fixture.run(&["config", "core.commitGraph", "false"]);
        assert_eq!(same(fixture, root, "a graph that is off").await, GraphFile::Off);
        fixture.run(&["config", "core.commitGraph", "true"]);
        std::fs::remove_file(fixture.path(".git/objects/info/commit-graph")).unwrap();
        for round in 2..5 {
            fixture.run(&["commit-graph", "write", "--reachable", "--split=no-merge"]);
            import(fixture, rng, 9, round);
        }
        assert_eq!(same(fixture, root, "a chain of graphs").await, GraphFile::Used);
        fixture.run(&["switch", "-q", "-f", "--detach", "side~2"]);
        same(fixture, root, "detached").await;
        let linked = fixture.dir.path().join("linked");
        fixture.run(&["worktree", "add", "-q", "-f", linked.to_str().unwrap(), "old"]);
        assert_eq!(same(fixture, &linked, "linked worktree").await, GraphFile::Used);
    })
    .await;
}

#[tokio::test]
async fn where_parents_are_not_what_a_commit_graph_knows() {
    random_cases(4, async |fixture, _| {
        fixture.run(&["commit-graph", "write", "--reachable"]);
        let shared = fixture.dir.path().join("shared");
        fixture.run(&["clone", "-q", "--no-checkout", "--shared", ".", shared.to_str().unwrap()]);
        assert_eq!(same(fixture, &shared, "alternates").await, GraphFile::Used);
        let shallow = fixture.dir.path().join("shallow");
        let from = format!("file://{}", fixture.root.display());
        fixture.run(&[
            "clone",
            "-q",
            "--no-checkout",
            "--depth=5",
            "--no-single-branch",
            &from,
            shallow.to_str().unwrap(),
        ]);
        assert_eq!(same(fixture, &shallow, "shallow").await, GraphFile::Grafted);
        let commit = fixture.text(&["rev-parse", "main"]);
        // A parent that comes from the commit would be a circle.
        let (is_below, ..) = fixture.try_run(&fixture.root, &["merge-base", "--is-ancestor", "main", "old~1"]);
        let parent = if is_below == 0 {
            fixture.text(&["rev-list", "--max-parents=0", "--max-count=1", "main"])
        } else {
            fixture.text(&["rev-parse", "old~1"])
        };
        fixture.run(&["replace", "--graft", &commit, &parent]);
        assert_eq!(same(fixture, &fixture.root, "replaced").await, GraphFile::Grafted);
    })
    .await;
}

#[tokio::test]
async fn a_damaged_commit_graph_never_shows_a_wrong_row() {
    random_cases(6, async |fixture, rng| {
        fixture.run(&["commit-graph", "write", "--reachable"]);
        let file = fixture.path(".git/objects/info/commit-graph");
        let good = std::fs::read(&file).unwrap();
        let data = good.windows(4).position(|word| word == b"CDAT").unwrap();
        let at = u64::from_be_bytes(good[data + 4..data + 12].try_into().unwrap()) as usize;
        for _ in 0..6 {
            let mut bad = good.clone();
            // The parents of a commit, and the sum at the end, as another file would have it.
            let commit = rng.usize(..40);
            bad[at + commit * 36 + 23] ^= 1 << rng.u8(..5);
            let end = bad.len();
            bad[end - 1] ^= rng.u8(1..);
            std::fs::remove_file(&file).unwrap();
            std::fs::write(&file, &bad).unwrap();
            let of = HistoryOf {
                is_all: true,
                ..HistoryOf::default()
            };
            let rows = fixture.rows(fixture.repo(), &of).await.unwrap();
            let mut args = vec!["-c", "core.commitGraph=false", "log", "--date-order", "--format=%H %P"];
            args.extend(ALL);
            let truth = String::from_utf8(fixture.run(&args)).unwrap();
            assert_eq!(lines(&rows), truth.lines().collect::<Vec<_>>());
        }
        for cut in [0, 7, 30, good.len() / 2, good.len() - 3] {
            std::fs::remove_file(&file).unwrap();
            std::fs::write(&file, &good[..cut]).unwrap();
            fixture.log(fixture.repo()).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_read_is_kept_until_the_repository_changes() {
    let fixture = Fixture::new();
    let of = HistoryOf {
        is_all: true,
        ..HistoryOf::default()
    };
    let read = async || {
        fixture
            .git
            .history(fixture.repo(), &of, &fixture.cancel, |_| {})
            .await
            .unwrap()
    };
    assert_eq!(read().await.outline().n_rows, 0, "nothing was committed yet");
    fixture.commit_all("one");
    let first = read().await;
    assert!(std::sync::Arc::ptr_eq(&first, &read().await));
    fixture.run(&["branch", "another"]);
    let second = read().await;
    assert_ne!(first.outline().stamp, second.outline().stamp, "a new name is another history");
    fixture.commit_all("two");
    let third = read().await;
    assert_eq!(third.outline().n_rows, 2);
    assert_eq!(third.row_of(&fixture.text(&["rev-parse", "HEAD~1"])), Some(1));
    assert_eq!(third.named("ANOTH"), [fixture.text(&["rev-parse", "another"])]);
    assert!(fixture.git.known_history(&fixture.root, &third.outline().stamp).is_some());
}

#[tokio::test]
async fn messages_are_shown_as_git_reads_them() {
    let fixture = Fixture::new();
    fixture.write(".mailmap", "Ada King <ada@example.org>\n");
    fixture.commit_all("root: \u{1b}[31mred\u{1b}[0m \u{202e}\nsecond line\n\nbody");
    fixture.run(&["config", "i18n.commitEncoding", "ISO-8859-1"]);
    fixture.write("message", b"caf\xe9 cr\xe8me");
    fixture.run(&["commit", "-q", "--allow-empty", "-F", "message"]);
    let rows = fixture.log(fixture.repo()).await.unwrap();
    let said: Vec<(&str, &str)> = rows.iter().map(|row| (row.summary.as_str(), row.author.as_str())).collect();
    assert_eq!(
        said,
        [
            ("café crème", "Ada King"),
            ("root: \\u{1b}[31mred\\u{1b}[0m <U+202E> second line", "Ada King")
        ]
    );
}

async fn found(fixture: &Fixture, search: &Search) -> Vec<String> {
    let mut oids = Vec::new();
    fixture
        .git
        .search(fixture.repo(), search, 1000, &fixture.cancel, |rows| {
            oids.extend(rows.into_iter().map(|row| row.oid));
        })
        .await
        .unwrap();
    oids
}

#[tokio::test]
async fn commits_are_found_by_everything_they_are() {
    let fixture = Fixture::new();
    fixture.write("src/[a].rs", "fn one() {}\n");
    let first = fixture.commit_all("Add the first function");
    fixture.write("src/[a].rs", "fn one() {}\nfn two() {}\n");
    let second = fixture.commit_all("Add a SECOND function");
    fixture.run(&["mv", "src/[a].rs", "src/b.rs"]);
    let third = fixture.commit_all("Move");
    fixture.write("src/b.rs", "fn one() {}\nfn 2() {}\n");
    fixture.run(&["add", "-A"]);
    fixture.run(&[
        "commit",
        "-q",
        "-m",
        "Other hand",
        "--author",
        "Grace Hopper <grace@navy.mil>",
        "--date",
        "2001-01-01",
    ]);
    let fourth = fixture.text(&["rev-parse", "HEAD"]);
    let check = async |search: Search, wanted: &[&String]| {
        let found = found(&fixture, &search).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), wanted, "{search:?}");
    };
    let nothing = Search::default;
    let words = |words: &[&str]| Search {
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        ..nothing()
    };
    check(words(&["second"]), &[&second]).await;
    check(words(&["function", "add"]), &[&second, &first]).await;
    check(words(&["a.d"]), &[]).await;
    let author = |name: &str| Search {
        author: Some(name.into()),
        ..nothing()
    };
    check(author("navy.mil"), &[&fourth]).await;
    let path = |name: &str, is_following| Search {
        paths: vec![name.into()],
        is_following,
        ..nothing()
    };
    check(path("src/[a].rs", false), &[&third, &second, &first]).await;
    check(path("src/b.rs", false), &[&fourth, &third]).await;
    check(path("src/b.rs", true), &[&fourth, &third, &second, &first]).await;
    let content = Search {
        content: Some("two()".into()),
        ..nothing()
    };
    check(content, &[&fourth, &second]).await;
    let regex = Search {
        regex: Some("fn (two|2)".into()),
        author: Some("grace".into()),
        ..nothing()
    };
    check(regex, &[&fourth]).await;
    let dates = Search {
        until: Some("2019-01-01".into()),
        ..nothing()
    };
    check(dates, &[]).await;
}

#[tokio::test]
async fn a_commit_graph_is_written_where_the_user_trusts_the_folder() {
    random_cases(1, async |fixture, _| {
        let of = HistoryOf {
            is_all: true,
            ..HistoryOf::default()
        };
        let outline = async || {
            let history = fixture
                .git
                .history(fixture.repo(), &of, &fixture.cancel, |_| {})
                .await
                .unwrap();
            (history.outline().graph, history.outline().n_loose)
        };
        assert_eq!(outline().await, (GraphFile::Missing, 60));
        let untrusted = Repo {
            is_trusted: false,
            ..fixture.repo()
        };
        let problem = fixture.git.write_commit_graph(untrusted, &fixture.cancel).await.unwrap_err();
        assert!(problem.is_untrusted());
        fixture.git.write_commit_graph(fixture.repo(), &fixture.cancel).await.unwrap();
        assert_eq!(outline().await, (GraphFile::Used, 0));
        fixture.run(&["commit-graph", "verify"]);
    })
    .await;
}
