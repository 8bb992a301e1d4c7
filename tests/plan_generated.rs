//! Generated files that hands removed, moved or left in conflict, and names that a language does not take.

use crate::plan_modules::{Place, a_git};
use chantier::areas::plan::modules::check::findings;
use chantier::areas::plan::modules::{Address, Change, FileState, Finding, OnConflict};
use chantier::areas::plan::modules::{folder, generate, refactor};
use std::path::{Path, PathBuf};
use std::process::Command;

const SMALL: &str = "name = \"coop\"\ntarget = \"addons\"\ntemplate = \"python\"\n[[model]]\nname = \"coop.tag\"\n[model.fields]\nname = { type = \"char\" }\n";

fn place() -> Place {
    let place = Place::new(&[("coop", SMALL)]);
    place.written(OnConflict::Refuse);
    place
}

impl Place {
    fn now(&self) -> generate::Output {
        let (workspace, plan) = (self.workspace(), self.plan());
        generate::preview(
            &a_git(),
            &workspace,
            &workspace.root,
            &plan,
            plan.module("coop").unwrap(),
            None,
        )
        .unwrap()
    }

    fn written(&self, on_conflict: OnConflict) -> usize {
        let written = generate::write(&self.workspace().root, &self.now(), on_conflict).unwrap();
        written.iter().filter(|path| !path.starts_with(generate::BASES)).count()
    }

    fn set(&self, at: Address, key: &str, value: serde_json::Value) {
        self.apply(&[Change::Set {
            at,
            key: key.into(),
            value: Some(value),
        }]);
    }
}

#[test]
fn a_folder_that_is_gone_whole_is_written_anew_and_a_file_only_when_it_is_asked_for() {
    let place = place();
    let all = place.now().files.len();
    assert_eq!(place.now().count(FileState::Same), all);
    std::fs::remove_dir_all(place.path("addons")).unwrap();
    assert_eq!(place.now().count(FileState::New), all);
    assert_eq!(place.written(OnConflict::Refuse), all);
    let file = place.path("addons/coop/README.md");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(place.now().count(FileState::Deleted), 1);
    for on_conflict in [OnConflict::Refuse, OnConflict::Marks, OnConflict::Mine] {
        assert_eq!(place.written(on_conflict), 0, "it stays away");
        assert!(!file.exists());
    }
    assert_eq!(place.written(OnConflict::Generated), 1);
    assert!(file.exists());
    assert_eq!(place.now().count(FileState::Same), all);
}

#[test]
fn a_module_with_another_target_moves_with_what_hands_wrote() {
    let place = place();
    let readme = place.text("addons/coop/README.md") + "\nBy hand.\n";
    place.write("addons/coop/README.md", &readme);
    let all = place.now().files.len();
    place.set(Address::module("coop"), "target", "other".into());
    let output = place.now();
    assert!(output.files.iter().all(|file| file.from.is_some()), "{:?}", output.files);
    generate::write(&place.workspace().root, &output, OnConflict::Refuse).unwrap();
    assert_eq!(place.text("other/coop/README.md"), readme);
    assert!(!place.path("addons/coop/README.md").exists());
    let output = place.now();
    assert_eq!(output.count(FileState::Same) + output.count(FileState::Edited), all);
    assert!(output.files.iter().all(|file| file.from.is_none()));
    assert_eq!(place.written(OnConflict::Refuse), 0);
}

#[test]
fn a_file_that_still_holds_the_marks_of_a_conflict_is_told() {
    let place = place();
    let model = "addons/coop/README.md";
    let text = place.text(model);
    place.write(model, &text.replacen("# Coop", "# Mine", 1));
    assert_ne!(place.text(model), text, "the heading is there");
    place.set(Address::module("coop"), "title", "Theirs".into());
    assert_eq!(place.now().count(FileState::Conflict), 1);
    place.written(OnConflict::Marks);
    assert!(place.text(model).contains("<<<<<<< hand"));
    let output = place.now();
    assert_eq!((output.count(FileState::Unsolved), output.n_open()), (1, 1));
    let root = place.workspace().root;
    assert_eq!(
        generate::write(&root, &output, OnConflict::Refuse).unwrap_err().code,
        "conflict"
    );
    place.write(model, &text.replacen("# Coop", "# Both", 1));
    assert_eq!(place.now().n_open(), 0);
}

#[test]
fn a_merge_that_left_both_sides_in_needs_only_the_plan_to_be_solved() {
    let place = place();
    let readme = "addons/coop/README.md";
    let text = place.text(readme);
    let both = text.replacen("# Coop\n", "<<<<<<< HEAD\n# Coop\n=======\n# Theirs\n>>>>>>> other\n", 1);
    assert_ne!(both, text);
    place.write(&format!("{}/coop/python/README.md", generate::BASES), &both);
    place.set(Address::module("coop"), "title", "Both".into());
    // However the file itself was solved, the text of the last time is no reason to ask.
    for side in ["# Coop", "# Theirs"] {
        place.write(readme, &text.replacen("# Coop", side, 1));
        assert_eq!(place.now().n_open(), 0, "{side}");
    }
    place.written(OnConflict::Refuse);
    assert!(place.text(readme).starts_with("# Both\n"));
    // The plan's own file stays in sight, and nothing is written from it.
    let file = ".chantier/modules/coop.toml";
    let target = "target = \"addons\"\n";
    let text = place.text(file);
    let both = format!("<<<<<<< HEAD\n{target}=======\ntarget = \"other\"\n>>>>>>> other\n");
    place.write(file, &text.replacen(target, &both, 1));
    let plan = place.plan();
    assert_eq!((plan.modules.len(), plan.unreadable.len()), (1, 1));
    assert_eq!(plan.modules[0].values.text("target"), "addons");
    assert_eq!(
        (
            plan.unreadable[0].code.as_str(),
            plan.unreadable[0].place.as_ref().unwrap().line
        ),
        ("merge-conflict", Some(2))
    );
    let change = Change::Set {
        at: Address::module("coop"),
        key: "title".into(),
        value: Some("New".into()),
    };
    let refused = folder::work_out(&place.workspace(), &[change]).unwrap_err();
    assert_eq!(refused.code, "merge-conflict");
}

#[test]
fn words_of_a_language_and_the_end_of_a_comment_make_no_broken_code() {
    let fields: String = ["self", "super", "crate", "type", "gen"]
        .iter()
        .map(|name| format!("{name} = {{ type = \"char\" }}\n"))
        .collect();
    let text = format!(
        "name = \"coop\"\ntitle = \"Coop */ x\"\n[[model]]\nname = \"share\"\ntitle = \"Share */ é\"\n[model.fields]\n{fields}"
    );
    let place = Place::new(&[("coop", &text)]);
    let (workspace, plan) = (place.workspace(), place.plan());
    let files = |template: &str| generate::render(&workspace, &plan, plan.module("coop").unwrap(), template).unwrap();
    let rust: String = files("rust").into_values().collect();
    for name in ["self_", "super_", "crate_", "r#type", "r#gen"] {
        assert!(rust.contains(&format!("pub {name}: Option<String>")), "{name} in {rust}");
    }
    for (path, text) in files("typescript")
        .into_iter()
        .filter(|(path, _)| Path::new(path).extension().is_some_and(|ending| ending == "ts"))
    {
        for line in text.lines().filter(|line| line.trim_start().starts_with("/**")) {
            assert_eq!(line.matches("*/").count(), 1, "{path}: {line}");
        }
    }
}

#[test]
fn packages_of_two_languages_may_have_a_model_of_one_name_and_two_of_odoo_may_not() {
    let of = |template: &str, name: &str| {
        format!(
            "name = \"{name}\"\ntemplate = \"{template}\"\n[[model]]\nname = \"share\"\n[model.fields]\nname = {{ type = \"char\" }}\n"
        )
    };
    let twice = |a: &str, b: &str| {
        let (a, b) = (of(a, "aa"), of(b, "bb"));
        let plan = Place::new(&[("aa", &a), ("bb", &b)]).plan();
        findings(&plan)
            .iter()
            .filter(|finding| finding.what.key == "plan-modules-twice-model")
            .count()
    };
    assert_eq!(twice("rust", "typescript"), 0);
    assert_eq!(twice("rust", "rust"), 0);
    assert_eq!(twice("odoo", "odoo"), 1);
}

#[test]
fn a_template_that_gives_two_files_one_place_is_told() {
    let place = Place::new(&[(
        "aa",
        "name = \"aa\"\n[[model]]\nname = \"aa.x\"\n[[model]]\nname = \"aa.y\"\n",
    )]);
    place.write(".chantier/templates/mine/a", "x");
    let render = |files: &[(&str, &str)]| {
        let entry = |(path, more): &(&str, &str)| format!("[[file]]\ntemplate = \"a\"\npath = \"{path}\"\n{more}\n");
        let text: String = files.iter().map(entry).collect();
        place.write(".chantier/templates/mine/template.toml", &text);
        let plan = place.plan();
        generate::render(&place.workspace(), &plan, &plan.modules[0], "mine")
    };
    for files in [
        &[("a.txt", ""), ("a.txt", "")][..],
        &[("a", ""), ("a/b.txt", "")],
        &[("m.txt", "for = \"model\"")],
    ] {
        let told = render(files).unwrap_err();
        assert_eq!(told.summary.key, "plan-modules-template-twice", "{files:?}");
    }
    assert_eq!(
        render(&[("a", ""), ("a.txt", ""), ("{{ model.file }}.md", "for = \"model\"")])
            .unwrap()
            .len(),
        4
    );
}

/// What is wrong with one module, as code and place.
fn wrong(place: &Place) -> Vec<String> {
    let found = findings(&place.plan());
    found
        .iter()
        .map(|finding| format!("{} {}", finding.code, finding.at))
        .collect()
}

#[test]
fn each_package_means_its_own_model_and_a_rename_stays_in_it() {
    let of = |template: &str, name: &str| {
        format!(
            "name = \"{name}\"\ntemplate = \"{template}\"\n[[model]]\nname = \"tide\"\n[model.fields]\nid = {{ type = \"integer\" }}\n\
             up = {{ type = \"many2one\", target = \"tide\" }}\ndown = {{ type = \"one2many\", target = \"tide\", inverse = \"up\" }}\n"
        )
    };
    let texts = [("rust", "aa"), ("typescript", "bb"), ("python", "cc"), ("rust", "dd")]
        .map(|(template, name)| (name, of(template, name)));
    let place = Place::new(&texts.each_ref().map(|(name, text)| (*name, text.as_str())));
    assert_eq!(wrong(&place), [""; 0]);
    place.apply(&refactor::rename(&place.plan(), &Address::model("bb", "tide"), "flood"));
    assert_eq!(wrong(&place), [""; 0]);
    let plan = place.plan();
    let target = |module: &str, model: &str| {
        plan.module(module)
            .unwrap()
            .model(model)
            .unwrap()
            .field("up")
            .unwrap()
            .target()
            .to_owned()
    };
    assert_eq!(
        (target("bb", "flood"), target("aa", "tide")),
        ("flood".to_owned(), "tide".to_owned())
    );
}

#[test]
fn a_model_whose_code_would_stand_in_the_place_of_other_code_is_told_and_renamed() {
    let of = |template: &str, names: &[&str]| {
        let model = |name: &&str| format!("[[model]]\nname = \"{name}\"\n[model.fields]\nname = {{ type = \"char\" }}\n");
        let models: String = names.iter().map(model).collect();
        Place::new(&[("aa", &format!("name = \"aa\"\ntemplate = \"{template}\"\n{models}"))])
    };
    let cases = [
        ("rust", "lib main invalid option string type mod box result self default aa"),
        ("typescript", "checks index invalid field_plan partial"),
        ("python", "checks invalid none class"),
    ];
    for (template, names) in cases {
        for name in names.split(' ') {
            let place = of(template, &[name]);
            assert_eq!(wrong(&place), [format!("name aa/{name}")], "{template}");
            place.apply(&findings(&place.plan())[0].fixes[0].changes);
            assert_eq!(wrong(&place), [""; 0], "{template} {name}");
        }
    }
    for template in ["odoo", "rust", "typescript", "python"] {
        let place = of(template, &["a.b", "a_b", "a_b2"]);
        let is_name = |finding: &&Finding| finding.code == "name";
        let found = findings(&place.plan());
        let found: Vec<_> = found.iter().filter(is_name).collect();
        assert_eq!((found.len(), found[0].at.to_string()), (1, "aa/a_b".to_owned()), "{template}");
        place.apply(&found[0].fixes[0].changes);
        assert!(
            !wrong(&place).iter().any(|told| told.starts_with("name")),
            "{template}: {:?}",
            wrong(&place)
        );
    }
    assert_eq!(wrong(&of("rust", &["share", "tide", "checks", "index"])), [""; 0]);
}

#[test]
fn a_name_is_mended_to_one_that_is_free() {
    let text = "name = \"aa\"\ntemplate = \"rust\"\n[[model]]\nname = \"tide\"\n[model.fields]\nself = { type = \"char\" }\n\
                Self = { type = \"char\" }\n\"été\" = { type = \"char\" }\n\"数\" = { type = \"char\" }\n";
    let place = Place::new(&[("aa", text)]);
    let fixes: Vec<String> = findings(&place.plan())
        .iter()
        .map(|finding| format!("{:?}", finding.fixes[0].label.args[0].1))
        .collect();
    assert_eq!(fixes.len(), 3, "{fixes:?}");
    for (fix, name) in fixes.iter().zip(["\"self2\"", "\"ete\"", "\"x\""]) {
        assert!(fix.contains(name), "{fix} for {name}");
    }
}

/// Names and words that a language could stumble over.
const HARD: &str = r#"
name = "hard"
title = 'Back\slash """ and */ end'
[[model]]
name = "hard.share"
title = 'Share "x" */ é \'
[model.fields]
name = { type = "char", required = true, string = 'Name */ "n" \' }
self = { type = "char" }
type = { type = "char" }
class = { type = "char" }
field = { type = "char", required = true }
validate = { type = "boolean" }
at = { type = "date", required = true }
state = { type = "selection", values = ["a-b", "a b", "a_b", "A-B", "+"], default = "a b", required = true }
amount = { type = "float" }
partner_id = { type = "many2one", target = "hard.other", required = true }
data = { type = "binary" }
more = { type = "json" }
[[model]]
name = "hard.other"
[model.fields]
count = { type = "integer", default = 3 }
share_ids = { type = "one2many", target = "hard.share", inverse = "partner_id" }
"#;

fn hard(template: &str) -> (Place, PathBuf) {
    let place = Place::new(&[("hard", HARD)]);
    let (workspace, plan) = (place.workspace(), place.plan());
    let module = plan.module("hard").unwrap();
    let output = generate::preview(&a_git(), &workspace, &workspace.root, &plan, module, Some(template)).unwrap();
    generate::write(&workspace.root, &output, OnConflict::Refuse).unwrap();
    let folder = place.path("hard");
    (place, folder)
}

fn succeeds(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_generated_rust_package_builds_and_its_tests_pass() {
    let (place, folder) = hard("rust");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    succeeds(
        cargo
            .args(["test", "--offline", "--quiet"])
            .current_dir(folder)
            .env("CARGO_TARGET_DIR", place.path("built"))
            .env("RUSTFLAGS", "-D warnings")
            .env_remove("CARGO_BUILD_TARGET_DIR"),
    );
}

#[test]
fn a_generated_python_package_compiles_and_its_tests_pass() {
    let python = std::env::var("CHANTIER_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let (_place, folder) = hard("python");
    let mut python = Command::new(python);
    let python = python.args(["-W", "error", "-m", "unittest", "discover", "-s", "tests"]);
    succeeds(python.current_dir(&folder).env("PYTHONPATH", folder.join("src")));
}

#[test]
fn a_generated_typescript_package_is_read_by_a_compiler_and_its_tests_pass() {
    let Some(modules) = std::env::var_os("CHANTIER_TEST_NODE_MODULES").map(PathBuf::from) else {
        eprintln!("SKIPPED: esbuild is not here (CHANTIER_TEST_NODE_MODULES names its node_modules)");
        return;
    };
    let (_place, folder) = hard("typescript");
    let mut esbuild = Command::new(modules.join(".bin/esbuild"));
    let args = [
        "test/models.test.ts",
        "--bundle",
        "--platform=node",
        "--format=esm",
        "--outfile=all.test.mjs",
        "--log-level=warning",
    ];
    succeeds(esbuild.args(args).current_dir(&folder));
    succeeds(Command::new("node").args(["--test", "all.test.mjs"]).current_dir(&folder));
}

/// What is new in a generated text comes into a text of hands where its neighbours stand, and never into the middle of something.
#[test]
fn a_difference_is_carried_into_a_text_of_hands() {
    let base = "{\n    \"name\": \"A\",\n    \"depends\": [\n        \"hr\",\n    ],\n}\n";
    let theirs =
        "{\n    \"name\": \"A\",\n    \"depends\": [\n        \"hr\",\n    ],\n    \"data\": [\n        \"x.xml\",\n    ],\n}\n";
    let check = |ours: &str, wanted: Option<&str>| assert_eq!(generate::carried(base, ours, theirs).as_deref(), wanted, "{ours}");
    check(
        "{\n    'name': 'A',\n    'depends': [\n        'hr',\n        'mail',\n    ],\n}\n",
        Some(
            "{\n    'name': 'A',\n    'depends': [\n        'hr',\n        'mail',\n    ],\n    \"data\": [\n        \"x.xml\",\n    ],\n}\n",
        ),
    );
    check(
        "{\n    'depends': ['hr'],\n    'name': 'A',\n}",
        Some("{\n    'depends': ['hr'],\n    'name': 'A',\n    \"data\": [\n        \"x.xml\",\n    ],\n}\n"),
    );
    check("{}\n", None);
    let more = theirs.replace("        \"x.xml\",\n", "        \"x.xml\",\n        \"y.xml\",\n");
    let ours = "{\n    'data': [\n        'x.xml',  # first\n        'z.xml',\n    ],\n}\n";
    let carried = generate::carried(theirs, ours, &more);
    assert!(
        carried.is_none()
            || carried
                .as_deref()
                .is_some_and(|text| text.contains("[\n        \"y.xml\"") || text.contains("first\n        \"y.xml\"")),
        "{carried:?}"
    );
}
