//! The command that starts a debugger on one test, by tool. Pure: what is built and found is told to it.

use super::{CaseId, Runner, Site, cargo_argv, go, node};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A debugger ready to be started in a terminal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Debugging {
    pub argv: Vec<String>,
    /// Absolute.
    pub dir: PathBuf,
    pub env: BTreeMap<String, String>,
}

/// Debuggers of native programs in the order in which they are looked for, each with what it needs beside itself.
pub fn native_debuggers(runner: Runner) -> &'static [(&'static str, &'static str)] {
    match runner {
        Runner::CargoTest | Runner::Nextest => &[("rust-gdb", "gdb"), ("gdb", "gdb"), ("rust-lldb", "lldb"), ("lldb", "lldb")],
        _ => &[("gdb", "gdb"), ("lldb", "lldb")],
    }
}

/// The debugger in front of a program and its arguments.
pub fn native(debugger: &str, program: &[String]) -> Vec<String> {
    let before: &[&str] = if debugger.ends_with("lldb") {
        &["--"]
    } else {
        // A test that panics halts where it does, before its stack is gone.
        &["-q", "-ex", "set breakpoint pending on", "-ex", "break rust_panic", "--args"]
    };
    let is_rust = debugger.starts_with("rust-");
    let before: Vec<&str> = if is_rust || debugger.ends_with("lldb") {
        before.to_vec()
    } else {
        vec!["-q", "--args"]
    };
    let words = std::iter::once(debugger).chain(before).map(str::to_owned);
    words.chain(program.iter().cloned()).collect()
}

/// Builds the binary of one case, and says in JSON where it stands.
pub fn cargo_build_argv(site: &Site, case: &CaseId) -> Vec<String> {
    let is_cargo_test = site.argv.iter().take(2).map(String::as_str).eq(["cargo", "test"]);
    let mut argv = if is_cargo_test {
        cargo_argv::base_argv(site)
    } else {
        ["cargo", "test"].map(str::to_owned).to_vec()
    };
    if let Some(at) = argv.iter().position(|word| word == "--") {
        argv.truncate(at);
    }
    argv.retain(|word| word != "--workspace" && word != "--all");
    argv.extend(["--no-run", "--message-format=json-diagnostic-rendered-ansi"].map(str::to_owned));
    let case = std::slice::from_ref(case);
    argv.extend(
        cargo_argv::packages(case)
            .into_iter()
            .flat_map(|package| ["-p".to_owned(), package]),
    );
    argv.extend(cargo_argv::targets(case));
    argv
}

/// A test binary of libtest with the filter of one test.
pub fn libtest(executable: &str, case: &CaseId) -> Vec<String> {
    [
        executable,
        &case.name,
        "--exact",
        "--nocapture",
        "--test-threads=1",
        "--include-ignored",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The program of a CTest test, from `ctest --show-only=json-v1`: its command, folder and settings.
pub fn of_ctest(json: &[u8], name: &str) -> Option<Debugging> {
    #[derive(Deserialize)]
    struct Listed {
        tests: Vec<Test>,
    }
    #[derive(Deserialize)]
    struct Test {
        name: String,
        #[serde(default)]
        command: Vec<String>,
        #[serde(default)]
        properties: Vec<Property>,
    }
    #[derive(Deserialize)]
    struct Property {
        name: String,
        value: serde_json::Value,
    }
    let at = json.iter().position(|byte| *byte == b'{')?;
    let listed: Listed = serde_json::from_slice(&json[at..]).ok()?;
    let test = listed.tests.into_iter().find(|test| test.name == name)?;
    let mut debugging = Debugging {
        argv: test.command,
        ..Debugging::default()
    };
    for property in test.properties {
        match property.name.as_str() {
            "WORKING_DIRECTORY" => debugging.dir = property.value.as_str().unwrap_or_default().into(),
            "ENVIRONMENT" => {
                let pairs = property.value.as_array().into_iter().flatten();
                let pairs = pairs.filter_map(|pair| pair.as_str()?.split_once('='));
                debugging
                    .env
                    .extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
            }
            _ => {}
        }
    }
    (!debugging.argv.is_empty()).then_some(debugging)
}

/// pytest halts at the begin of the test, and where it fails.
pub fn pytest_args(case: &CaseId, dir: &Path) -> Vec<String> {
    let node = super::pytest::node_id(case, dir);
    ["--trace", "--pdb", "--rootdir=.", &node].map(str::to_owned).to_vec()
}

/// `python -m pdb` on unittest, halted at the line where the method begins; the folder that the module's name counts from.
pub fn unittest_args(case: &CaseId, site: &Site, line: Option<u32>) -> (Vec<String>, PathBuf) {
    let file = Path::new(&case.suite)
        .strip_prefix(&site.dir)
        .unwrap_or(Path::new(&case.suite));
    let starts = site.options.iter().filter(|start| *start != ".");
    let start = starts.filter(|start| file.starts_with(start)).max_by_key(|start| start.len());
    let below = start.and_then(|start| file.strip_prefix(start).ok()).unwrap_or(file);
    let module = below.with_extension("").to_string_lossy().replace('/', ".");
    let name = format!("{module}.{}", case.name.replace("::", "."));
    let mut args = ["-m", "pdb"].map(str::to_owned).to_vec();
    if let Some(line) = line {
        args.extend([
            "-c".to_owned(),
            format!("break {}:{line}", file.display()),
            "-c".to_owned(),
            "continue".to_owned(),
        ]);
    }
    args.extend(["-m", "unittest", &name].map(str::to_owned));
    (args, start.map(PathBuf::from).unwrap_or_default())
}

/// The first line inside a method of a class, in Python.
pub fn python_line(source: &str, case: &CaseId) -> Option<u32> {
    let (class, method) = case.name.rsplit_once("::")?;
    let class = class.rsplit("::").next()?;
    let is_class = |line: &str| {
        let rest = line
            .trim_start()
            .strip_prefix("class ")
            .and_then(|rest| rest.strip_prefix(class));
        rest.is_some_and(|rest| rest.starts_with(['(', ':']))
    };
    let lines: Vec<&str> = source.lines().collect();
    let begin = lines.iter().position(|line| is_class(line))?;
    let is_method = |line: &str| {
        let words = line.trim_start().trim_start_matches("async ");
        let rest = words.strip_prefix("def ").and_then(|rest| rest.strip_prefix(method));
        rest.is_some_and(|rest| rest.trim_start().starts_with('('))
    };
    let at = begin + lines[begin..].iter().position(|line| is_method(line))?;
    // At its own line the method is made, and not run.
    let ends = |line: &&str| line.split('#').next().is_some_and(|code| code.trim_end().ends_with(':'));
    let head = at + lines[at..].iter().position(ends)?;
    let mut quotes = None;
    for (number, line) in lines.iter().enumerate().skip(head + 1) {
        let words = line.trim();
        if let Some(mark) = quotes {
            if words.ends_with(mark) {
                quotes = None;
            }
        } else if let Some(mark) = ["\"\"\"", "'''"].into_iter().find(|mark| words.starts_with(mark)) {
            quotes = Some(mark).filter(|mark| words.len() < 6 || !words.ends_with(mark));
        } else if !words.is_empty() && !words.starts_with('#') {
            return Some(number as u32 + 1);
        }
    }
    None
}

/// Delve on the package's tests, with the pattern of one.
pub fn go_argv(case: &CaseId) -> Vec<String> {
    [
        "dlv",
        "test",
        &case.suite,
        "--",
        "-test.v",
        "-test.run",
        &go::pattern_of(&case.name),
    ]
    .map(str::to_owned)
    .to_vec()
}

/// node waits for a debugger before the first line of the file.
pub fn node_argv(site: &Site, case: &CaseId) -> Vec<String> {
    let argv = node::run_argv(site, &super::Selection::Cases(vec![case.clone()]));
    let mut words = argv.into_iter().filter(|word| word != "--test");
    let program = words.next().unwrap_or_default();
    [program, "--inspect-brk".to_owned()].into_iter().chain(words).collect()
}

/// Vitest and Jest in one process that waits for a debugger.
pub fn js_args(site: &Site, case: &CaseId) -> Vec<String> {
    let file = Path::new(&case.suite)
        .strip_prefix(&site.dir)
        .unwrap_or(Path::new(&case.suite));
    let pattern = super::js::pattern_of(case);
    let mut args = site.options.clone();
    if site.runner == Runner::Jest {
        args.extend(["--runInBand".to_owned(), pattern, "--runTestsByPath".to_owned()]);
    } else {
        args.splice(0..0, ["run".to_owned()]);
        args.extend(["--no-file-parallelism".to_owned(), "--testTimeout=0".to_owned(), pattern]);
    }
    args.push(file.to_string_lossy().into_owned());
    args
}
