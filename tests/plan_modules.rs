//! The module planner: files that keep their bytes, findings with fixes, generation that keeps hand edits, code read back as the same plan.

use crate::support::cli::{Home, git};
use chantier::adapters::git::Git;
use chantier::adapters::masks::Masks;
use chantier::adapters::process::{ProcessConfig, Processes};
use chantier::areas::plan::modules::check::findings;
use chantier::areas::plan::modules::drift;
use chantier::areas::plan::modules::edit::changed;
use chantier::areas::plan::modules::{
    Address, Change, FieldKind, FileState, Module, OnConflict, Plan, folder, generate, layout, parse, readback, refactor,
};
use chantier::base::{Clock, Workspace};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const COOP: &str = include_str!("fixtures/plan_modules/coop_membre.toml");
const FILE: &str = ".chantier/modules/coop_membre.toml";

pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for (name, text) in files {
            place.write(&format!(".chantier/modules/{name}.toml"), text);
        }
        place
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn workspace(&self) -> Workspace {
        Workspace::at(&self.folder.path().canonicalize().unwrap())
    }

    pub(crate) fn plan(&self) -> Plan {
        folder::load(&self.workspace()).unwrap()
    }

    pub(crate) fn apply(&self, changes: &[Change]) {
        let files = folder::work_out(&self.workspace(), changes).unwrap();
        folder::write(&self.workspace(), &files, false).unwrap();
    }

    pub(crate) fn preview(&self, module: &str, template: &str) -> generate::Output {
        let (workspace, plan) = (self.workspace(), self.plan());
        let module = plan.module(module).unwrap();
        generate::preview(&a_git(), &workspace, &workspace.root, &plan, module, Some(template)).unwrap()
    }
}

pub(crate) fn a_git() -> Git {
    Git::new(Processes::new(ProcessConfig::default(), Masks::default(), Clock::system()))
}

fn module_of(text: &str) -> Module {
    parse::module(text, Path::new(FILE), Path::new(FILE)).unwrap().0
}

fn plan_of(texts: &[&str]) -> Plan {
    Plan {
        modules: texts.iter().map(|text| module_of(text)).collect(),
        ..Plan::default()
    }
}

fn codes(plan: &Plan) -> Vec<String> {
    findings(plan)
        .iter()
        .map(|finding| format!("{} {}", finding.code, finding.at))
        .collect()
}

#[test]
fn a_module_file_is_read_with_the_line_of_each_field() {
    let module = module_of(COOP);
    assert_eq!(module.name, "coop_membre");
    assert_eq!(module.models.len(), 5);
    assert_eq!(module.n_fields(), 24);
    let kinds: BTreeSet<FieldKind> = module
        .models
        .iter()
        .flat_map(|model| &model.fields)
        .filter_map(chantier::areas::plan::modules::Part::kind)
        .collect();
    assert_eq!(kinds.len(), 16, "the fixture has all sixteen types");
    let number = module.model("coop.membership").unwrap().field("number").unwrap();
    let line = COOP.lines().position(|line| line.starts_with("number =")).unwrap() + 1;
    assert_eq!(number.line as usize, line);
    assert_eq!(
        codes(&plan_of(&[COOP])),
        [
            "unknown-key coop_membre",
            "no-access coop_membre/coop.share",
            "no-access coop_membre/coop.fee",
            "no-access coop_membre/coop.tag"
        ]
    );
}

#[test]
fn a_change_touches_its_own_bytes_and_no_others() {
    let at = Address::field("coop_membre", "coop.fee", "year");
    let set = |key: &str, value: serde_json::Value| Change::Set {
        at: at.clone(),
        key: key.into(),
        value: Some(value),
    };
    let new = changed(COOP, &set("help", "Of the calendar".into())).unwrap();
    assert_eq!(
        new,
        COOP.replace(
            "year = { type = \"integer\", required = true }",
            "year = { type = \"integer\", required = true, help = \"Of the calendar\" }"
        )
    );
    let new = changed(COOP, &set("type", "char".into())).unwrap();
    assert_eq!(new, COOP.replace("year = { type = \"integer\",", "year = { type = \"char\","));
    let gone = Change::Set {
        at: at.clone(),
        key: "required".into(),
        value: None,
    };
    assert_eq!(
        changed(COOP, &gone).unwrap(),
        COOP.replace(
            "year = { type = \"integer\", required = true }",
            "year = { type = \"integer\" }"
        )
    );
    let rename = Change::Rename {
        at: at.clone(),
        to: "of_year".into(),
    };
    assert_eq!(changed(COOP, &rename).unwrap(), COOP.replace("\nyear = ", "\nof_year = "));
    let remove = Change::Remove { at };
    assert_eq!(
        changed(COOP, &remove).unwrap(),
        COOP.replace("year = { type = \"integer\", required = true }\n", "")
    );
    let windows = COOP.replace('\n', "\r\n");
    assert_eq!(
        changed(&windows, &rename).unwrap(),
        windows.replace("\nyear = ", "\nof_year = ")
    );
    let add = Change::Add {
        at: Address::field("coop_membre", "coop.tag", "color"),
        values: refactor::connect(
            &Plan::default(),
            &Address::model("a", "b"),
            "c",
            FieldKind::Many2one,
            None,
            None,
        )
        .into_iter()
        .find_map(|change| {
            if let Change::Add { values, .. } = change {
                Some(values)
            } else {
                None
            }
        })
        .unwrap(),
    };
    let line = "name = { type = \"char\", required = true, translate = true }\n";
    assert_eq!(
        changed(COOP, &add).unwrap(),
        COOP.replace(line, &format!("{line}color = {{ type = \"many2one\", target = \"c\" }}\n"))
    );
}

#[test]
fn what_is_wrong_is_told_and_the_first_fix_puts_it_right() {
    let cases: [(&str, &str); 14] = [
        (
            "[model.fields]\nbad_ids = { type = \"one2many\", target = \"a.b\" }",
            "no-inverse",
        ),
        (
            "[model.fields]\nbad_ids = { type = \"one2many\", target = \"a.b\", inverse = \"gone_id\" }",
            "no-inverse",
        ),
        ("[model.fields]\npartner_id = { type = \"many2one\" }", "no-target"),
        (
            "[model.fields]\nx_id = { type = \"many2one\", target = \"res.partnr\" }",
            "unknown-target",
        ),
        (
            "[model.fields]\nx_id = { type = \"many2one\", target = \"sale.order\" }",
            "depends",
        ),
        ("[model.fields]\nstate = { type = \"selection\" }", "no-values"),
        ("[model.fields]\nbad-name = { type = \"char\" }", "name"),
        ("[model.fields]\ncreate_date = { type = \"date\" }", "reserved"),
        ("[model.fields]\nx = { type = \"intger\" }", "type"),
        ("[model.fields]\nprice = { type = \"monetary\" }", "no-currency"),
        ("[model.fields]\nn = { type = \"integer\", default = \"three\" }", "default"),
        ("[model.access]\ngroup_none = \"r\"", "no-group"),
        ("[model.access]\n\"base.group_user\" = \"rx\"", "rights"),
        ("[[model.view]]\ntype = \"list\"\nfields = [\"gone\"]", "no-field"),
    ];
    for (text, code) in cases {
        let head = "depends = [\"base\"]\n\n[[model]]\nname = \"a.b\"\ntitle = \"B\"\n\n";
        let place = Place::new(&[("aa", &format!("{head}{text}\n"))]);
        let found = findings(&place.plan());
        let finding = found
            .iter()
            .find(|finding| finding.code == code)
            .unwrap_or_else(|| panic!("{code}: {:?}", codes(&place.plan())));
        assert!(finding.line > 0 && finding.is_error, "{code}");
        let fix = finding.fixes.first().unwrap_or_else(|| panic!("{code} has no fix"));
        place.apply(&fix.changes);
        let left = findings(&place.plan());
        assert!(
            !left.iter().any(|other| other.code == code && other.at == finding.at),
            "{code} stays: {:?}",
            codes(&place.plan())
        );
    }
}

#[test]
fn records_that_odoo_would_hide_at_once_are_told_and_mended() {
    let place = Place::new(&[(
        "aa",
        "depends = [\"base\"]\n\n[[model]]\nname = \"a.b\"\n\n[model.fields]\nactive = { type = \"boolean\" }\n",
    )]);
    let found = findings(&place.plan());
    let finding = found.iter().find(|finding| finding.code == "active").unwrap();
    place.apply(&finding.fixes[0].changes);
    assert!(!codes(&place.plan()).iter().any(|code| code.starts_with("active")));
    assert_eq!(place.plan().modules[0].models[0].fields[0].values.0["default"], true);
}

#[test]
fn a_circle_of_modules_is_shown_whole_and_the_same_model_twice() {
    let (a, b, c) = (
        "name = \"a\"\ndepends = [\"b\"]\n",
        "name = \"b\"\ndepends = [\"c\"]\n",
        "name = \"c\"\ndepends = [\"a\"]\n",
    );
    let found = findings(&plan_of(&[a, b, c]));
    assert_eq!(found.iter().filter(|finding| finding.code == "circle").count(), 1);
    let circle = found.iter().find(|finding| finding.code == "circle").unwrap();
    assert_eq!(circle.what.args[0].1, "a → b → c → a".into());
    let twice = "[[model]]\nname = \"x.y\"\n[model.fields]\nname = \"char\"\n";
    let found = codes(&plan_of(&[
        &format!("name = \"a\"\n{twice}"),
        &format!("name = \"b\"\n{twice}"),
    ]));
    assert!(found.contains(&"duplicate b/x.y".to_owned()), "{found:?}");
}

#[test]
fn a_rename_takes_everything_along_that_points_there_and_comes_back_byte_by_byte() {
    let place = Place::new(&[("coop_membre", COOP)]);
    let plan = place.plan();
    let at = plan.find("coop.share/membership_id").unwrap();
    let files = folder::work_out(&place.workspace(), &refactor::rename(&plan, &at, "member_id")).unwrap();
    folder::write(&place.workspace(), &files, false).unwrap();
    let text = place.text(FILE);
    assert!(text.contains("inverse = \"member_id\", string = \"Shares\""));
    assert!(text.contains("fields = [\"member_id\", \"quantity\"]"));
    assert!(text.contains("# a key that nobody knows"));
    let at = place.plan().find("coop.share").unwrap();
    place.apply(&refactor::rename(&place.plan(), &at, "coop.part"));
    assert!(place.text(FILE).contains("target = \"coop.part\""));
    assert!(
        !findings(&place.plan()).iter().any(|finding| finding.is_error),
        "{:?}",
        codes(&place.plan())
    );
    // Somebody else has written meanwhile: nothing is taken back over it.
    assert_eq!(folder::write(&place.workspace(), &files, true).unwrap_err().code, "changed");
    place.write(FILE, files[0].after.as_deref().unwrap());
    folder::write(&place.workspace(), &files, true).unwrap();
    assert_eq!(place.text(FILE), COOP);
}

#[test]
fn what_is_generated_for_odoo_reads_back_as_the_same_plan() {
    let place = Place::new(&[("coop_membre", COOP)]);
    let output = place.preview("coop_membre", "odoo");
    assert!(output.files.iter().all(|file| file.state == FileState::New));
    generate::write(&place.workspace().root, &output, OnConflict::Refuse).unwrap();
    let found = readback::read(&place.path("coop_membre"), &|| false).unwrap();
    assert_eq!(found.problems, []);
    let plan = place.plan();
    let drift = drift::compare(plan.module("coop_membre").unwrap(), found.modules.first());
    assert!(drift.is_written);
    assert_eq!(drift.differences, []);
    // Every file of the manifest is there, and every view names fields that exist.
    let manifest = place.text("coop_membre/__manifest__.py");
    for file in [
        "security/ir.model.access.csv",
        "views/coop_share_views.xml",
        "demo/coop_membre_demo.xml",
    ] {
        assert!(
            manifest.contains(file) && place.path(&format!("coop_membre/{file}")).is_file(),
            "{file}"
        );
    }
    // What was read stands in a file, and that one reads the same again.
    let text = folder::text_of(&found.modules[0]).unwrap();
    assert_eq!(module_of(&text).bare().models, found.modules[0].bare().models);
}

#[test]
fn what_is_generated_for_python_reads_back_as_the_same_plan() {
    let place = Place::new(&[("coop_membre", &COOP.replace("extend = true", "title = \"Partner\""))]);
    let output = place.preview("coop_membre", "python");
    generate::write(&place.workspace().root, &output, OnConflict::Refuse).unwrap();
    let found = readback::read(&place.path("coop_membre"), &|| false).unwrap();
    let planned = place.plan().modules[0].bare();
    let mut fields = 0;
    for model in &planned.models {
        let code = found.modules[0].model(&model.name).unwrap();
        assert_eq!(code.title(), model.title());
        for field in &model.fields {
            assert_eq!(code.field(&field.name).unwrap().values, field.values, "{}", field.name);
            fields += 1;
        }
    }
    assert_eq!(fields, 24);
}

#[test]
fn hand_edits_stay_and_a_collision_is_shown_and_nothing_written() {
    let place = Place::new(&[("coop_membre", COOP)]);
    let root = place.workspace().root;
    generate::write(&root, &place.preview("coop_membre", "odoo"), OnConflict::Refuse).unwrap();
    let model = "coop_membre/models/coop_fee.py";
    let by_hand =
        place.text(model).replace("    year = ", "    # by hand\n    year = ") + "\n    def hello(self):\n        return True\n";
    place.write(model, &by_hand);
    place.apply(&[Change::Add {
        at: Address::field("coop_membre", "coop.share", "colour"),
        values: module_of("[[model]]\nname = \"x\"\n[model.fields]\ncolour = { type = \"char\" }").models[0].fields[0]
            .values
            .clone(),
    }]);
    let output = place.preview("coop_membre", "odoo");
    let state = |output: &generate::Output, path: &str| output.files.iter().find(|file| file.path == path).unwrap().state;
    assert_eq!(state(&output, "models/coop_fee.py"), FileState::Edited);
    assert_eq!(state(&output, "models/coop_share.py"), FileState::Changed);
    generate::write(&root, &output, OnConflict::Refuse).unwrap();
    assert_eq!(place.text(model), by_hand);
    assert!(
        place
            .text("coop_membre/models/coop_share.py")
            .contains("colour = fields.Char()")
    );
    // Now both change the same line.
    place.write(
        model,
        &by_hand.replace(
            "    year = fields.Integer(required=True)",
            "    year = fields.Integer(required=True, copy=False)",
        ),
    );
    place.apply(&[Change::Set {
        at: Address::field("coop_membre", "coop.fee", "year"),
        key: "index".into(),
        value: Some(true.into()),
    }]);
    let output = place.preview("coop_membre", "odoo");
    assert_eq!(state(&output, "models/coop_fee.py"), FileState::Conflict);
    let before = place.text(model);
    assert_eq!(
        generate::write(&root, &output, OnConflict::Refuse).unwrap_err().code,
        "conflict"
    );
    assert_eq!(place.text(model), before);
    generate::write(&root, &output, OnConflict::Marks).unwrap();
    let marked = place.text(model);
    assert!(marked.contains("<<<<<<< hand") && marked.contains(">>>>>>> plan") && marked.contains("def hello"));
}

#[test]
fn a_file_that_was_never_generated_is_not_overwritten_and_no_path_leads_out() {
    let place = Place::new(&[("coop_membre", COOP)]);
    place.write("coop_membre/README.rst", "Mine.\n");
    let output = place.preview("coop_membre", "odoo");
    assert_eq!(output.n_open(), 1);
    assert_eq!(
        generate::write(&place.workspace().root, &output, OnConflict::Refuse)
            .unwrap_err()
            .code,
        "conflict"
    );
    assert!(!place.path("coop_membre/__manifest__.py").exists());
    generate::write(&place.workspace().root, &output, OnConflict::Mine).unwrap();
    assert_eq!(place.text("coop_membre/README.rst"), "Mine.\n");
    let wicked = Place::new(&[("aa", "target = \"../..\"\n")]);
    let plan = wicked.plan();
    assert_eq!(generate::target_of(&plan.modules[0]).unwrap_err().code, "leads-out");
    for path in ["../x", "/etc/x", "a/../../x", ".git/hooks/pre-commit", ""] {
        assert_eq!(generate::clean(Path::new(path)), None, "{path}");
    }
    // A template of one's own can not leave the folder either, nor run for ever.
    wicked.write(".chantier/modules/aa.toml", "name = \"aa\"\n");
    wicked.write(
        ".chantier/templates/mine/template.toml",
        "[[file]]\ntemplate = \"a\"\npath = \"../{{ module.name }}\"\n",
    );
    wicked.write(".chantier/templates/mine/a", "x");
    let plan = wicked.plan();
    let failed = generate::render(&wicked.workspace(), &plan, &plan.modules[0], "mine").unwrap_err();
    assert_eq!(failed.code, "leads-out");
    wicked.write(
        ".chantier/templates/mine/template.toml",
        "[[file]]\ntemplate = \"a\"\npath = \"{{ module.name }}.txt\"\n",
    );
    wicked.write(
        ".chantier/templates/mine/a",
        "{% for a in range(99999) %}{% for b in range(99999) %}{{ b }}{% endfor %}{% endfor %}",
    );
    assert_eq!(
        generate::render(&wicked.workspace(), &plan, &plan.modules[0], "mine")
            .unwrap_err()
            .code,
        "template"
    );
    wicked.write(".chantier/templates/mine/a", "Hello {{ module.title }}\n");
    let texts = generate::render(&wicked.workspace(), &plan, &plan.modules[0], "mine").unwrap();
    assert_eq!(texts["aa.txt"], "Hello Aa\n");
}

#[test]
fn drift_is_told_in_both_directions_and_taken_over_into_the_plan() {
    let place = Place::new(&[("coop_membre", COOP)]);
    generate::write(
        &place.workspace().root,
        &place.preview("coop_membre", "odoo"),
        OnConflict::Refuse,
    )
    .unwrap();
    let code = place.text("coop_membre/models/coop_fee.py");
    place.write(
        "coop_membre/models/coop_fee.py",
        &code
            .replace(
                "    paid = fields.Boolean()",
                "    amount = fields.Float(\"Paid amount\", digits=(10, 2))",
            )
            .replace("required=True", "required=False"),
    );
    let compare = || {
        let plan = place.plan();
        let found = readback::read(&place.path("coop_membre"), &|| false).unwrap();
        drift::compare(plan.module("coop_membre").unwrap(), found.modules.first())
    };
    let drift = compare();
    let told: Vec<String> = drift
        .differences
        .iter()
        .map(|difference| format!("{:?} {}", difference.side, difference.at))
        .collect();
    for expected in [
        "Plan coop_membre/coop.fee/paid",
        "Code coop_membre/coop.fee/amount",
        "Both coop_membre/coop.fee/year",
    ] {
        assert!(told.contains(&expected.to_owned()), "{expected}: {told:?}");
    }
    let changes: Vec<Change> = drift
        .differences
        .iter()
        .filter(|difference| {
            matches!(
                &difference.at.part,
                Some((chantier::areas::plan::modules::PartKind::Field, _))
            )
        })
        .flat_map(|difference| difference.to_plan.clone())
        .collect();
    place.apply(&changes);
    let left: Vec<String> = compare()
        .differences
        .iter()
        .filter(|difference| difference.at.to_string().contains("/coop.fee/") && !difference.at.to_string().contains("view:"))
        .map(|difference| difference.at.to_string())
        .collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn bad_files_are_shown_with_their_place_and_never_written() {
    let broken = "[[model]\nname = 1\n";
    let place = Place::new(&[
        ("bad", broken),
        ("odd", "model = 3\ngroup = [1]\n"),
        ("good", "title = \"Good\"\n"),
    ]);
    let plan = place.plan();
    assert_eq!(plan.modules.len(), 2);
    assert_eq!(plan.unreadable.len(), 1);
    assert_eq!(plan.unreadable[0].place.as_ref().unwrap().line, Some(1));
    assert_eq!(plan.odd.len(), 2);
    let change = Change::NewModule {
        module: "bad".into(),
        values: chantier::areas::plan::modules::Values::default(),
    };
    // What can not be read is what is told, not that a name is taken.
    assert_eq!(
        folder::work_out(&place.workspace(), &[change]).unwrap_err().code,
        "unreadable"
    );
    assert_eq!(place.text(".chantier/modules/bad.toml"), broken);
}

#[test]
fn the_layout_puts_no_model_on_another() {
    let nodes: Vec<layout::Node> = (0..40)
        .map(|index: usize| layout::Node {
            height: 60.0 + (index % 7) as f32 * 22.0,
            points_to: vec![(index * 7 + 3) % 40, (index * 3) % 40],
        })
        .collect();
    let places = layout::places(&nodes);
    assert_eq!(places, layout::places(&nodes));
    for (index, a) in places.iter().enumerate() {
        for (other, b) in places.iter().enumerate().skip(index + 1) {
            let apart =
                (a[0] - b[0]).abs() >= layout::WIDTH || a[1] + nodes[index].height <= b[1] || b[1] + nodes[other].height <= a[1];
            assert!(apart, "{index} and {other}");
        }
    }
}

#[test]
fn a_module_is_planned_mended_generated_committed_and_undone_on_the_command_line() {
    let home = Home::new();
    let dir = home.path("shop");
    std::fs::create_dir(&dir).unwrap();
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["commit", "-q", "--allow-empty", "-m", "first"]);
    home.call(&["devops", "add", "shop", "--trust"]).ok();
    let call = |args: &[&str]| home.call_in(&dir, &[&["plan", "module"], args].concat());
    call(&["new", "shop_base", "--author", "Shop", "--depends", "base"]).ok();
    call(&["add-model", "shop_base", "shop.order", "--title", "Order"]).ok();
    call(&["add-field", "shop.order", "name", "--set", "required=true"]).ok();
    call(&["add-model", "shop_base", "shop.line", "--title", "Line"]).ok();
    call(&["add-field", "shop.line", "name"]).ok();
    call(&["connect", "shop.order", "shop.line", "--as", "one2many"]).ok();
    let list = call(&["list", "--json"]).ok().json();
    assert_eq!(list["result"]["modules"][0]["n_fields"], 4);
    call(&["remove", "shop.line/order_id"]).ok();
    let checked = call(&["check", "--json"]);
    assert_eq!(checked.code, 1);
    assert!(checked.out.contains("no-inverse"), "{}", checked.out);
    call(&["check", "--fix"]).ok();
    call(&["check"]).ok();
    call(&["undo"]).ok();
    assert_eq!(call(&["check"]).code, 1);
    call(&["redo"]).ok();
    call(&["check"]).ok();
    let preview = call(&["generate", "shop_base", "--preview"]).ok();
    assert!(
        preview.out.contains("__manifest__.py") && preview.out.contains("+    _name = \"shop.order\""),
        "{}",
        preview.out
    );
    assert!(!dir.join("shop_base").exists());
    call(&["generate", "shop_base", "--branch", "planned", "--commit", "shop: planned"]).ok();
    assert!(!dir.join("shop_base").exists());
    assert_eq!(git(&dir, &["show", "-s", "--format=%s", "planned"]).trim(), "shop: planned");
    assert!(git(&dir, &["ls-tree", "-r", "--name-only", "planned"]).contains("shop_base/models/shop_order.py"));
    call(&["generate", "shop_base", "--commit", "shop: here"]).ok();
    assert_eq!(git(&dir, &["status", "--porcelain", "--", "shop_base"]), "");
    let drift = call(&["drift", "--json"]).ok().json();
    assert_eq!(
        drift["result"]["drifts"][0]["differences"].as_array().unwrap().len(),
        0,
        "{drift}"
    );
    call(&["read", "shop_base", "--to", "again"]).ok();
    assert_eq!(call(&["show", "nothing/here"]).code, 1);
}
