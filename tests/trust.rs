//! What may run is what the user trusts.

use chantier::adapters::files;
use chantier::adapters::trust::{Trust, TrustState};
use chantier::base::Workspace;
use std::os::unix::fs::PermissionsExt as _;

fn workspace() -> (tempfile::TempDir, Trust, Workspace) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap().join("project");
    std::fs::create_dir_all(root.join(".chantier/deploy")).unwrap();
    std::fs::create_dir(dir.path().join("data")).unwrap();
    std::fs::write(root.join("chantier.toml"), "[task.build]\nrun = [\"make\"]\n").unwrap();
    let trust = Trust::new(&dir.path().join("data"));
    (dir, trust, Workspace::at(&root))
}

#[test]
fn nothing_is_trusted_until_the_user_says_so() {
    let (_dir, trust, workspace) = workspace();
    assert_eq!(trust.state(&workspace).unwrap(), TrustState::Never);
    let problem = trust.check(&workspace).unwrap_err();
    assert!(problem.is_untrusted() && problem.summary.key == "trust-never");
    trust.trust(&workspace).unwrap();
    trust.check(&workspace).unwrap();
    assert_eq!(trust.list().unwrap(), std::slice::from_ref(&workspace.root));
    trust.revoke(&workspace).unwrap();
    assert_eq!(trust.state(&workspace).unwrap(), TrustState::Never);
}

#[test]
fn trust_is_kept_outside_and_for_the_user_alone() {
    let (dir, trust, workspace) = workspace();
    trust.trust(&workspace).unwrap();
    let mode = std::fs::metadata(dir.path().join("data/trust.toml"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    // What is trusted already is not written once more.
    let written = |path: &std::path::Path| std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(path).unwrap());
    let before = written(&dir.path().join("data/trust.toml"));
    trust.trust(&workspace).unwrap();
    assert_eq!(written(&dir.path().join("data/trust.toml")), before);
    let names: Vec<_> = files::list_dir(&workspace.root)
        .unwrap()
        .into_iter()
        .map(|entry| entry.name)
        .collect();
    assert_eq!(names, [".chantier", "chantier.toml"]);
}

#[test]
fn changed_command_files_ask_again_with_the_difference() {
    let (_dir, trust, workspace) = workspace();
    trust.trust(&workspace).unwrap();
    std::fs::write(workspace.root.join("src.rs"), "fn main() {}").unwrap();
    trust.check(&workspace).expect("other files are no commands");
    std::fs::write(
        workspace.root.join("chantier.toml"),
        "[task.build]\nrun = [\"curl\", \"evil\"]\n",
    )
    .unwrap();
    std::fs::write(workspace.root.join(".chantier/deploy/prod.toml"), "steps = [\"\u{202e}\"]\n").unwrap();
    let problem = trust.check(&workspace).unwrap_err();
    assert!(problem.is_untrusted() && problem.summary.key == "trust-changed");
    for part in [
        "-run = [\"make\"]",
        "+run = [\"curl\", \"evil\"]",
        "+++ .chantier/deploy/prod.toml",
        "+steps = [\"<U+202E>\"]",
    ] {
        assert!(problem.details.contains(part), "{part} in {}", problem.details);
    }
    trust.trust(&workspace).unwrap();
    trust.check(&workspace).unwrap();
    std::fs::remove_file(workspace.root.join(".chantier/deploy/prod.toml")).unwrap();
    assert!(trust.check(&workspace).unwrap_err().details.contains("-steps"));
}

#[test]
fn another_folder_at_the_same_path_is_not_trusted() {
    let (dir, trust, workspace) = workspace();
    trust.trust(&workspace).unwrap();
    std::fs::rename(&workspace.root, dir.path().join("moved")).unwrap();
    std::fs::create_dir(&workspace.root).unwrap();
    std::fs::write(workspace.root.join("chantier.toml"), "[task.build]\nrun = [\"make\"]\n").unwrap();
    let problem = trust.check(&workspace).unwrap_err();
    assert!(problem.is_untrusted() && problem.summary.key == "trust-replaced");
}

#[test]
fn a_broken_list_trusts_nothing_and_is_kept() {
    let (dir, trust, workspace) = workspace();
    let file = dir.path().join("data/trust.toml");
    std::fs::write(&file, "[[workspace]\n").unwrap();
    assert!(trust.check(&workspace).unwrap_err().is_untrusted());
    assert!(trust.trust(&workspace).is_err());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "[[workspace]\n");
}

#[test]
fn many_at_once_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let trust = Trust::new(dir.path());
    std::thread::scope(|scope| {
        for n in 0..8 {
            let (trust, root) = (trust.clone(), dir.path().join(format!("w{n}")));
            scope.spawn(move || {
                std::fs::create_dir(&root).unwrap();
                trust.trust(&Workspace::at(&root)).unwrap();
            });
        }
    });
    assert_eq!(trust.list().unwrap().len(), 8);
}

/// A worktree that git made of the workspace, and the workspace as a repository.
fn worktree(dir: &std::path::Path, workspace: &Workspace) -> Workspace {
    let git = |args: &[&str]| crate::support::cli::git(&workspace.root, args);
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "-A"]);
    git(&[
        "-c",
        "user.name=Ada",
        "-c",
        "user.email=a@example.org",
        "commit",
        "-q",
        "-m",
        "one",
    ]);
    git(&["worktree", "add", "-q", "-b", "side", "../linked"]);
    Workspace::at(&dir.canonicalize().unwrap().join("linked"))
}

#[test]
fn a_linked_worktree_is_as_trusted_as_its_repository() {
    let (dir, trust, workspace) = workspace();
    let linked = worktree(dir.path(), &workspace);
    assert_eq!(trust.state(&linked).unwrap(), TrustState::Never);
    trust.trust(&workspace).unwrap();
    assert_eq!(trust.state(&linked).unwrap(), TrustState::Trusted);
    // What another branch says to run was looked at by nobody.
    std::fs::write(linked.root.join("chantier.toml"), "[task.build]\nrun = [\"curl\"]\n").unwrap();
    assert!(matches!(trust.state(&linked).unwrap(), TrustState::Changed { diff } if diff.contains("curl")));
    trust.trust(&linked).unwrap();
    assert_eq!(trust.state(&linked).unwrap(), TrustState::Trusted);
    trust.revoke(&linked).unwrap();
    std::fs::copy(workspace.root.join("chantier.toml"), linked.root.join("chantier.toml")).unwrap();
    trust.revoke(&workspace).unwrap();
    assert_eq!(trust.state(&linked).unwrap(), TrustState::Never);
}

#[test]
fn a_folder_that_only_claims_to_be_a_worktree_is_not_trusted() {
    let (dir, trust, workspace) = workspace();
    let linked = worktree(dir.path(), &workspace);
    trust.trust(&workspace).unwrap();
    let claim = std::fs::read(linked.root.join(".git")).unwrap();
    let other = |name: &str, link: &[u8]| {
        let root = dir.path().canonicalize().unwrap().join(name);
        std::fs::create_dir_all(root.join(".chantier/deploy")).unwrap();
        std::fs::copy(workspace.root.join("chantier.toml"), root.join("chantier.toml")).unwrap();
        std::fs::write(root.join(".git"), link).unwrap();
        trust.state(&Workspace::at(&root)).unwrap()
    };
    assert_eq!(
        other("claims", &claim),
        TrustState::Never,
        "the repository names another folder"
    );
    // Nor one that brings what looks like the repository's side.
    let fake = dir.path().canonicalize().unwrap().join("fake/entry");
    std::fs::create_dir_all(&fake).unwrap();
    let root = dir.path().canonicalize().unwrap().join("brings");
    std::fs::write(fake.join("gitdir"), format!("{}\n", root.join(".git").display())).unwrap();
    std::fs::write(fake.join("commondir"), format!("{}\n", workspace.root.join(".git").display())).unwrap();
    let link = format!("gitdir: {}\n", fake.display());
    assert_eq!(other("brings", link.as_bytes()), TrustState::Never);
    // A link in the place of the file that git writes.
    std::fs::remove_file(linked.root.join(".git")).unwrap();
    std::os::unix::fs::symlink(workspace.root.join(".git/worktrees/linked/gitdir"), linked.root.join(".git")).unwrap();
    assert_eq!(trust.state(&linked).unwrap(), TrustState::Never);
}
