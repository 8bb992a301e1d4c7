//! Which tasks the files of a project give: makefiles with all that they include, the tools of Python, cargo's aliases, Dockerfiles.

use super::put;
use crate::support::cli::{Home, git};
use chantier::areas::build::detect::{self, Detected};
use chantier::base::text::{Catalog, Lang};

fn detected(files: &[(&str, &str)]) -> Detected {
    let dir = tempfile::tempdir().expect("a folder");
    put(dir.path(), files);
    detect::detect(dir.path(), &|| false)
}

fn lines(files: &[(&str, &str)]) -> Vec<String> {
    let found = detected(files);
    let told = found
        .tasks
        .iter()
        .map(|task| format!("{} = {}", task.id, task.command_line()));
    told.collect()
}

#[test]
fn makefiles_are_read_with_what_they_include_and_under_their_conditions() {
    let makefile = "MK := mk\n\
        include $(MK)/*.mk\n\
        -include gone.mk\n\
        sinclude $(wildcard more/rules.make)\n\
        -include ../outside.mk\n\
        VERBS = go stay\n\
        .PHONY: $(VERBS) out/x\n\
        $(VERBS):\n\
        \t@echo $@\n\
        ifdef NEVER\n\
        never:\n\
        endif\n\
        ifndef NEVER\n\
        always:\n\
        else\n\
        otherwise:\n\
        endif\n\
        MODE ?= fast\n\
        ifeq ($(MODE),slow)\n\
        slow:\n\
        else ifeq \"$(MODE)\" \"fast\"\n\
        fast:\n\
        else\n\
        neither:\n\
        endif\n\
        HOST := $(shell uname)\n\
        ifeq ($(HOST),Linux)\n\
        linux:\n\
        else\n\
        elsewhere:\n\
        endif\n";
    let found = detected(&[
        ("p/Makefile", makefile),
        ("p/mk/a.mk", "include mk/deep/b.inc\nfrom-a: ## Of the file a\n\t@true\n"),
        ("p/mk/deep/b.inc", "\n\nfrom-b:\n"),
        ("p/more/rules.make", "from-rules:\n"),
        ("outside.mk", "beside:\n"),
    ]);
    let told: Vec<String> = found
        .tasks
        .iter()
        .map(|task| {
            let (file, line) = (task.place.path.display(), task.place.line.unwrap_or_default());
            format!("{} {file}:{line} {}", task.id, task.note)
        })
        .collect();
    let expected = [
        "make:p:from-b p/mk/deep/b.inc:3 ",
        "make:p:from-a p/mk/a.mk:2 Of the file a",
        "make:p:from-rules p/more/rules.make:1 ",
        "make:p:beside outside.mk:1 ",
        "make:p:go p/Makefile:8 ",
        "make:p:stay p/Makefile:8 ",
        "make:p:always p/Makefile:14 ",
        "make:p:fast p/Makefile:22 ",
        "make:p:linux p/Makefile:28 ",
        "make:p:elsewhere p/Makefile:30 ",
    ];
    assert_eq!(told, expected);
}

/// Make itself knows each target that is offered.
#[test]
fn each_target_that_is_offered_is_one_of_makes() {
    let dir = tempfile::tempdir().expect("a folder");
    let makefile = "include sub/*.mk\nifdef NEVER\nnever:\n\t@true\nendif\nall: ; @true\n";
    put(
        dir.path(),
        &[("Makefile", makefile), ("sub/x.mk", "from-include:\n\t@true\n")],
    );
    let found = detect::detect(dir.path(), &|| false);
    assert_eq!(found.tasks.len(), 2, "{:?}", found.tasks);
    for task in &found.tasks {
        let mut make = std::process::Command::new(&task.argv[0]);
        let ended = make
            .args(&task.argv[1..])
            .current_dir(dir.path())
            .status()
            .expect("make is there");
        assert!(ended.success(), "{}", task.id);
    }
}

#[test]
fn tasks_of_the_tools_of_python_are_found() {
    let pyproject = "[tool.poe.tasks]\nlint = \"ruff check\"\n_hidden = \"x\"\n\
        [tool.poe.tasks.serve]\ncmd = \"flask run\"\nhelp = \"Serve it\"\n\
        [tool.pdm.scripts]\nbuild-docs = \"mkdocs build\"\npost_build-docs = \"x\"\n\
        [tool.taskipy.tasks]\ntest = \"pytest\"\n\
        [tool.hatch.envs.default.scripts]\ncov = \"pytest --cov\"\n\
        [tool.hatch.envs.docs.scripts]\nbuild = [\"a\", \"b\"]\n\
        [tool.tox]\nenv_list = [\"py312\", \"lint\"]\n[tool.tox.env.lint]\ndescription = \"Look\"\n";
    assert_eq!(
        lines(&[("pyproject.toml", pyproject)]),
        [
            "poe:lint = poe lint",
            "poe:serve = poe serve",
            "pdm:build-docs = pdm run build-docs",
            "taskipy:test = task test",
            "hatch:cov = hatch run cov",
            "hatch:docs:build = hatch run docs:build",
            "tox:py312 = tox run -e py312",
            "tox:lint = tox run -e lint",
        ]
    );
    let poe = "[tool.poe.tasks]\nlint = \"ruff\"\n";
    assert_eq!(
        lines(&[("a/pyproject.toml", poe), ("a/uv.lock", "")]),
        ["poe:a:lint = uv run poe lint"]
    );
    let found = detected(&[(
        "tox.ini",
        "[tox]\nenvlist =\n    py{311,312}-django{4,5}\n    lint, docs  # both\n\n[testenv]\ncommands = pytest\n\n[testenv:lint]\ndescription = Look at it\n[testenv:extra]\n",
    )]);
    let told: Vec<String> = found
        .tasks
        .iter()
        .map(|task| format!("{} {} {}", task.id, task.kind.word(), task.note))
        .collect();
    assert_eq!(
        told,
        [
            "tox:py311-django4 test ",
            "tox:py311-django5 test ",
            "tox:py312-django4 test ",
            "tox:py312-django5 test ",
            "tox:lint check Look at it",
            "tox:docs other ",
            "tox:extra other ",
        ]
    );
    let noxfile = "import nox\n\n@nox.session(python=[\"3.11\", \"3.12\"])\ndef tests(session):\n    \"\"\"Run them.\"\"\"\n    session.run(\"pytest\")\n\n\
        @nox.session(\n    name=\"type-check\",\n)\n@nox.parametrize(\"a\", [1])\ndef types(session):\n    pass\n\ndef helper():\n    pass\n";
    let found = detected(&[("noxfile.py", noxfile)]);
    let told: Vec<String> = found
        .tasks
        .iter()
        .map(|task| {
            format!(
                "{}:{} {} {}",
                task.id,
                task.place.line.unwrap_or_default(),
                task.command_line(),
                task.note
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "nox:tests:4 nox --session tests Run them.",
            "nox:type-check:12 nox --session type-check ",
        ]
    );
}

#[test]
fn the_root_comes_before_a_folder_and_what_is_built_before_its_image() {
    let cargo = "[package]\nname = \"r\"\n";
    let main = |files: &[(&str, &str)]| {
        let found = detected(files);
        detect::main_task(&found.tasks)
            .map(|task| task.id.clone())
            .unwrap_or_default()
    };
    let makefile = ".DEFAULT_GOAL := build\nbuild:\n\ttrue\n";
    assert_eq!(
        main(&[
            ("Makefile", makefile),
            ("rs/Cargo.toml", cargo),
            ("Dockerfile", "FROM scratch\n")
        ]),
        "make:build"
    );
    assert_eq!(
        main(&[("rs/Cargo.toml", cargo), ("Dockerfile", "FROM scratch\n")]),
        "cargo:rs:build"
    );
    assert_eq!(main(&[("Dockerfile", "FROM scratch\n")]), "docker:build");
}

#[test]
fn aliases_of_cargo_and_dockerfiles_of_any_name_are_tasks() {
    let config = "[alias]\nxtask = \"run -p x --\"\nci-check = [\"check\", \"--all-targets\"]\n[build]\njobs = 2\n";
    let found = detected(&[
        ("Cargo.toml", "[package]\nname = \"r\"\n"),
        (".cargo/config.toml", config),
        ("docker/api.Dockerfile", "FROM scratch\n"),
    ]);
    let of = |id: &str| {
        let task = found
            .tasks
            .iter()
            .find(|task| task.id == id)
            .unwrap_or_else(|| panic!("{id}"));
        format!(
            "{} {}:{} {}",
            task.command_line(),
            task.place.path.display(),
            task.place.line.unwrap_or_default(),
            task.note
        )
    };
    assert_eq!(of("cargo:xtask"), "cargo xtask .cargo/config.toml:2 run -p x --");
    assert_eq!(
        of("cargo:ci-check"),
        "cargo ci-check .cargo/config.toml:3 check --all-targets"
    );
    assert!(
        of("docker:docker:build api.Dockerfile").starts_with("docker build --file api.Dockerfile --tag docker:api ."),
        "{}",
        of("docker:docker:build api.Dockerfile")
    );
}

#[test]
fn a_task_that_is_not_there_is_answered_with_the_nearest() {
    let names: Vec<String> = (0..30).map(|n| format!("step-{n}:\n\t@true\n")).collect();
    let makefile = format!("{}from-include:\n\t@true\n", names.concat());
    let found = detected(&[("Makefile", &makefile)]);
    let said = Catalog::new(Lang::En).msg(&detect::hint(&found.tasks, Some("make:form-include")));
    assert!(said.starts_with("There are make:from-include, "), "{said}");
    assert!(said.ends_with("and 21 more"), "{said}");
}

#[test]
fn tasks_that_are_new_since_a_branch_are_told() {
    let home = Home::new();
    let top = home.path("repo");
    // The workspace is a part of its repository.
    let dir = top.join("part");
    std::fs::create_dir_all(&dir).expect("made");
    put(
        &dir,
        &[
            ("Makefile", "include mk/*.mk\nall:\n\t@true\nold:\n\t@true\n"),
            ("mk/a.mk", "kept:\n\t@true\n"),
            ("package.json", r#"{"scripts":{"lint":"eslint ."}}"#),
            ("Dockerfile", "FROM scratch\n"),
            ("chantier.toml", "[[task]]\nname = \"pack\"\nrun = [\"true\"]\n"),
        ],
    );
    git(&top, &["init", "-q", "-b", "main"]);
    git(&top, &["config", "user.name", "a"]);
    git(&top, &["config", "user.email", "a@example.org"]);
    git(&top, &["add", "."]);
    git(&top, &["commit", "-qm", "feat: begin"]);
    git(&top, &["switch", "-qc", "topic"]);
    // What the branch got meanwhile is nothing that we have removed.
    git(&top, &["switch", "-q", "main"]);
    put(&dir, &[("justfile", "later:\n  true\n")]);
    git(&top, &["add", "."]);
    git(&top, &["commit", "-qm", "feat: later"]);
    git(&top, &["switch", "-q", "topic"]);
    put(
        &dir,
        &[
            ("Makefile", "include mk/*.mk\nall:\n\t@true\n"),
            ("mk/a.mk", "kept:\n\t@true\nfresh:\n\t@true\n"),
            ("package.json", r#"{"scripts":{"lint":"eslint .","dev":"vite"}}"#),
            ("chantier.toml", "[[task]]\nname = \"pack\"\nrun = [\"false\"]\n"),
        ],
    );
    let answer = home
        .call_in(&dir, &["build", "tasks", "--since", "main", "--json"])
        .ok()
        .json();
    let result = &answer["result"];
    let marked = |mark: &str| -> Vec<String> {
        let tasks = result["tasks"].as_array().expect("a list").iter();
        tasks
            .filter(|task| task["since"] == mark)
            .map(|task| task["id"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(marked("new"), ["npm:dev", "make:fresh"], "{result:#}");
    assert_eq!(marked("changed"), ["task:pack"], "{result:#}");
    assert_eq!(result["since"]["gone"][0]["id"], "make:old", "{result:#}");
    assert_eq!(result["since"]["gone"].as_array().map(Vec::len), Some(1), "{result:#}");
    let told = home.call_in(&dir, &["build", "tasks", "--since", "main"]).ok().out;
    assert!(told.contains("new") && told.contains("gone"), "{told}");
    // The same as before, and without a comparison nothing is said.
    let plain = home.call_in(&dir, &["build", "tasks", "--json"]).ok().json();
    assert!(plain["result"]["since"].is_null());
    let wrong = home.call_in(&dir, &["build", "tasks", "--since", "nowhere"]);
    assert_eq!(wrong.code, 1, "{}", wrong.err);
    assert!(wrong.err.contains("nowhere"), "{}", wrong.err);
    let left = std::fs::read_dir(home.path("home").join("cache"))
        .into_iter()
        .flatten()
        .flatten();
    assert!(
        left.into_iter()
            .all(|entry| !entry.file_name().to_string_lossy().starts_with("tasks-"))
    );
}

#[test]
fn tasks_of_one_id_are_told_apart_and_a_word_that_fits_several_means_none() {
    let found = detected(&[
        ("package.json", r#"{"scripts":{"site:dev":"echo root","build":"echo root"}}"#),
        ("site/package.json", r#"{"scripts":{"dev":"echo sub","build":"echo sub"}}"#),
        ("one/pom.xml", "<project/>"),
        ("two/pom.xml", "<project/>"),
    ]);
    let place = |word: &str| detect::find(&found.tasks, word).map(|task| task.place.path.to_string_lossy().into_owned());
    assert_eq!(place("npm:site:dev").expect("of the root"), "package.json");
    assert_eq!(place("npm:site/:dev").expect("of the folder"), "site/package.json");
    // Of several folders the outermost one.
    assert_eq!(place("build").expect("of the root"), "package.json");
    let problem = place("package").expect_err("of neither");
    assert_eq!(problem.code, "ambiguous");
    let hint = Catalog::new(Lang::En).msg(problem.hint.as_ref().expect("says which"));
    assert!(hint.contains("maven:one:package, maven:two:package"), "{hint}");
    let ids: std::collections::BTreeSet<&str> = found.tasks.iter().map(|task| task.id.as_str()).collect();
    assert_eq!(ids.len(), found.tasks.len(), "{ids:?}");
}

/// A comment in another character set is enough; nothing that would be in it may look as if it were not there.
#[test]
fn a_project_file_that_is_no_text_is_told_by_every_area_that_reads_it() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir_all(&dir).expect("made");
    std::fs::write(dir.join("Makefile"), "all:\n\t@true\n").expect("written");
    std::fs::write(
        dir.join("chantier.toml"),
        b"# caf\xe9\n[[task]]\nname = \"a\"\nrun = [\"true\"]\n",
    )
    .expect("written");
    git(&dir, &["init", "-q", "-b", "main"]);
    for verb in [
        &["build", "tasks"][..],
        &["build", "pipeline", "list"],
        &["--trust", "test", "list"],
        &["monitor", "checks"],
        &["deploy", "list"],
        &["config", "check"],
    ] {
        let told = home.call_in(&dir, verb);
        assert_eq!(told.code, 1, "{verb:?}: {}{}", told.out, told.err);
        let said = format!("{}{}", told.out, told.err);
        assert!(said.contains("chantier.toml:1:6"), "{verb:?}: {said}");
    }
    let plan = home.call_in(&dir, &["plan", "list"]);
    assert!(plan.out.contains("chantier.toml:1:6"), "{}", plan.out);
    // What tools say is there all the same.
    assert!(home.call_in(&dir, &["build", "tasks"]).out.contains("make:all"));
}
