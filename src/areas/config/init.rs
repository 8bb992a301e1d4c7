//! A first `chantier.toml` for a project, written from what is found in its files: what a tool says already is a comment,
//! what only the project knows is an example. Pure.

use crate::areas::build::detect::{Detected, Kind, Source, Task};
use crate::areas::devops::project::ReleaseRules;
use crate::areas::devops::version_tags::USUAL_TAG;
use crate::base::{Catalog, Msg};
use crate::msg;

/// Tasks that the comment names.
const NAMED: usize = 30;

/// The text of the file; it has no error.
pub fn text(name: &str, detected: &Detected, tests: &[String], release: &ReleaseRules, texts: &Catalog) -> String {
    let mut file = File {
        texts,
        text: String::new(),
    };
    file.remark(&msg!("config-init-head"));
    file.remark(&msg!("config-init-check"));
    file.line("");
    file.line("[project]");
    file.line(&format!("name = {}", quoted(name)));
    file.line("");
    let found: Vec<&Task> = detected.tasks.iter().filter(|task| task.source != Source::Project).collect();
    if !found.is_empty() {
        file.remark(&msg!("config-init-found"));
        for task in found.iter().take(NAMED) {
            file.line(&format!("#   {:<28} {}", task.id, task.command_line()));
        }
        for test in tests {
            file.line(&format!("#   test: {test}"));
        }
        file.line("");
    }
    file.tasks();
    let programs = programs(&found);
    file.artifacts(&programs);
    file.pipelines(&found);
    file.remark(&msg!("config-init-release"));
    file.line("# [release]");
    // What is found by itself, so that whoever takes the mark away changes nothing.
    file.line(&format!("# tag = {}", quoted(release.tag.as_deref().unwrap_or(USUAL_TAG))));
    file.line(&format!("# changelog = {}", quoted(&release.changelog.to_string_lossy())));
    file.line("");
    file.environments(&start(&found, &programs));
    file.text
}

struct File<'a> {
    texts: &'a Catalog,
    text: String,
}

impl File<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn remark(&mut self, words: &Msg) {
        let words = self.texts.msg(words);
        self.line(&format!("# {words}"));
    }

    fn tasks(&mut self) {
        self.remark(&msg!("config-init-task"));
        for line in [
            "# [[task]]",
            "# name = \"docs\"",
            "# kind = \"build\"             # build, test, check, run",
            "# run = [\"make\", \"docs\"]",
            "# timeout = \"5m\"",
            "",
        ] {
            self.line(line);
        }
    }

    /// Programs of cargo are artifacts for certain; of other tools only the user knows what they leave.
    fn artifacts(&mut self, programs: &[String]) {
        self.remark(&msg!("config-init-artifact"));
        if programs.is_empty() {
            for line in [
                "# [[artifact]]",
                "# name = \"package\"",
                "# path = \"dist/package.tar.gz\"",
                "# task = \"docs\"",
                "",
            ] {
                self.line(line);
            }
            return;
        }
        self.line("[[task]]");
        self.line("name = \"release\"");
        self.line("kind = \"build\"");
        self.line("run = [\"cargo\", \"build\", \"--release\", \"--workspace\"]");
        self.line("");
        for program in programs {
            self.line("[[artifact]]");
            self.line(&format!("name = {}", quoted(program)));
            self.line(&format!("path = {}", quoted(&format!("target/release/{program}"))));
            self.line("task = \"release\"");
            self.line("");
        }
    }

    /// An example that runs what was found, with everything that a job may say.
    fn pipelines(&mut self, found: &[&Task]) {
        let build = found
            .iter()
            .find(|task| task.kind == Kind::Build)
            .map_or("docs", |task| &task.id);
        let has = |source: Source| found.iter().any(|task| task.source == source);
        let kept = [
            (Source::Cargo, "target", "Cargo.lock", "Cargo.*"),
            (Source::Npm, "node_modules", "package-lock.json", "package*.json"),
            (Source::Go, ".cache/go-build", "go.sum", "go.*"),
            (Source::Maven, ".m2", "pom.xml", "pom.xml"),
            (Source::Python, ".venv", "pyproject.toml", "pyproject.toml"),
        ];
        let (_, folder, lock, inputs) = kept.into_iter().find(|(source, ..)| has(*source)).unwrap_or(kept[0]);
        self.remark(&msg!("config-init-pipeline"));
        for line in [
            "# [[pipeline]]",
            "# name = \"ci\"",
            "# on = [\"commit\"]            # commit, change; without it: by hand",
            "# branches = [\"main\", \"release/*\"]",
            "# stages = [\"check\", \"test\"]",
            "# env = { RUST_BACKTRACE = \"1\" }",
            "# [[pipeline.job]]",
            "# name = \"build\"",
            "# stage = \"check\"",
            "# timeout = \"10m\"",
            "# retry = 1",
            "# artifacts = [\"dist/*.tar.gz\"]",
            &format!("# cache = [{{ paths = [\"{folder}\"], key = [\"{lock}\"] }}]"),
            &format!("# inputs = [\"src/\", \"{inputs}\"]   # the same files: the result is taken over"),
            &format!(
                "# steps = [{{ task = {} }}, {{ run = [\"git\", \"diff\", \"--check\"] }}]",
                quoted(build)
            ),
            "# [[pipeline.job]]",
            "# name = \"test\"",
            "# stage = \"test\"             # or needs = [\"build\"]",
            "# matrix = { backend = [\"sqlite\", \"postgres\"] }",
            "# exclude = [{ backend = \"postgres\" }]",
            "# env = { BACKEND = \"{backend}\" }   # also MATRIX_BACKEND",
            "# steps = [{ test = \"all\" }]",
            "",
        ] {
            self.line(line);
        }
    }

    fn environments(&mut self, start: &str) {
        self.remark(&msg!("config-init-environment"));
        for line in [
            "# [[environment]]",
            "# name = \"staging\"",
            "# [environment.target]",
            "# kind = \"process\"",
            &format!("# run = {start}"),
            "# port = 8080",
            "# [[environment.health]]",
            "# kind = \"http\"",
            "# url = \"http://127.0.0.1:{port}/\"",
            "",
        ] {
            self.line(line);
        }
        self.remark(&msg!("config-init-check-example"));
        for line in [
            "# [[check]]",
            "# name = \"website\"",
            "# kind = \"tcp\"",
            "# address = \"127.0.0.1:8080\"",
        ] {
            self.line(line);
        }
    }
}

/// The programs that cargo builds in the root's workspace.
fn programs(tasks: &[&Task]) -> Vec<String> {
    let named = tasks
        .iter()
        .filter(|task| task.source == Source::Cargo && task.kind == Kind::Run && task.dir.as_os_str().is_empty());
    named.filter_map(|task| task.argv.last().cloned()).collect()
}

/// What an example environment runs.
fn start(tasks: &[&Task], programs: &[String]) -> String {
    if let Some(program) = programs.first() {
        return format!("[{}]", quoted(&format!("{{artifact:{program}}}")));
    }
    let run = tasks
        .iter()
        .find(|task| task.kind == Kind::Run && task.source != Source::Cargo && task.dir.as_os_str().is_empty());
    let words: Vec<String> = run
        .map(|task| task.argv.clone())
        .unwrap_or_else(|| ["python3", "-m", "http.server", "{port}"].map(str::to_owned).to_vec());
    format!("[{}]", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", "))
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
