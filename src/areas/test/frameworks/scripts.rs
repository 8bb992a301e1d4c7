//! Which scripts of a `package.json` run tests, and with what: node, tape, Vitest, Jest and Mocha, directly, behind wrappers, or through
//! other scripts. Pure: nothing is run.

use super::{Runner, Site, mocha};
use crate::adapters::scan::Found;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Options of node that take the next word as their value.
const WITH_VALUE: [&str; 6] = [
    "--import",
    "--require",
    "-r",
    "--loader",
    "--experimental-loader",
    "--conditions",
];
/// Scripts that call scripts are followed so far.
const MAX_CALLS: usize = 5;
/// The rank of a script that has a name of its own.
const LAST_RANK: usize = 3;
/// What the scripts of tests are called where none is called `test`.
const OTHER_NAMES: [&str; 11] = [
    "tests", "unit", "unittest", "spec", "specs", "mocha", "tape", "jest", "vitest", "cover", "coverage",
];

/// What one script runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    pub runner: Option<Runner>,
    /// The options that the runner is given, for Mocha its files too.
    pub options: Vec<String>,
    pub env: BTreeMap<String, String>,
    /// The command without what its output is piped to, if it is.
    pub unpiped: Option<String>,
    /// What of the command only a shell can read: patterns of files, variables.
    pub in_shell: Option<String>,
}

/// One site per `package.json` that has a script for tests.
pub fn sites(files: &[Found]) -> Vec<Site> {
    let mut sites = Vec::new();
    let (mut scriptless, mut around) = (Vec::new(), Vec::new());
    for manifest in files.iter().filter(|file| is_named(file, "package.json")) {
        let text = manifest.text.as_deref().unwrap_or_default();
        let Ok(json) = serde_json::from_str::<serde_json::Value>(text.trim_start_matches('\u{feff}')) else {
            continue;
        };
        let dir = manifest.path.parent().unwrap_or(Path::new(""));
        let scripts: BTreeMap<&str, &str> = json
            .get("scripts")
            .and_then(serde_json::Value::as_object)
            .map(|scripts| {
                scripts
                    .iter()
                    .filter_map(|(name, text)| Some((name.as_str(), text.as_str()?)))
                    .collect()
            })
            .unwrap_or_default();
        let package = Package {
            scripts,
            has_tape: depends_on(&json, "tape"),
        };
        let scripts = package.test_scripts();
        if scripts.is_empty() && has_mocha(&json, dir, files) {
            scriptless.push(Site::new(Runner::Mocha, dir));
        }
        if has_jest_projects(&json, dir, files) {
            around.push(dir.to_path_buf());
        }
        let manager = manager(&json, dir, files);
        sites.extend(
            scripts
                .into_iter()
                .filter_map(|(name, run)| site_of(run, &name, dir, manager)),
        );
    }
    // Their projects are run from the folder around them.
    let is_project = |site: &Site| around.iter().any(|dir| site.dir != *dir && site.dir.starts_with(dir));
    let has_jest = |dir: &PathBuf| sites.iter().any(|site| site.runner == Runner::Jest && site.dir == *dir);
    if around.iter().all(has_jest) {
        sites.retain(|site| site.runner != Runner::Jest || !is_project(site));
    }
    // The package around others often only brings the tool.
    scriptless.retain(|site| !sites.iter().any(|other| other.dir.starts_with(&site.dir)));
    sites.extend(scriptless);
    sites
}

fn is_named(file: &Found, name: &str) -> bool {
    file.path.file_name().is_some_and(|own| own == name)
}

/// Jest runs the packages below as its projects.
fn has_jest_projects(json: &serde_json::Value, dir: &Path, files: &[Found]) -> bool {
    let has = |settings: &serde_json::Value| settings.get("projects").is_some_and(serde_json::Value::is_array);
    let is_settings = |file: &&Found| {
        let name = file.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        file.path.parent() == Some(dir) && name.starts_with("jest.config.")
    };
    let mut settings = files.iter().filter(is_settings).filter_map(|file| file.text.as_deref());
    json.get("jest").is_some_and(has) || settings.any(|text| text.contains("projects"))
}

fn depends_on(json: &serde_json::Value, tool: &str) -> bool {
    ["dependencies", "devDependencies"]
        .iter()
        .any(|kind| json.get(kind).and_then(|all| all.get(tool)).is_some())
}

/// No script names Mocha, but it is here, with its settings or with files where it looks for tests.
fn has_mocha(json: &serde_json::Value, dir: &Path, files: &[Found]) -> bool {
    let below = |file: &Found| file.path.strip_prefix(dir).map(Path::to_path_buf).ok();
    let has_settings = files.iter().filter_map(below).any(|path| {
        let is_here = path.components().count() == 1;
        is_here && path.to_string_lossy().starts_with(".mocharc.")
    });
    let is_test = |path: &Path| path.parent() == Some(Path::new("test")) && has_js_ending(path);
    let has_tests = || files.iter().filter_map(below).any(|path| is_test(&path));
    has_settings || json.get("mocha").is_some_and(serde_json::Value::is_object) || (depends_on(json, "mocha") && has_tests())
}

/// The endings that Mocha looks for.
pub fn has_js_ending(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    matches!(ending, "js" | "cjs" | "mjs")
}

fn site_of(run: Run, name: &str, dir: &Path, manager: &str) -> Option<Site> {
    let runner = run.runner?;
    let mut site = Site::new(runner, dir);
    site.argv = match (runner, &run.unpiped, &run.in_shell) {
        (Runner::Vitest | Runner::Jest, ..) | (Runner::Mocha, _, None) => Vec::new(),
        (Runner::Mocha, _, Some(words)) => mocha::in_shell(words),
        (_, Some(command), _) => ["npm", "exec", "-c", command].map(str::to_owned).to_vec(),
        _ => [manager, "run", name].map(str::to_owned).to_vec(),
    };
    site.options = run.options;
    site.env = run.env;
    Some(site)
}

/// The package manager: what `packageManager` says, else the lock file here or in a folder above, else npm.
pub fn manager(json: &serde_json::Value, dir: &Path, files: &[Found]) -> &'static str {
    let named = json
        .get("packageManager")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default();
    for program in ["pnpm", "yarn", "npm"] {
        if named.split('@').next() == Some(program) {
            return program;
        }
    }
    for folder in dir.ancestors() {
        for (lock, program) in [
            ("pnpm-lock.yaml", "pnpm"),
            ("yarn.lock", "yarn"),
            ("package-lock.json", "npm"),
        ] {
            if files.iter().any(|file| file.path == folder.join(lock)) {
                return program;
            }
        }
    }
    "npm"
}

/// The scripts of a package, by name.
#[derive(Default)]
pub struct Package<'a> {
    pub scripts: BTreeMap<&'a str, &'a str>,
    /// A program that node runs may be tests of tape.
    pub has_tape: bool,
}

impl Package<'_> {
    /// The scripts for tests: `test` before `test:unit` before the others, each with a tool that none before it has; else the first one
    /// that has another name.
    fn test_scripts(&self) -> Vec<(String, Run)> {
        let rank = |name: &str| match name {
            "test" => Some(0),
            "test:unit" => Some(1),
            _ => match name.split([':', '-', '_', '.']).next() {
                Some("test") => Some(2),
                Some(first) if OTHER_NAMES.contains(&first) => Some(LAST_RANK),
                _ => None,
            },
        };
        let mut names: Vec<(usize, &str)> = self.scripts.keys().filter_map(|name| Some((rank(name)?, *name))).collect();
        names.sort_unstable();
        let mut found: Vec<(String, Run)> = Vec::new();
        for (rank, name) in names {
            // In a browser other tools are needed.
            if !found.is_empty() && (rank == LAST_RANK || name.contains("browser")) {
                continue;
            }
            let run = self.run_of(name, MAX_CALLS);
            found.extend(run.filter(|(_, run)| found.iter().all(|(_, other)| other.runner != run.runner)));
        }
        found
    }

    fn run_of(&self, name: &str, n_calls: usize) -> Option<(String, Run)> {
        let script = self.scripts.get(name)?;
        commands(script).iter().find_map(|command| {
            if let Some(run) = self.command(command) {
                return Some((name.to_owned(), run));
            }
            let called = self.called(command)?;
            if n_calls == 0 {
                None
            } else {
                self.run_of(called, n_calls - 1)
            }
        })
    }

    /// What the first command of a script that runs tests runs; None for what watches or is no such tool.
    pub fn script(&self, script: &str) -> Option<Run> {
        commands(script).iter().find_map(|command| self.command(command))
    }

    /// `npm run x`, `yarn x`, `pnpm run x`: the name of the script that is called.
    fn called(&self, command: &Command) -> Option<&str> {
        let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
        let at = words.iter().position(|word| !is_wrapper(word))?;
        let name = match &words[at..] {
            ["npm" | "yarn" | "pnpm" | "bun", "run" | "run-script", rest @ ..] => {
                *rest.iter().find(|word| !word.starts_with('-'))?
            }
            ["npm" | "yarn" | "pnpm", "t" | "tst" | "test", ..] => "test",
            ["yarn" | "pnpm", name, ..] => name,
            _ => return None,
        };
        self.scripts.get_key_value(name).map(|(name, _)| *name)
    }

    fn command(&self, command: &Command) -> Option<Run> {
        let words = &command.words;
        let text = |word: &Word| word.text.clone();
        if words
            .iter()
            .any(|word| matches!(word.text.as_str(), "--watch" | "-w" | "watch"))
        {
            return None;
        }
        let mut at = words.iter().position(|word| !is_wrapper(&word.text))?;
        if matches!(words[at].text.as_str(), "npm" | "pnpm" | "yarn" | "bun") {
            // `yarn mocha`, `pnpm exec mocha`: the tool itself, unless a script has its name.
            let behind = words[at + 1..]
                .iter()
                .position(|word| !is_wrapper(&word.text) && word.text != "x")?;
            at += 1 + behind;
            if tool(&words[at].text).is_none() || self.scripts.contains_key(words[at].text.as_str()) {
                return None;
            }
        }
        let mut run = Run {
            env: settings_of(&words[..at]),
            unpiped: command.is_piped.then(|| command.text.trim().to_owned()),
            ..Run::default()
        };
        // A tool of the project may be run by its path, or by node itself.
        let is_node = words[at].text == "node";
        let tool_at = if is_node {
            words[at..].iter().position(|word| tool(&word.text).is_some()).map(|n| at + n)
        } else {
            Some(at)
        };
        if is_node && let Some(tool_at) = tool_at {
            let flags: Vec<String> = options_of(&words[at + 1..tool_at]);
            if !flags.is_empty() {
                run.env.insert("NODE_OPTIONS".to_owned(), flags.join(" "));
            }
        }
        let rest = |from: usize| words[from + 1..].iter().map(text).collect::<Vec<String>>();
        let runner = match tool_at.and_then(|at| tool(&words[at].text)) {
            Some(runner) => runner,
            None if is_node && words[at..].iter().any(|word| word.text == "--test") => {
                run.options = options_of(&words[at + 1..]);
                Runner::Node
            }
            None if is_node && self.has_tape && words[at + 1..].iter().any(|word| !word.text.starts_with('-')) => Runner::Tap,
            None => return None,
        };
        run.runner = Some(runner);
        match (runner, tool_at) {
            (Runner::Vitest | Runner::Jest, Some(at)) => run.options = js_options(&rest(at)),
            (Runner::Mocha, Some(at)) => {
                run.options = mocha::options(&rest(at));
                let is_plain = words[at + 1..].iter().all(|word| !word.is_for_shell);
                let raw = || command.text[words[at].end..].trim().to_owned();
                run.in_shell = (!is_plain).then(raw);
            }
            _ => {}
        }
        Some(run)
    }
}

/// The tool that a program or a file of a package is.
fn tool(word: &str) -> Option<Runner> {
    let name = word.rsplit('/').next().unwrap_or(word);
    let is_path = word.contains('/');
    match name {
        "tape" => Some(Runner::Tap),
        "vitest" => Some(Runner::Vitest),
        "vitest.mjs" if is_path => Some(Runner::Vitest),
        "jest" => Some(Runner::Jest),
        "jest.js" if is_path => Some(Runner::Jest),
        "mocha" | "_mocha" => Some(Runner::Mocha),
        "mocha.js" | "_mocha.js" if is_path => Some(Runner::Mocha),
        _ => None,
    }
}

/// The options that a task of `chantier.toml` gives to Vitest, Jest or Mocha.
pub fn task_options(words: &[String]) -> Vec<String> {
    let Some((at, runner)) = words.iter().enumerate().find_map(|(at, word)| Some((at, tool(word)?))) else {
        return Vec::new();
    };
    match runner {
        Runner::Mocha => mocha::options(&words[at + 1..]),
        _ => js_options(&words[at + 1..]),
    }
}

/// `--config x`, `--project=a` and the like; without what says how to report or what to watch.
fn js_options(words: &[String]) -> Vec<String> {
    let mut options = Vec::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or_default();
        let is_ours = [
            "--reporter",
            "--reporters",
            "--watchAll",
            "--ci",
            "--verbose",
            "--silent",
            "--coverage",
            "--passWithNoTests",
        ];
        let takes_value = [
            "--config",
            "-c",
            "--root",
            "--rootDir",
            "--dir",
            "--project",
            "--projects",
            "--selectProjects",
            "--environment",
            "--env",
            "--mode",
            "--testEnvironment",
            "--preset",
            "--maxWorkers",
            "--testTimeout",
            "--setupFiles",
            "--setupFilesAfterEnv",
            "--moduleDirectories",
            "--roots",
            "--testMatch",
            "--testRegex",
            "--testPathIgnorePatterns",
            "--transform",
            "--pool",
            "--reporter",
            "--reporters",
        ];
        let value = (takes_value.contains(&word.as_str())).then(|| words.next()).flatten();
        if name.starts_with('-') && !is_ours.contains(&name) {
            options.push(word.clone());
            options.extend(value.cloned());
        }
    }
    options.retain(|word| !word.contains(['\'', '"', '$', '`']));
    options
}

/// `NODE_OPTIONS=--experimental-vm-modules` in front of the tool.
fn settings_of(words: &[Word]) -> BTreeMap<String, String> {
    let settings = words.iter().filter_map(|word| word.text.split_once('='));
    settings
        .filter(|(name, value)| !name.starts_with('-') && !value.contains(['$', '`']))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Coverage tools and settings in front of the tool itself.
fn is_wrapper(word: &str) -> bool {
    matches!(word, "c8" | "nyc" | "npx" | "cross-env" | "exec" | "env") || word.starts_with('-') || word.contains('=')
}

fn options_of(words: &[Word]) -> Vec<String> {
    let mut options = Vec::new();
    let mut words = words.iter().map(|word| word.text.as_str());
    while let Some(word) = words.next() {
        if !word.starts_with('-') {
            continue;
        }
        options.push(word.to_owned());
        if WITH_VALUE.contains(&word) {
            options.extend(words.next().map(str::to_owned));
        }
    }
    options.retain(|word| !word.contains(['\'', '"', '$', '`']));
    options
}

/// One command of a script.
struct Command {
    text: String,
    words: Vec<Word>,
    is_piped: bool,
}

struct Word {
    text: String,
    /// Something in it that a shell would replace.
    is_for_shell: bool,
    /// Where it ends in the command.
    end: usize,
}

/// The commands of a script one after the other, without those that only read what another one writes.
fn commands(script: &str) -> Vec<Command> {
    let mut found = Vec::new();
    let mut rest = script;
    let mut reads_other = false;
    loop {
        let mut words = Vec::new();
        let mut word: Option<Word> = None;
        let mut quote = None;
        let mut end = rest.len();
        let mut chars = rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let after = at + c.len_utf8();
            match (quote, c) {
                (Some(mark), _) if c == mark => quote = None,
                (None, '\'' | '"') => {
                    quote = Some(c);
                    word.get_or_insert_with(Word::new);
                }
                (None, ' ' | '\t' | '\n') => words.extend(word.take()),
                (None, '&' | '|' | ';') => {
                    end = at;
                    break;
                }
                (None | Some('"'), '\\') => {
                    if let Some((_, escaped)) = chars.next() {
                        word.get_or_insert_with(Word::new).text.push(escaped);
                    }
                }
                _ => {
                    let word = word.get_or_insert_with(Word::new);
                    word.text.push(c);
                    word.is_for_shell |= match quote {
                        None => "*?[{$`~".contains(c),
                        Some(mark) => mark == '"' && "$`".contains(c),
                    };
                }
            }
            if let Some(word) = &mut word {
                word.end = after;
            }
        }
        words.extend(word);
        let mark_len = rest[end..].chars().take_while(|c| "&|;".contains(*c)).count();
        let mark = &rest[end..end + mark_len];
        if !words.is_empty() && !reads_other {
            found.push(Command {
                text: rest[..end].to_owned(),
                words,
                is_piped: mark == "|",
            });
        }
        reads_other = mark == "|";
        if mark.is_empty() {
            return found;
        }
        rest = &rest[end + mark_len..];
    }
}

impl Word {
    fn new() -> Self {
        Self {
            text: String::new(),
            is_for_shell: false,
            end: 0,
        }
    }
}
