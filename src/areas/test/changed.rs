//! Which tests a change touches: the rule of each tool, from files that differ to what is run.

use super::frameworks::imports::{self, Texts};
use super::frameworks::{
    CaseId, Framework, Runner, Selection, Site, WHOLE_FILE, WHOLE_MODULE, WHOLE_PACKAGE, cargo_graph, detect, go, needs,
};
use super::starting::command_of;
use super::{Reason, listing};
use crate::adapters::{World, scan};
use crate::areas::JobCtx;
use crate::base::{Msg, Problem, Workspace};
use crate::msg;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Folders below a site that are read for import lines.
const DEPTH: usize = 12;

/// What of each site is to be run, and why.
pub(super) struct Touched {
    pub plans: Vec<(Site, Selection)>,
    pub reasons: Vec<Reason>,
}

/// Files that differ from a revision (HEAD when none is named), untracked ones too; relative to the workspace.
async fn paths(world: &World, workspace: &Workspace, against: Option<&str>) -> Result<BTreeSet<PathBuf>, Problem> {
    let git = world.git().clone();
    let root = workspace.root.clone();
    let revision = against.unwrap_or("HEAD").to_owned();
    let found = tokio::task::spawn_blocking(move || {
        let top = git.top(&root)?;
        let mut found: BTreeSet<PathBuf> = BTreeSet::new();
        for file in git.compare(&root, &revision, None)?.files {
            found.extend(file.old_path.iter().map(|path| path.to_path_buf()));
            found.insert(file.path.to_path_buf());
        }
        for entry in git.status(&root)?.entries {
            if entry.unstaged == Some(crate::base::Change::Untracked) {
                found.insert(entry.path.to_path_buf());
            }
        }
        // An untracked folder is one entry.
        let folders: Vec<PathBuf> = found.iter().filter(|path| scan::is_dir(&top.join(path))).cloned().collect();
        for folder in folders {
            found.remove(&folder);
            let inside = scan::walk(&top.join(&folder), DEPTH, &|| false, |_| scan::Wanted::Path);
            found.extend(inside.into_iter().map(|file| folder.join(file.path)));
        }
        let below = root.strip_prefix(&top).unwrap_or(Path::new("")).to_path_buf();
        let ours = found
            .into_iter()
            .filter_map(|path| Some(path.strip_prefix(&below).ok()?.to_path_buf()));
        Ok::<_, Problem>(ours.collect())
    });
    found.await.map_err(|_| Problem::cancelled())?
}

/// Words about a program that no test reads.
fn is_prose(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_text = path.extension().is_some_and(|end| end == "md" || end == "rst");
    let is_for_others = path.components().any(|part| {
        matches!(
            part.as_os_str().to_str(),
            Some(".github" | ".gitlab" | ".vscode" | ".idea" | ".chantier")
        )
    });
    is_text
        || is_for_others
        || name.starts_with("LICENSE")
        || name.starts_with(".coverage")
        || matches!(name, ".gitignore" | ".editorconfig" | ".gitattributes" | ".gitlab-ci.yml")
}

/// Sources of a language whose tools tell themselves what they need.
fn is_source(path: &Path) -> bool {
    is_script(path)
        || path
            .extension()
            .is_some_and(|end| matches!(end.to_str(), Some("py" | "rs" | "go")))
}

fn is_script(path: &Path) -> bool {
    let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
    matches!(end, "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx")
}

/// What of another place a site needs.
#[derive(Default)]
struct Outside {
    /// Changed files there.
    paths: BTreeSet<PathBuf>,
    /// The folders below the site that need one of them; the site itself, when all of it does.
    users: BTreeSet<PathBuf>,
}

fn outside(needs: &needs::Needs, site: &Site, sites: &[Site], changed: &BTreeSet<PathBuf>) -> Outside {
    let mut found = Outside::default();
    let Some(kind) = needs::Kind::of(site.runner) else {
        return found;
    };
    let home = needs.home(kind, &site.dir);
    // A module of go below another one is none of its packages, and what is a site of its own is asked itself.
    let is_site = |dir: &Path| {
        sites
            .iter()
            .any(|other| other.dir == dir && needs::Kind::of(other.runner) == Some(kind))
    };
    let within = needs
        .within(kind, &site.dir)
        .filter(|dir| kind != needs::Kind::Go && !is_site(dir));
    for dir in home.into_iter().chain(within) {
        let below = needs.below(kind, dir);
        let is_needed = |path: &&PathBuf| needs.home(kind, path).is_some_and(|home| below.contains(home));
        // What cargo builds together it knows itself.
        let is_told = |path: &&PathBuf| kind == needs::Kind::Cargo && path.starts_with(&site.dir);
        let paths: Vec<PathBuf> = changed
            .iter()
            .filter(is_needed)
            .filter(|path| !is_told(path))
            .cloned()
            .collect();
        if paths.is_empty() {
            continue;
        }
        found.paths.extend(paths);
        let is_all = home == Some(dir) || kind == needs::Kind::Cargo;
        found.users.insert(if is_all { site.dir.clone() } else { dir.to_path_buf() });
    }
    found
}

/// Chooses for every site.
pub(super) async fn choose(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    against: Option<&str>,
    sites: &[Site],
) -> Result<Touched, Problem> {
    let mut changed = paths(world, workspace, against).await?;
    changed.retain(|path| !is_prose(path));
    let mut touched = Touched {
        plans: Vec::new(),
        reasons: Vec::new(),
    };
    if changed.is_empty() {
        return Ok(touched);
    }
    let root = workspace.root.clone();
    let files = cx
        .blocking(move |cx| Ok(scan::walk(&root, DEPTH, &|| cx.is_cancelled(), needs::wanted)))
        .await?;
    let needs = needs::Needs::of(&files);
    for site in sites {
        cx.check()?;
        let mut mine: BTreeSet<PathBuf> = changed.iter().filter(|path| concerns(path, site, sites)).cloned().collect();
        let outside = outside(&needs, site, sites, &changed);
        if mine.is_empty() && outside.paths.is_empty() {
            continue;
        }
        let is_all = outside.users.contains(&site.dir);
        let (selection, rule) = match site.runner {
            _ if is_all => (Some(Selection::All), msg!("test-rule-needs")),
            Runner::CargoTest | Runner::Nextest => of_cargo(cx, world, workspace, site, &mine).await?,
            Runner::Go => of_go(cx, world, workspace, site, &mine).await?,
            Runner::Pytest | Runner::Unittest | Runner::Node | Runner::Vitest | Runner::Jest | Runner::Mocha => {
                of_files(cx, workspace, site, &mine, outside.users).await?
            }
            Runner::Ctest | Runner::Tap | Runner::Task => (Some(Selection::All), msg!("test-rule-site")),
        };
        let n_chosen = match &selection {
            Some(Selection::Cases(cases)) => Some(cases.iter().map(|case| &case.suite).collect::<BTreeSet<_>>().len() as u64),
            Some(Selection::All) => None,
            None => Some(0),
        };
        mine.extend(outside.paths);
        touched.reasons.push(Reason {
            runner: site.runner.word().to_owned(),
            dir: site.dir_word(),
            rule,
            paths: mine.into_iter().take(50).collect(),
            n_suites: n_chosen,
        });
        touched.plans.extend(selection.map(|selection| (site.clone(), selection)));
    }
    Ok(touched)
}

/// A change at the site, or in the settings above it that it shares.
fn concerns(path: &Path, site: &Site, sites: &[Site]) -> bool {
    if path.starts_with(&site.dir) {
        // Where another site begins, what is no source is of that one.
        let is_below = |other: &Site| other.dir != site.dir && other.dir.starts_with(&site.dir) && path.starts_with(&other.dir);
        let is_of_other = site.runner.framework().has_file_suites() && !is_source(path) && sites.iter().any(is_below);
        return !is_of_other;
    }
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_shared = match needs::Kind::of(site.runner) {
        Some(needs::Kind::Npm) => {
            name.contains(".config.")
                || name.starts_with("tsconfig")
                || matches!(
                    name,
                    "package.json" | "package-lock.json" | "pnpm-lock.yaml" | "pnpm-workspace.yaml" | "yarn.lock"
                )
        }
        Some(needs::Kind::Python) => {
            name.starts_with("requirements")
                || matches!(
                    name,
                    "pyproject.toml" | "setup.cfg" | "pytest.ini" | "tox.ini" | "conftest.py" | "uv.lock" | "poetry.lock"
                )
        }
        Some(needs::Kind::Go) => matches!(name, "go.work" | "go.work.sum"),
        Some(needs::Kind::Cargo) | None => false,
    };
    is_shared && path.parent().is_some_and(|above| site.dir.starts_with(above))
}

type Choice = (Option<Selection>, Msg);

fn cases(cases: Vec<CaseId>) -> Option<Selection> {
    (!cases.is_empty()).then_some(Selection::Cases(cases))
}

/// The packages that hold a changed file, and those that need them; a file below `tests/` that is a test by itself is that test alone.
async fn of_cargo(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    site: &Site,
    changed: &BTreeSet<PathBuf>,
) -> Result<Choice, Problem> {
    let rule = msg!("test-rule-cargo");
    let root = workspace.root.clone();
    let files = cx
        .blocking(move |cx| Ok(scan::walk(&root, DEPTH, &|| cx.is_cancelled(), detect::wanted)))
        .await?;
    let packages = cargo_graph::packages(&files);
    let (mut targets, mut rest) = (BTreeMap::new(), BTreeSet::new());
    for path in changed {
        match own_target(path) {
            Some(target) => {
                targets.insert(path.clone(), target);
            }
            None => {
                rest.insert(path.clone());
            }
        }
    }
    if cargo_graph::touched(&packages, &site.dir, &rest).is_none() {
        return Ok((Some(Selection::All), rule));
    }
    let (listed, trouble) = listing::list_site(cx, world, workspace, site).await?;
    if let Some(problem) = trouble.filter(|_| listed.is_empty()) {
        return Err(problem);
    }
    let target_of = |case: &CaseId| {
        let (package, target) = case.suite.split_once("::").unwrap_or((&case.suite, ""));
        let dir = packages.get(package).map(|package| package.dir.clone()).unwrap_or_default();
        (dir, target.to_owned())
    };
    let suites: BTreeSet<(PathBuf, String)> = listed.iter().map(target_of).collect();
    let root = workspace.root.clone();
    let (targets, rest) = cx
        .blocking(move |cx| {
            targets.retain(|path, target| {
                // Only a part of another test's program, or gone: its package knows.
                let is_own = suites.contains(target) && !cx.is_cancelled() && !is_module(&root, path);
                if !is_own {
                    rest.insert(path.clone());
                }
                is_own
            });
            Ok((targets, rest))
        })
        .await?;
    let targets: BTreeSet<(PathBuf, String)> = targets.into_values().collect();
    let touched = cargo_graph::touched(&packages, &site.dir, &rest).unwrap_or_default();
    let is_touched = |case: &CaseId| {
        let package = case
            .suite
            .split_once("::")
            .map_or(case.suite.as_str(), |(package, _)| package);
        touched.contains(package) || targets.contains(&target_of(case))
    };
    Ok((cases(listed.into_iter().filter(|case| is_touched(case)).collect()), rule))
}

/// Another file of the same folder, or of one below it, has this one as a module.
fn is_module(root: &Path, path: &Path) -> bool {
    let (Some(dir), Some(name)) = (path.parent(), path.file_stem().and_then(|stem| stem.to_str())) else {
        return false;
    };
    let wanted = |file: &Path| match file.extension() {
        Some(end) if end == "rs" => scan::Wanted::Text,
        _ => scan::Wanted::No,
    };
    let files = scan::walk(&root.join(dir), DEPTH, &|| false, wanted);
    let (module, file) = (format!("mod {name};"), format!("{name}.rs\""));
    files.iter().filter(|found| dir.join(&found.path) != path).any(|found| {
        let text = found.text.as_deref().unwrap_or_default();
        text.contains(&module) || text.contains(&file)
    })
}

/// `a/tests/it.rs` and `a/tests/it/main.rs`: the package's folder and the test's name.
fn own_target(path: &Path) -> Option<(PathBuf, String)> {
    let mut above = path.ancestors().skip(1);
    let tests = above.find(|folder| folder.file_name().is_some_and(|name| name == "tests"))?;
    let below = path.strip_prefix(tests).ok()?;
    let mut parts = below.components();
    let first = Path::new(parts.next()?.as_os_str());
    let is_alone = parts.next().is_none() && first.extension().is_some_and(|end| end == "rs");
    let name = if is_alone { first.file_stem()? } else { return None };
    Some((tests.parent()?.to_path_buf(), name.to_string_lossy().into_owned()))
}

/// The packages that hold a changed file, and those whose tests are built with them, as `go list -deps` knows it.
async fn of_go(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    site: &Site,
    changed: &BTreeSet<PathBuf>,
) -> Result<Choice, Problem> {
    let rule = msg!("test-rule-go");
    let is_setting = |path: &PathBuf| match path.strip_prefix(&site.dir).map(Path::to_str) {
        Ok(below) => matches!(below, Some("go.mod" | "go.sum" | "go.work" | "go.work.sum")),
        Err(_) => true,
    };
    if changed.iter().any(is_setting) {
        return Ok((Some(Selection::All), rule));
    }
    let argv = [
        "go",
        "list",
        "-e",
        "-test",
        "-f",
        "{{.ImportPath}}\t{{join .Deps \" \"}}",
        "./...",
    ]
    .map(str::to_owned);
    let cmd = command_of(workspace, site, &argv).workspace(&workspace.root);
    let output = world.processes().output(cmd, cx.cancel_token(), 64 << 20).await?;
    let text = String::from_utf8_lossy(&output.success("go list")?).into_owned();
    let plain = |word: &str| word.split(" [").next().unwrap_or_default().to_owned();
    let all: BTreeSet<String> = text
        .lines()
        .filter_map(|line| Some(plain(line.split('\t').next()?)))
        .collect();
    // Test data stand below the package that reads them.
    let holder = |path: &PathBuf| {
        let dirs = all
            .iter()
            .filter(|name| !name.ends_with(".test"))
            .map(|name| (go::package_dir(name, site), name));
        let above = dirs.filter(|(dir, _)| path.starts_with(dir));
        above
            .max_by_key(|(dir, _)| dir.components().count())
            .map(|(_, name)| name.clone())
    };
    let direct: BTreeSet<String> = changed.iter().filter_map(holder).collect();
    let mut packages: BTreeSet<String> = BTreeSet::new();
    for line in text.lines() {
        let Some((name, needs)) = line.split_once('\t') else {
            continue;
        };
        let Some(package) = name.strip_suffix(".test") else { continue };
        if direct.contains(package) || needs.split(' ').any(|need| direct.contains(need)) {
            packages.insert(package.to_owned());
        }
    }
    let chosen = packages
        .iter()
        .map(|package| CaseId::new(Framework::Go, package, WHOLE_PACKAGE));
    Ok((cases(chosen.collect()), rule))
}

/// The test files that changed, or that import what changed, directly or by others. `users` are folders that need something else that changed.
async fn of_files(
    cx: &JobCtx,
    workspace: &Workspace,
    site: &Site,
    changed: &BTreeSet<PathBuf>,
    users: BTreeSet<PathBuf>,
) -> Result<Choice, Problem> {
    let rule = msg!("test-rule-imports");
    let is_python = matches!(site.runner, Runner::Pytest | Runner::Unittest);
    let is_setting = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_ending = ["toml", "cfg", "ini", "json", "lock"]
            .iter()
            .any(|end| path.extension().is_some_and(|own| own == *end));
        let at_top = path.parent() == Some(&site.dir);
        let is_named = name.contains(".config.") || name.starts_with("requirements") || name.ends_with("conftest.py");
        !path.starts_with(&site.dir) || (at_top && (is_ending || is_named))
    };
    if changed.iter().any(is_setting) {
        return Ok((Some(Selection::All), rule));
    }
    let dir = workspace.root.join(&site.dir);
    let below = |path: &PathBuf| Some(path.strip_prefix(&site.dir).ok()?.to_path_buf());
    let (sources, data): (BTreeSet<PathBuf>, BTreeSet<PathBuf>) =
        changed.iter().filter_map(below).partition(|path| is_source(path));
    let users: Vec<PathBuf> = users.iter().filter_map(below).collect();
    let (touched, texts, unread) = cx
        .blocking(move |cx| {
            let wanted = |path: &Path| {
                let is_own = if is_python {
                    path.extension().is_some_and(|end| end == "py")
                } else {
                    is_script(path) || path.ends_with("package.json")
                };
                if is_own { scan::Wanted::Text } else { scan::Wanted::No }
            };
            let files = scan::walk(&dir, DEPTH, &|| cx.is_cancelled(), wanted);
            let texts: Texts = files.into_iter().filter_map(|file| Some((file.path, file.text?))).collect();
            let mut changed = sources;
            // A conftest serves every test below its folder.
            let conftests = changed.iter().filter(|path| path.ends_with("conftest.py"));
            let mut served: Vec<PathBuf> = conftests.filter_map(|path| Some(path.parent()?.to_path_buf())).collect();
            served.extend(users);
            // Data beside tests are theirs; who reads other data, no import says.
            let mut unread = false;
            for path in &data {
                let home = tests_home(path).filter(|home| texts.keys().any(|file| file.starts_with(home)));
                unread |= home.is_none();
                served.extend(home.map(Path::to_path_buf));
            }
            let is_served = |file: &&PathBuf| served.iter().any(|folder| file.starts_with(folder));
            changed.extend(texts.keys().filter(is_served).cloned());
            Ok((imports::touched(&texts, &changed), texts, unread))
        })
        .await?;
    if unread {
        return Ok((Some(Selection::All), msg!("test-rule-data")));
    }
    let chosen = touched
        .iter()
        .filter(|path| texts.contains_key(*path) && is_source(path) && is_test_file(site.runner, path));
    let suite = |path: &PathBuf| site.dir.join(path).to_string_lossy().into_owned();
    let chosen = chosen.map(|path| CaseId::new(site.runner.framework(), &suite(path), whole_file(site.runner)));
    Ok((cases(chosen.collect()), rule))
}

/// The folder of tests that a file stands in.
fn tests_home(path: &Path) -> Option<&Path> {
    let is_home = |folder: &&Path| {
        let name = folder.file_name().and_then(|name| name.to_str());
        matches!(name, Some("test" | "tests" | "__tests__"))
    };
    path.ancestors().skip(1).filter(is_home).last()
}

fn is_test_file(runner: Runner, path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match runner {
        Runner::Pytest => name.starts_with("test_") || name.ends_with("_test.py"),
        Runner::Unittest => name.starts_with("test"),
        _ => {
            let is_below = path
                .components()
                .any(|part| matches!(part.as_os_str().to_str(), Some("test" | "tests" | "__tests__")));
            name.contains(".test.") || name.contains(".spec.") || name.contains("_test.") || name.starts_with("test-") || is_below
        }
    }
}

/// The name that stands for all tests of a file.
fn whole_file(runner: Runner) -> &'static str {
    match runner {
        Runner::Unittest => WHOLE_MODULE,
        _ => WHOLE_FILE,
    }
}
