//! Several repositories as one release: all of them get the tag, or none does.

use super::Bench;
use chantier::areas::release::{Command as Release, Together, Wish};
use chantier::base::{Problem, State};
use chantier::engine::Outcome;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command as Program;

fn git(folder: &Path, args: &[&str]) -> String {
    let output = Program::new("git").args(args).current_dir(folder).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {args:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

const NAMES: [&str; 2] = ["addons", "server"];

impl Bench {
    /// Two repositories below the first, all with a remote.
    fn several() -> Self {
        let mut bench = Self::new();
        bench.write(".gitignore", "out/\naddons/\nserver/\n");
        bench.commit("chore: others live here");
        for name in NAMES {
            let folder = bench.root().join(name);
            std::fs::create_dir(&folder).unwrap();
            git(&folder, &["init", "-q", "-b", "main"]);
            git(&folder, &["config", "user.name", "Ana"]);
            git(&folder, &["config", "user.email", "ana@example.org"]);
            std::fs::write(folder.join("a"), "a").unwrap();
            git(&folder, &["add", "-A"]);
            git(&folder, &["commit", "-q", "-m", "feat: begin"]);
        }
        for (name, folder) in bench.folders() {
            let remote = bench.folder.path().canonicalize().unwrap().join(format!("{name}-remote.git"));
            let remote = remote.display().to_string();
            git(&folder, &["init", "-q", "--bare", &remote]);
            git(&folder, &["remote", "add", "origin", &remote]);
            git(&folder, &["push", "-q", "-u", "origin", "main"]);
        }
        let manifest = "<manifest><remote name=\"o\" fetch=\"..\"/><default remote=\"o\" revision=\"main\"/><project name=\"addons\" path=\"addons\"/><project name=\"server\" path=\"server\"/></manifest>\n";
        bench.write("default.xml", manifest);
        bench.commit("chore: the manifest");
        let workspace = bench.workspace.clone();
        bench.session().world.trust().trust(&workspace).unwrap();
        bench
    }

    fn folders(&self) -> Vec<(String, std::path::PathBuf)> {
        let mut all = vec![("app".to_owned(), self.root().to_path_buf())];
        all.extend(NAMES.iter().map(|name| ((*name).to_owned(), self.root().join(name))));
        all
    }

    fn together(&mut self, pushes: bool) -> Outcome {
        let workspace = self.workspace.clone();
        self.run(Release::Together {
            workspace,
            version: "2.0.0".to_owned(),
            pushes,
        })
    }

    fn not_together(&mut self, pushes: bool) -> Problem {
        match self.together(pushes) {
            Outcome::Failed { problem } => problem,
            other => panic!("failed was expected, not {other:?}"),
        }
    }

    fn look_together(&mut self) -> Together {
        let workspace = self.workspace.clone();
        let look = Release::LookTogether {
            workspace,
            version: "2.0.0".to_owned(),
        };
        assert_eq!(self.run(look), Outcome::Done);
        self.model.release.of(&self.workspace.id).unwrap().together.clone().unwrap()
    }

    fn tagged_together(&self) -> usize {
        let has = |folder: &Path| git(folder, &["tag", "--list", "v2.0.0"]) == "v2.0.0";
        self.folders().iter().filter(|(_, folder)| has(folder)).count()
    }

    fn remote_tags(&self) -> usize {
        let has = |folder: &Path| !git(folder, &["ls-remote", "origin", "refs/tags/v2.0.0"]).is_empty();
        self.folders().iter().filter(|(_, folder)| has(folder)).count()
    }
}

#[test]
fn several_repositories_get_one_version_and_the_frozen_manifest_is_kept() {
    let mut bench = Bench::several();
    let together = bench.look_together();
    let paths: Vec<&str> = together.members.iter().map(|member| member.path.as_str()).collect();
    assert_eq!(paths, [".", "addons", "server"]);
    // What is not committed forbids it, and a stash is told.
    let server = bench.root().join("server");
    std::fs::write(server.join("a"), "changed").unwrap();
    let problem = bench.not_together(true);
    assert_eq!((problem.code.as_str(), problem.details.as_str()), ("not-ready", "server"));
    git(&server, &["stash"]);
    let member = bench.look_together().members.pop().unwrap();
    let told: Vec<(&str, State)> = member
        .checks
        .iter()
        .map(|check| (check.name.key.as_ref(), check.state))
        .collect();
    assert_eq!(
        told,
        [
            ("release-check-clean", State::Done),
            ("release-together-stashes", State::Degraded)
        ]
    );
    // The manifest's commit is on no remote yet: without a push nobody else could check it out.
    assert_eq!(bench.not_together(false).details, ".");
    assert_eq!(bench.tagged_together(), 0);
    assert_eq!(bench.together(true), Outcome::Done);
    assert_eq!((bench.tagged_together(), bench.remote_tags()), (3, 3));
    let workspace = bench.workspace.clone();
    assert_eq!(bench.run(Release::List { workspace }), Outcome::Done);
    let known = bench.model.release.of(&bench.workspace.id).unwrap();
    let made = known
        .deliverables
        .value()
        .unwrap()
        .iter()
        .find(|one| one.version == "2.0.0")
        .unwrap();
    let text = std::fs::read_to_string(&made.artifacts[0].path).unwrap();
    for (_, folder) in bench.folders() {
        assert!(text.contains(&git(&folder, &["rev-parse", "HEAD"])), "{text}");
    }
    assert_eq!(bench.not_together(true).code, "not-ready", "the version is there");
}

#[test]
fn a_tag_that_can_not_be_set_takes_the_others_back() {
    let mut bench = Bench::several();
    let lock = bench.root().join("server/.git/refs/tags/v2.0.0.lock");
    std::fs::write(&lock, "").unwrap();
    bench.not_together(true);
    assert_eq!((bench.tagged_together(), bench.remote_tags()), (0, 0));
    std::fs::remove_file(&lock).unwrap();
    git(&bench.root().join("addons"), &["tag", "v2.0.0", "HEAD"]);
    git(
        &bench.root().join("addons"),
        &["commit", "-q", "--allow-empty", "-m", "fix: more"],
    );
    assert_eq!(bench.not_together(true).details, "addons", "another commit has the tag");
    assert_eq!(bench.tagged_together(), 1, "a tag that is not ours stays");
}

#[test]
fn a_push_that_one_remote_refuses_is_gone_on_with() {
    let mut bench = Bench::several();
    let remote = bench.folder.path().canonicalize().unwrap();
    let refuse = |name: &str, refuses: bool| {
        let hook = remote.join(format!("{name}-remote.git/hooks/pre-receive"));
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        std::fs::write(&hook, format!("#!/bin/sh\nexit {}\n", u8::from(refuses))).unwrap();
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    refuse("app", true);
    assert_eq!(bench.not_together(true).hint.unwrap().key, "release-together-untagged");
    assert_eq!(bench.tagged_together(), 0, "nobody has it yet");
    refuse("app", false);
    refuse("server", true);
    assert_eq!(bench.not_together(true).hint.unwrap().key, "release-together-half");
    assert_eq!((bench.tagged_together(), bench.remote_tags()), (3, 2));
    refuse("server", false);
    assert_eq!(bench.together(true), Outcome::Done);
    assert_eq!(bench.remote_tags(), 3);
}

#[test]
fn what_a_remote_would_refuse_is_known_before_anything_is_tagged() {
    let mut bench = Bench::several();
    let server = bench.root().join("server");
    let other = bench.folder.path().join("other");
    let remote = git(&server, &["remote", "get-url", "origin"]);
    git(bench.folder.path(), &["clone", "-q", "-b", "main", &remote, "other"]);
    git(&other, &["config", "user.name", "Bo"]);
    git(&other, &["config", "user.email", "bo@example.org"]);
    // Somebody else gave their own commit this version.
    git(&other, &["checkout", "-q", "-b", "side"]);
    git(&other, &["commit", "-q", "--allow-empty", "-m", "feat: theirs"]);
    git(&other, &["push", "-q", "origin", "HEAD:refs/tags/v2.0.0"]);
    let problem = bench.not_together(true);
    assert_eq!((problem.code.as_str(), problem.details.as_str()), ("not-ready", "server"));
    assert_eq!(problem.hint.unwrap().key, "release-tag-there");
    assert_eq!((bench.tagged_together(), bench.remote_tags()), (0, 1));
    git(&other, &["push", "-q", "origin", ":refs/tags/v2.0.0"]);
    // Or they pushed to the branch.
    git(&other, &["push", "-q", "origin", "side:main"]);
    let problem = bench.not_together(true);
    assert_eq!(problem.hint.unwrap().key, "release-together-moved");
    assert_eq!((bench.tagged_together(), bench.remote_tags()), (0, 0));
}

#[test]
fn one_that_can_not_go_on_is_left() {
    let mut bench = Bench::several();
    let remote = bench.folder.path().canonicalize().unwrap();
    let hook = remote.join("server-remote.git/hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(bench.not_together(true).hint.unwrap().key, "release-together-half");
    assert!(bench.look_together().is_unfinished);
    let workspace = bench.workspace.clone();
    bench.run(Release::Abort { workspace });
    assert_eq!(
        (bench.tagged_together(), bench.remote_tags()),
        (2, 2),
        "what others have stays"
    );
    std::fs::remove_file(&hook).unwrap();
    let workspace = bench.workspace.clone();
    let later = Release::Together {
        workspace,
        version: "2.0.1".to_owned(),
        pushes: true,
    };
    assert_eq!(bench.run(later), Outcome::Done);
}

/// The remote took it and the answer was lost: what it has is not taken back here.
#[test]
fn a_push_whose_end_nobody_saw_is_asked_for() {
    let mut bench = Bench::several();
    let remote = bench.folder.path().canonicalize().unwrap();
    let hook = remote.join("app-remote.git/hooks/post-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\nkill -9 $PPID\n").unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(bench.not_together(true).hint.unwrap().key, "release-together-half");
    assert_eq!((bench.tagged_together(), bench.remote_tags()), (3, 1));
    std::fs::remove_file(&hook).unwrap();
    assert_eq!(bench.together(true), Outcome::Done);
    assert_eq!((bench.tagged_together(), bench.remote_tags()), (3, 3));
}

/// A folder with several repositories that is none itself: no red box, but what can be done there.
#[test]
fn a_workspace_that_only_holds_repositories_is_released_together() {
    let mut bench = Bench::several();
    let workspace = bench.workspace.clone();
    std::fs::remove_dir_all(bench.root().join(".git")).unwrap();
    let asked = Release::Prepare {
        workspace,
        wish: Wish::Commits,
        package: None,
    };
    assert_eq!(bench.run(asked.clone()), Outcome::Done);
    let known = bench.model.release.of(&bench.workspace.id).unwrap();
    assert_eq!(known.only_together, ["addons", "server"]);
    assert!(known.readiness.value().is_none() && known.readiness.problem().is_none());
    // With one repository left there is nothing to release together, and what is wrong is said.
    std::fs::remove_dir_all(bench.root().join("server/.git")).unwrap();
    let Outcome::Failed { problem } = bench.run(asked) else {
        panic!("nothing can be released there");
    };
    assert_eq!(problem.code, "not-a-repository");
    assert!(bench.model.release.of(&bench.workspace.id).unwrap().only_together.is_empty());
}

/// As meta and vcstool have it: no manifest, and the outer repository ignores those that stand in it.
#[test]
fn repositories_that_the_outer_one_ignores_are_found() {
    let mut bench = Bench::several();
    std::fs::remove_file(bench.root().join("default.xml")).unwrap();
    bench.commit("chore: no manifest");
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    let look = Release::LookTogether {
        workspace,
        version: "1.0.0".to_owned(),
    };
    assert_eq!(bench.run(look), Outcome::Done);
    let known = bench.model.release.of(&bench.workspace.id).unwrap();
    let members = &known.together.as_ref().unwrap().members;
    let paths: Vec<&str> = members.iter().map(|member| member.path.as_str()).collect();
    assert_eq!(paths, [".", "addons", "server"]);
}
