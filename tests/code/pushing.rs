//! Where a push goes, through the real program: never into a branch of another name that nobody named, and where git's settings say.

use super::kinds::Bench;
use crate::support::cli::git;

impl Bench {
    /// The subject of the newest commit of a branch there; empty where there is none.
    fn there(&self, remote: &str, branch: &str) -> String {
        let folder = self.home.path(remote);
        let found = git(
            &folder,
            &["for-each-ref", "--format=%(subject)", &format!("refs/heads/{branch}")],
        );
        found.trim().to_owned()
    }
}

#[test]
fn a_branch_made_from_the_shared_one_is_not_pushed_into_it() {
    let bench = Bench::new();
    bench.commits(1);
    bench.remote();
    bench.git(&["switch", "-q", "-c", "feat", "origin/main"]);
    bench.commits_from(2, 2);
    let told = bench.refused(&["push"]);
    assert!(told.contains("feat follows origin/main"), "{told}");
    assert!(told.contains("push -u") && told.contains("--into-upstream"), "{told}");
    assert_eq!(
        (
            bench.there("remote.git", "main").as_str(),
            bench.there("remote.git", "feat").as_str()
        ),
        ("c1", "")
    );
    let preview = bench.code(&["push", "--preview"]);
    assert!(preview.contains("follows origin/main"), "{preview}");

    bench.code(&["push", "-u"]);
    assert_eq!(
        (
            bench.there("remote.git", "main").as_str(),
            bench.there("remote.git", "feat").as_str()
        ),
        ("c1", "c2")
    );
    assert_eq!(bench.git(&["rev-parse", "--abbrev-ref", "@{upstream}"]).trim(), "origin/feat");

    // Who names it gets it.
    bench.git(&["branch", "-q", "-u", "origin/main"]);
    bench.code(&["push", "--into-upstream"]);
    assert_eq!(bench.there("remote.git", "main"), "c2");
    bench.git(&["config", "push.default", "upstream"]);
    bench.commits_from(3, 3);
    bench.code(&["push"]);
    assert_eq!(
        (
            bench.there("remote.git", "main").as_str(),
            bench.there("remote.git", "feat").as_str()
        ),
        ("c3", "c2")
    );
    bench.git(&["config", "push.default", "current"]);
    bench.code(&["push"]);
    assert_eq!(bench.there("remote.git", "feat"), "c3");
    bench.git(&["config", "push.default", "nothing"]);
    assert!(bench.refused(&["push"]).contains("push.default"));
}

/// As everybody with a fork has it: what is followed stands in one place, and what is pushed goes to the other.
#[test]
fn a_push_goes_to_the_fork_that_the_settings_name() {
    let bench = Bench::new();
    bench.commits(1);
    bench.remote();
    let fork = bench.home.path("fork.git");
    git(&bench.root, &["init", "-q", "--bare", fork.to_str().unwrap()]);
    bench.git(&["remote", "add", "fork", fork.to_str().unwrap()]);
    bench.git(&["config", "remote.pushDefault", "fork"]);
    bench.commits_from(2, 2);
    bench.code(&["push"]);
    assert_eq!(
        (
            bench.there("remote.git", "main").as_str(),
            bench.there("fork.git", "main").as_str()
        ),
        ("c1", "c2")
    );
    assert_eq!(bench.git(&["rev-parse", "--abbrev-ref", "@{upstream}"]).trim(), "origin/main");
    bench.git(&["config", "branch.main.pushRemote", "origin"]);
    bench.code(&["push"]);
    assert_eq!(bench.there("remote.git", "main"), "c2");
    bench.git(&["config", "branch.main.pushRemote", "nowhere"]);
    assert!(bench.refused(&["push"]).contains("nowhere"));
}

#[test]
fn who_amended_what_was_pushed_is_not_told_to_pull_it_back() {
    let bench = Bench::new();
    bench.commits(2);
    bench.remote();
    bench.git(&["commit", "-q", "--amend", "-m", "c2 again"]);
    let told = bench.refused(&["push"]);
    assert!(
        told.contains("replaced here") && told.contains("--force-with-lease"),
        "{told}"
    );
    bench.code(&["push", "--force-with-lease"]);
    assert_eq!(bench.there("remote.git", "main"), "c2 again");
    // Whoever only went back would take away what others may have built on.
    bench.git(&["reset", "-q", "--hard", "HEAD~1"]);
    bench.commits_from(3, 3);
    let told = bench.refused(&["push"]);
    assert!(told.contains("has commits that are not here"), "{told}");
}

/// Where nothing says which of several remotes is meant, none of them gets anything until somebody says so.
#[test]
fn a_branch_goes_to_no_remote_that_nobody_named() {
    let bench = Bench::new();
    bench.commits(1);
    for name in ["backup", "upstream"] {
        let folder = bench.home.path(&format!("{name}.git"));
        git(&bench.root, &["init", "-q", "--bare", folder.to_str().unwrap()]);
        bench.git(&["remote", "add", name, folder.to_str().unwrap()]);
    }
    let told = bench.refused(&["push"]);
    assert!(
        told.contains("backup, upstream") && told.contains("--remote backup"),
        "{told}"
    );
    let preview = bench.code(&["push", "--preview"]);
    assert!(preview.contains("backup, upstream"), "{preview}");
    bench.git(&["tag", "-m", "one", "v1"]);
    assert!(bench.refused(&["tag", "push", "v1"]).contains("backup, upstream"));
    assert_eq!(bench.there("backup.git", "main"), "");

    bench.code(&["push", "--remote", "upstream"]);
    bench.commits_from(2, 2);
    // It is remembered.
    bench.code(&["push"]);
    assert_eq!(
        (
            bench.there("backup.git", "main").as_str(),
            bench.there("upstream.git", "main").as_str()
        ),
        ("", "c2")
    );
    bench.code(&["tag", "push", "v1"]);
    assert!(git(&bench.home.path("upstream.git"), &["tag"]).contains("v1"));
}
