//! What is planned beyond real code comes where it works: in the root of a repository, in the order in which Odoo loads files, beside
//! buttons, in the words of an older series; and what is taken back is gone.

use crate::plan_hands::Project;

const ODOO: &str = "{\n    \"name\": \"M2\",\n    \"version\": \"18.0.1.0.0\",\n    \"license\": \"AGPL-3\",\n    \"depends\": [\"project\"],\n    \"data\": [\n        \"views/kind.xml\",\n    ],\n    \"installable\": True,\n}\n";
const KIND: &str = "from odoo import fields, models\n\n\nclass Kind(models.Model):\n    _name = \"m2.kind\"\n    _description = \"Kind\"\n\n    name = fields.Char(required=True)\n    code = fields.Char()\n";
const PARTNER: &str = "from odoo import fields, models\n\n\nclass Partner(models.Model):\n    _inherit = \"res.partner\"\n\n    n_boats = fields.Integer()\n";
const VIEWS: &str = r#"<?xml version="1.0" encoding="utf-8" ?>
<odoo>
    <record id="kind_tree" model="ir.ui.view">
        <field name="name">m2.kind.tree</field>
        <field name="model">m2.kind</field>
        <field name="arch" type="xml">
            <tree>
                <field name="name" />
                <field name="code" />
            </tree>
        </field>
    </record>
    <record id="kind_action" model="ir.actions.act_window">
        <field name="name">Kinds</field>
        <field name="res_model">m2.kind</field>
        <field name="view_mode">tree,form</field>
    </record>
    <menuitem id="menu_kind" name="Kinds" parent="project.menu_main_pm" action="kind_action" />
</odoo>
"#;
const BOX: &str = r#"<odoo>
    <record id="partner_form" model="ir.ui.view">
        <field name="name">res.partner.form</field>
        <field name="model">res.partner</field>
        <field name="inherit_id" ref="base.view_partner_form" />
        <field name="arch" type="xml">
            <div name="button_box" position="inside">
                <button name="open_boats" type="object" class="oe_stat_button">
                    <field name="n_boats" widget="statinfo" />
                </button>
            </div>
        </field>
    </record>
</odoo>
"#;

/// An addon with one model, its view and its menu in one file.
fn addon(version: &str) -> Project {
    let manifest = ODOO.replace("18.0.1.0.0", version);
    let project = Project::new(&[
        ("m2/__init__.py", "from . import models\n"),
        ("m2/__manifest__.py", &manifest),
        ("m2/README.rst", "==\nM2\n==\n\nMade by a robot.\n"),
        ("m2/models/__init__.py", "from . import kind\n"),
        ("m2/models/kind.py", KIND),
        ("m2/views/kind.xml", VIEWS),
        ("m2/tests/__init__.py", "from . import test_m2_kind\n"),
        ("m2/tests/test_m2_kind.py", "def test_nothing():\n    pass\n"),
    ]);
    project.call(&["read", "m2"]).ok();
    assert_eq!(project.n_differences("m2"), 0);
    project
}

/// An addon that only extends a model, with a button in its form.
fn extending(manifest: &str) -> Project {
    let project = Project::new(&[
        ("m2/__init__.py", "from . import models\n"),
        ("m2/__manifest__.py", manifest),
        ("m2/models/__init__.py", "from . import partner\n"),
        ("m2/models/partner.py", PARTNER),
        ("m2/views/kind.xml", BOX),
    ]);
    project.call(&["read", "m2"]).ok();
    assert_eq!(project.n_differences("m2"), 0);
    project
}

/// These words stand in a text in this order.
fn in_order(text: &str, words: &[&str]) {
    let mut from = 0;
    for word in words {
        let at = text[from..].find(word);
        from += at.unwrap_or_else(|| panic!("{word} in {words:?}: {text}")) + word.len();
    }
}

#[test]
fn a_package_in_the_root_or_in_a_folder_of_another_name_is_compared_and_written_where_it_stands() {
    for (folder, read) in [("", "."), ("mylib/", "mylib")] {
        let manifest = "[package]\nname = \"lcov\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
        let project = Project::new(&[
            (&format!("{folder}Cargo.toml"), manifest),
            (
                &format!("{folder}src/lib.rs"),
                "pub struct Report {\n    pub name: String,\n}\n",
            ),
        ]);
        project.call(&["read", read]).ok();
        let plan = project.text(".chantier/modules/lcov.toml");
        assert!(plan.contains(&format!("folder = \"{read}\"")), "{plan}");
        assert_eq!(project.n_differences("lcov"), 0);
        project.call(&["add-field", "lcov/report", "x"]).ok();
        project.generated("lcov");
        let code = project.text(&format!("{folder}src/lib.rs"));
        assert!(code.contains("pub x: "), "{code}");
        assert!(!project.root.join("lcov").exists(), "{folder}");
    }
}

#[test]
fn what_is_new_in_an_addon_is_loaded_before_what_names_it() {
    let project = addon("18.0.1.0.0");
    project.call(&["add", "m2/group:audit", "--set", "title=Audit"]).ok();
    project.call(&["add-field", "m2.kind", "note", "text"]).ok();
    project.call(&["add-model", "m2", "x.line"]).ok();
    project.call(&["add-field", "x.line", "name"]).ok();
    project.call(&["add", "x.line/access:audit", "--set", "rights=rw"]).ok();
    let menu = [
        "--set",
        "title=X",
        "--set",
        "model=x.line",
        "--set",
        "parent=project.menu_main_pm",
    ];
    project.call(&[&["add", "m2/menu:menu_x"], &menu[..]].concat()).ok();
    project.generated("m2");
    let manifest = project.text("m2/__manifest__.py");
    let wanted = [
        "security/m2_groups.xml",
        "ir.model.access.csv",
        "views/x_line_views.xml",
        "views/kind.xml",
    ];
    in_order(&manifest, &wanted);
    assert!(project.text("m2/views/kind.xml").contains("id=\"menu_x\""));
    // What people wrote about it and what they test stays as it was.
    assert_eq!(project.text("m2/README.rst"), "==\nM2\n==\n\nMade by a robot.\n");
    assert_eq!(project.text("m2/tests/test_m2_kind.py"), "def test_nothing():\n    pass\n");
}

#[test]
fn an_addon_without_menus_and_demo_data_gets_both_with_its_first_model() {
    // However its lists are written.
    let lines = "\"data\": [\n        \"views/kind.xml\",\n    ],";
    for list in [lines, "'data': ['views/kind.xml'],"] {
        let project = extending(&ODOO.replace(lines, list));
        project.call(&["add-model", "m2", "e7.note"]).ok();
        project.call(&["add-field", "e7.note", "name"]).ok();
        project.generated("m2");
        let manifest = project.text("m2/__manifest__.py");
        let data = [
            "data",
            "ir.model.access.csv",
            "views/kind.xml",
            "e7_note_views.xml",
            "m2_menus.xml",
            "],",
        ];
        in_order(&manifest, &data);
        in_order(&manifest, &["m2_menus.xml", "\"demo\": [", "demo/m2_demo.xml", "],"]);
        assert_eq!(manifest.matches('[').count(), manifest.matches(']').count(), "{manifest}");
    }
}

#[test]
fn a_right_may_name_a_group_of_the_module_with_the_module_before_it() {
    let project = addon("18.0.1.0.0");
    project.call(&["add", "m2/group:audit", "--set", "title=Audit"]).ok();
    project.call(&["add", "m2.kind/access:m2.audit", "--set", "rights=r"]).ok();
    project.generated("m2");
    let rights = project.text("m2/security/ir.model.access.csv");
    assert!(rights.contains("model_m2_kind,m2.audit,1,0,0,0"), "{rights}");
    project.call(&["set", "m2.kind/access:m2.audit", "rights=rw"]).ok();
    project.generated("m2");
    let rights = project.text("m2/security/ir.model.access.csv");
    assert!(rights.contains("model_m2_kind,m2.audit,1,1,0,0"), "{rights}");
}

#[test]
fn a_field_beside_one_in_a_button_comes_behind_the_box_of_buttons() {
    let project = extending(ODOO);
    project.call(&["add-field", "m2/res.partner", "e7_code"]).ok();
    project
        .call(&["set", "m2/res.partner/view:form", "fields=n_boats,e7_code"])
        .ok();
    project.generated("m2");
    let views = project.text("m2/views/kind.xml");
    in_order(
        &views,
        &[
            "</button>",
            "</div>",
            "<xpath expr=\"//form\" position=\"inside\">",
            "\"e7_code\"",
            "</xpath>",
        ],
    );
}

#[test]
fn an_addon_of_an_older_series_gets_the_words_of_that_series() {
    let project = addon("16.0.1.0.0");
    project.call(&["add", "m2.kind/view:kanban", "--set", "fields=name"]).ok();
    let check = ["--set", "check=record.code", "--set", "message=No code"];
    project
        .call(&[&["add", "m2.kind/constraint:has_code"], &check[..]].concat())
        .ok();
    project.call(&["add-model", "m2", "x.line"]).ok();
    project.call(&["add-field", "x.line", "name"]).ok();
    project.generated("m2");
    let views = project.text("m2/views/kind.xml");
    assert!(views.contains("<t t-name=\"kanban-box\">"), "{views}");
    assert!(
        views.contains("<field name=\"view_mode\">tree,form,kanban</field>"),
        "{views}"
    );
    let code = project.text("m2/models/kind.py");
    assert!(code.contains("from odoo import _, api, fields, models"), "{code}");
    assert!(code.contains("raise ValidationError(_(\"No code\"))"), "{code}");
    let new = project.text("m2/views/x_line_views.xml");
    assert!(
        new.contains("<tree>") && new.contains("tree,form</field>") && !new.contains("list>"),
        "{new}"
    );
}

#[test]
fn a_model_that_is_taken_back_takes_the_files_along_that_came_with_it() {
    let project = addon("18.0.1.0.0");
    let files = [
        "m2/models/e7_note.py",
        "m2/views/e7_note_views.xml",
        "m2/tests/test_e7_note.py",
    ];
    for is_changed in [false, true] {
        project.call(&["add-model", "m2", "e7.note"]).ok();
        project.call(&["add-field", "e7.note", "name"]).ok();
        project.generated("m2");
        // What is planned later comes into them, and they are still the program's own.
        project.call(&["add-field", "e7.note", "more"]).ok();
        project.generated("m2");
        let model = project.text(files[0]);
        assert!(model.contains("more = fields.Char()"), "{model}");
        if is_changed {
            project.write(files[0], &format!("{model}\n    def mine(self):\n        return 1\n"));
        }
        project.call(&["remove", "e7.note"]).ok();
        let told = project.call(&["generate", "m2"]).ok();
        assert_eq!(project.root.join(files[0]).exists(), is_changed, "{}", told.out);
        assert!(
            !project.root.join(files[1]).exists() && !project.root.join(files[2]).exists(),
            "{}",
            told.out
        );
        assert_eq!(told.out.contains("left as it is"), is_changed, "{}", told.out);
        assert!(!project.text("m2/__manifest__.py").contains("e7_note"));
    }
}

#[test]
fn a_model_and_its_field_that_get_other_names_together_keep_what_hands_wrote() {
    let project = Project::new(&[]);
    project.call(&["new", "coop"]).ok();
    project.call(&["add-model", "coop", "coop.share"]).ok();
    project.call(&["add-field", "coop.share", "name"]).ok();
    project.call(&["add-field", "coop.share", "qty", "integer"]).ok();
    project.call(&["generate", "coop"]).ok();
    let code = project.text("coop/models/coop_share.py");
    project.write(
        "coop/models/coop_share.py",
        &format!("{code}\n    def mine(self):\n        return 1\n"),
    );
    project.call(&["rename", "coop.share", "coop.part"]).ok();
    project.call(&["rename", "coop.part/name", "label"]).ok();
    project.call(&["generate", "coop"]).ok();
    let code = project.text("coop/models/coop_part.py");
    assert!(
        code.contains("def mine(self)") && code.contains("label = fields.Char()"),
        "{code}"
    );
    assert!(!project.root.join("coop/models/coop_share.py").exists());
}

#[test]
fn code_that_can_not_be_read_is_told_and_nothing_is_written_beside_it() {
    let project = addon("18.0.1.0.0");
    project.write("m2/models/bad.py", "class Bad((:\n");
    for args in [["drift", "m2"], ["generate", "m2"]] {
        let told = project.call(&args);
        let all = format!("{}{}", told.out, told.err);
        assert!(told.code == 1 && all.contains("bad.py"), "{args:?}: {all}");
    }
    project.write("m2/models/bad.py", "");
    project.write("m2/views/bad.xml", "<odoo><record");
    let told = project.call(&["drift", "m2"]);
    assert!(told.code == 1 && told.out.contains("bad.xml"), "{}{}", told.out, told.err);
    let python = Project::new(&[
        ("marina/pyproject.toml", "[project]\nname = \"marina\"\nversion = \"0.1.0\"\n"),
        ("marina/src/marina/boat.py", "@dataclass\nclass Boat((:\n    name: str\n"),
    ]);
    let told = python.call(&["read", "marina"]);
    assert!(
        format!("{}{}", told.out, told.err).contains("boat.py"),
        "{}{}",
        told.out,
        told.err
    );
    let told = python.call(&["drift", "marina"]);
    assert!(told.code == 1 && told.out.contains("boat.py"), "{}{}", told.out, told.err);
}

#[test]
fn a_plan_that_was_read_from_working_code_has_no_errors() {
    let crate_text =
        "pub struct Prerelease {\n    inner: u64,\n}\n\npub struct Version {\n    pub major: u64,\n    pub pre: Prerelease,\n}\n";
    let card = "export interface UserCard {\n  fileName: string;\n  count: number;\n}\n";
    let project = Project::new(&[
        (
            "semver/Cargo.toml",
            "[package]\nname = \"semver\"\nversion = \"1.0.0\"\nedition = \"2021\"\n",
        ),
        ("semver/src/lib.rs", crate_text),
        ("web/package.json", "{\"name\": \"backlog.md\", \"version\": \"1.0.0\"}\n"),
        ("web/src/card.ts", card),
    ]);
    project.call(&["read", "."]).ok();
    project.call(&["check"]).ok();
    let plan = project.text(".chantier/modules/backlog_md.toml");
    assert!(
        plan.contains("package = \"backlog.md\"") && plan.contains("fileName"),
        "{plan}"
    );
    assert_eq!(project.n_differences("semver") + project.n_differences("backlog_md"), 0);
    project.call(&["add-field", "semver/version", "minor", "integer"]).ok();
    project.generated("semver");
    assert!(project.text("semver/src/lib.rs").contains("pub minor: "));
}
