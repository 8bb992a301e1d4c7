//! Modules that hands wrote and that were read into the plan: what is planned beyond the code comes into the files as they are, and what
//! has no place there is told and never lost.

use crate::support::cli::{Called, Home};
use std::path::PathBuf;
use std::process::Command;

pub(crate) struct Project {
    home: Home,
    pub(crate) root: PathBuf,
}

impl Project {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let home = Home::new();
        let root = home.path("project");
        std::fs::create_dir_all(&root).unwrap();
        let project = Self { home, root };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// `plan module` with these words.
    pub(crate) fn call(&self, args: &[&str]) -> Called {
        self.home.call_in(&self.root, &[&["plan", "module"], args].concat())
    }

    /// How many differences there are between the plan and the code.
    pub(crate) fn n_differences(&self, module: &str) -> usize {
        let drift = self.call(&["drift", module, "--json"]).ok().json();
        drift["result"]["drifts"][0]["differences"].as_array().unwrap().len()
    }

    /// Generates, and finds the plan and the code alike behind it.
    pub(crate) fn generated(&self, module: &str) {
        let told = self.call(&["generate", module]);
        assert_eq!(told.code, 0, "{}{}", told.out, told.err);
        assert_eq!(self.n_differences(module), 0, "{}", self.call(&["drift", module]).out);
        let told = self.call(&["generate", module]).ok();
        assert!(told.out.contains("as planned"), "{}", told.out);
    }
}

const MANIFEST: &str = "{\n    'name': 'M1',\n    'version': '18.0.1.0.0',\n    'license': 'LGPL-3',\n    'depends': ['base'],\n    'data': ['security/groups.xml', 'security/ir.model.access.csv', 'views/boat.xml', 'views/menu.xml']\n}\n";
const BOAT: &str = "from odoo import _, fields, models\nfrom odoo.exceptions import UserError\n\n\nclass Boat(models.Model):\n    _name = 'm1.boat'\n    _description = 'Boat'\n\n    name = fields.Char(required=True)\n    color = fields.Integer(\"Color Index\", default=0)\n    size = fields.Integer()  # in feet\n\n    def sail(self):\n        raise UserError(_(\"No wind\"))\n\n\nclass Other(models.AbstractModel):\n    _name = 'm1.other'\n    _description = 'Other'\n\n    name = fields.Char()\n";
const WIZARD: &str = "from odoo import fields, models\n\n\nclass Asked(models.TransientModel):\n    _name = \"m1.w\"\n    _description = \"W\"\n\n    boat_id = fields.Many2one(\"m1.boat\")\n";
const GROUPS: &str = "<odoo>\n    <record id=\"sailor\" model=\"res.groups\">\n        <field name=\"name\">Sailor</field>\n    </record>\n</odoo>\n";
const RIGHTS: &str = "\"id\",\"name\",\"model_id/id\",\"group_id/id\",\"perm_read\",\"perm_write\",\"perm_create\",\"perm_unlink\"\n\"a_boat\",\"boat\",\"model_m1_boat\",\"sailor\",1,1,1,0\n\"a_w\",\"w\",\"model_m1_w\",\"sailor\",1,1,1,1\n";
const VIEWS: &str = r#"<?xml version="1.0"?>
<odoo>
  <data>
    <record id="boat_tree" model="ir.ui.view">
        <field name="name">m1.boat.tree</field>
        <field name="model">m1.boat</field>
        <field name="arch" type="xml">
            <list>
                <field name="name"/>
            </list>
        </field>
    </record>
    <record id="boat_form" model="ir.ui.view">
        <field name="name">m1.boat.form</field>
        <field name="model">m1.boat</field>
        <field name="arch" type="xml">
            <form>
                <field name="name" />
                <field
                    name="color"
                    widget="color_picker"
                />
            </form>
        </field>
    </record>
    <record id="action_boats" model="ir.actions.act_window">
        <field name="name">Boats</field>
        <field name="res_model">m1.boat</field>
        <field name="view_mode">list,form</field>
    </record>
  </data>
</odoo>
"#;
const MENUS: &str = "<odoo>\n    <menuitem id=\"menu_root\" name=\"Harbour\"/>\n    <menuitem id=\"menu_boats\" name=\"Boats\" parent=\"menu_root\" action=\"action_boats\" sequence=\"10\"/>\n</odoo>\n";

/// An addon as hands write one: files by other names, wizards in their own folder, a list in one line.
fn addon() -> Project {
    let project = Project::new(&[
        ("addons/m1/__init__.py", "from . import models, wizards\n"),
        ("addons/m1/__manifest__.py", MANIFEST),
        ("addons/m1/models/__init__.py", "from .boat import Boat, Other\n"),
        ("addons/m1/models/boat.py", BOAT),
        ("addons/m1/wizards/__init__.py", "from . import w\n"),
        ("addons/m1/wizards/w.py", WIZARD),
        ("addons/m1/security/groups.xml", GROUPS),
        ("addons/m1/security/ir.model.access.csv", RIGHTS),
        ("addons/m1/views/boat.xml", VIEWS),
        ("addons/m1/views/menu.xml", MENUS),
    ]);
    project.call(&["read", "addons"]).ok();
    assert_eq!(project.n_differences("m1"), 0);
    project
}

#[test]
fn what_is_planned_of_wizards_views_groups_and_menus_comes_into_the_files_of_hands() {
    let project = addon();
    project.call(&["add-field", "m1.w", "note", "text"]).ok();
    project.call(&["add-field", "m1.boat", "length", "float"]).ok();
    project.call(&["set", "m1.boat/color", "default=1"]).ok();
    project.call(&["set", "m1.boat/view:list", "fields=name,color"]).ok();
    project.call(&["add", "m1/group:auditor", "--set", "title=Auditor"]).ok();
    let menu = ["--set", "title=A", "--set", "parent=menu_root", "--set", "model=m1.boat"];
    project.call(&[&["add", "m1/menu:menu_audit"], &menu[..]].concat()).ok();
    project.generated("m1");
    assert_eq!(
        project.text("addons/m1/wizards/w.py"),
        format!("{WIZARD}    note = fields.Text()\n")
    );
    let boat = project.text("addons/m1/models/boat.py");
    let color = "    color = fields.Integer(string=\"Color Index\", default=1)\n";
    let before = "    color = fields.Integer(\"Color Index\", default=0)\n";
    let size = "    size = fields.Integer()  # in feet\n";
    let wanted = BOAT
        .replace(before, color)
        .replace(size, &format!("{size}    length = fields.Float()\n"));
    assert_eq!(boat, wanted);
    let list = "                <field name=\"name\"/>\n";
    let wanted = VIEWS.replace(list, &format!("{list}                <field name=\"color\" />\n"));
    assert_eq!(project.text("addons/m1/views/boat.xml"), wanted);
    // The category that the template gives its groups is nowhere here.
    let groups = project.text("addons/m1/security/groups.xml");
    assert!(groups.contains("id=\"auditor\"") && !groups.contains("category"), "{groups}");
    let menus = project.text("addons/m1/views/menu.xml");
    assert!(
        menus.contains("id=\"menu_audit\"") && menus.matches("action=\"action_boats\"").count() == 2,
        "{menus}"
    );
    // Nothing came beside them.
    assert!(!project.root.join("addons/m1/views/m1_boat_views.xml").exists());
    assert!(!project.root.join("addons/m1/models/m1_w.py").exists());
}

#[test]
fn a_new_model_of_an_addon_adds_its_files_and_one_line_to_each_list() {
    let project = addon();
    project.call(&["add-model", "m1", "x.note"]).ok();
    project.call(&["add-field", "x.note", "name"]).ok();
    project.generated("m1");
    assert_eq!(
        project.text("addons/m1/__manifest__.py"),
        MANIFEST.replace("'views/menu.xml']", "\"views/x_note_views.xml\", 'views/menu.xml']")
    );
    assert_eq!(
        project.text("addons/m1/models/__init__.py"),
        "from .boat import Boat, Other\nfrom . import x_note\n"
    );
    assert_eq!(
        project.text("addons/m1/security/ir.model.access.csv"),
        format!("{RIGHTS}access_x_note_sailor,x.note sailor,model_x_note,m1.sailor,1,1,1,1\n")
    );
    assert_eq!(project.text("addons/m1/tests/__init__.py"), "from . import test_x_note\n");
    assert!(project.text("addons/m1/models/x_note.py").contains("_name = \"x.note\""));
    assert_eq!(project.text("addons/m1/models/boat.py"), BOAT);
}

#[test]
fn a_field_that_gets_another_name_keeps_what_hands_wrote_of_it() {
    let project = addon();
    project.call(&["rename", "m1.boat/color", "colour"]).ok();
    project.generated("m1");
    assert_eq!(
        project.text("addons/m1/models/boat.py"),
        BOAT.replace("    color = fields", "    colour = fields")
    );
    assert_eq!(
        project.text("addons/m1/views/boat.xml"),
        VIEWS.replace("name=\"color\"", "name=\"colour\"")
    );
}

#[test]
fn what_has_no_place_in_the_files_of_hands_is_a_conflict_of_that_change_alone() {
    let project = addon();
    // The comment would be lost.
    project.call(&["set", "m1.boat/size", "required=true"]).ok();
    project.call(&["add-field", "m1.w", "note", "text"]).ok();
    let told = project.call(&["generate", "m1"]);
    assert!(
        told.code != 0 && told.err.contains("models/boat.py"),
        "{}{}",
        told.out,
        told.err
    );
    assert!(!told.out.contains("as planned"), "{}", told.out);
    assert_eq!(
        (
            project.text("addons/m1/models/boat.py"),
            project.text("addons/m1/wizards/w.py")
        ),
        (BOAT.into(), WIZARD.into())
    );
    project.call(&["generate", "m1", "--on-conflict", "marks"]).ok();
    let marked = project.text("addons/m1/models/boat.py");
    assert_eq!(
        marked.split_once("<<<<<<< hand\n").map(|(_, marks)| marks),
        Some("    size = fields.Integer()\n=======\n    size = fields.Integer(required=True)\n>>>>>>> plan\n"),
        "{marked}"
    );
    assert!(project.text("addons/m1/wizards/w.py").contains("note = fields.Text()"));
    // Nobody has solved it yet.
    let told = project.call(&["generate", "m1"]);
    assert!(
        told.code != 0 && told.err.contains("models/boat.py"),
        "{}{}",
        told.out,
        told.err
    );
}

#[test]
fn rights_that_stand_in_xml_are_read_and_none_that_the_program_thinks_of_is_asked_for() {
    let right = "<odoo>\n<record id=\"a1\" model=\"ir.model.access\">\n<field name=\"name\">b</field>\n<field name=\"model_id\" ref=\"model_m1_boat\"/>\n<field name=\"group_id\" ref=\"base.group_system\"/>\n<field name=\"perm_read\" eval=\"1\"/>\n<field name=\"perm_write\">1</field>\n<field name=\"perm_unlink\" eval=\"0\"/>\n</record>\n</odoo>\n";
    let project = Project::new(&[
        ("m1/__init__.py", "from . import models\nfrom . import wizards\n"),
        (
            "m1/__manifest__.py",
            "{\"name\": \"M1\", \"version\": \"18.0.1.0.0\", \"license\": \"LGPL-3\", \"depends\": [\"base\"], \"data\": [\"security/access.xml\"]}\n",
        ),
        ("m1/models/__init__.py", "from . import boat\n"),
        (
            "m1/models/boat.py",
            "from odoo import fields, models\n\n\nclass Boat(models.Model):\n    _name = \"m1.boat\"\n    _description = \"Boat\"\n\n    name = fields.Char()\n    kind = fields.Selection(selection=[])\n",
        ),
        ("m1/wizards/__init__.py", "from . import w\n"),
        ("m1/wizards/w.py", WIZARD),
        ("m1/security/access.xml", right),
    ]);
    project.call(&["read", "m1"]).ok();
    let plan = project.text(".chantier/modules/m1.toml");
    assert!(plan.contains("\"base.group_system\" = \"rw\""), "{plan}");
    assert_eq!(project.n_differences("m1"), 0, "{}", project.call(&["drift", "m1"]).out);
    // Choices that other modules add stop nothing.
    assert!(plan.contains("values = []"), "{plan}");
    project.call(&["add-field", "m1.boat", "length", "float"]).ok();
    project.generated("m1");
    assert!(!project.root.join("m1/security/ir.model.access.csv").exists());
    // Rights that are planned come into a file of their own, beside those that stand in XML.
    project
        .call(&["add", "m1.w/access:base.group_user", "--set", "rights=rw"])
        .ok();
    project.generated("m1");
    let rights = project.text("m1/security/ir.model.access.csv");
    assert_eq!(rights.lines().count(), 2, "{rights}");
    assert!(
        project
            .text("m1/__manifest__.py")
            .contains("\"security/ir.model.access.csv\"")
    );
}

#[test]
fn a_template_of_ones_own_gives_its_files_beside_any_code() {
    let manifest = "title = \"Doc\"\n[[file]]\ntemplate = \"r.j2\"\npath = \"DOC.md\"\n";
    let project = Project::new(&[
        (".chantier/templates/doc/template.toml", manifest),
        (".chantier/templates/doc/r.j2", "# {{ module.title }}\n"),
        (
            "lib/Cargo.toml",
            "[package]\nname = \"lib\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
        ),
        ("lib/src/lib.rs", "pub struct Boat {\n    pub name: String,\n}\n"),
    ]);
    project.call(&["read", "lib"]).ok();
    project.call(&["generate", "lib", "--template", "doc"]).ok();
    assert!(project.text("lib/DOC.md").starts_with("# "));
}

#[test]
fn a_type_that_hands_wrote_gets_its_field_and_nothing_that_only_the_template_has() {
    let boat = "/// One.\n#[derive(Clone, Default)]\npub struct Boat {\n    pub name: String,\n    pub length: f64\n}\n\nimpl Boat {\n    pub fn sail(&self) {}\n}\n";
    let typed =
        "export type Boat = {\n  name: string;\n  length: number;\n};\n\nexport const one: Boat = { name: \"a\", length: 1 };\n";
    let project = Project::new(&[
        (
            "r/Cargo.toml",
            "[package]\nname = \"r\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
        ),
        ("r/src/lib.rs", boat),
        ("t/package.json", "{\"name\": \"t\", \"version\": \"0.1.0\"}\n"),
        ("t/src/index.ts", typed),
    ]);
    for (module, path, wanted) in [
        (
            "r",
            "r/src/lib.rs",
            "    pub length: f64,\n    /// Draught.\n    pub draught: f64,\n}\n",
        ),
        (
            "t",
            "t/src/index.ts",
            "  length: number;\n  /** Draught */\n  draught: number;\n};\n",
        ),
    ] {
        project.call(&["read", module]).ok();
        let model = format!("{module}/boat");
        let field = ["draught", "float", "--set", "required=true"];
        project.call(&[&["add-field", model.as_str()], &field[..]].concat()).ok();
        let told = project.call(&["generate", module]);
        let text = project.text(path);
        assert!(told.code == 0 && text.contains(wanted), "{text}\n{}{}", told.out, told.err);
        let rest: Vec<&str> = text.split(wanted).collect();
        assert!(!rest.concat().contains("raught"), "{text}");
    }
}

#[test]
fn a_formula_over_several_lines_is_none_and_what_is_generated_compiles() {
    let project = Project::new(&[
        ("m1/__init__.py", "from . import models\n"),
        (
            "m1/__manifest__.py",
            "{\"name\": \"M1\", \"version\": \"18.0.1.0.0\", \"license\": \"LGPL-3\", \"depends\": [\"base\"]}\n",
        ),
        ("m1/models/__init__.py", "from . import boat\n"),
        (
            "m1/models/boat.py",
            "from odoo import api, fields, models\n\n\nclass Boat(models.Model):\n    _name = \"m1.boat\"\n    _description = \"Boat\"\n\n    name = fields.Char()\n    is_long = fields.Boolean(compute=\"_compute_all\")\n    is_odd = fields.Boolean(compute=\"_compute_all\")\n    n = fields.Integer(compute=\"_compute_all\")\n\n    @api.depends(\"name\")\n    def _compute_all(self):\n        counts = {}\n        for record in self:\n            record.is_long = (\n                len(record.name) > 3\n            )\n            record.is_odd = counts.get(record.id)\n            record.n = len(record.name or \"\")\n",
        ),
    ]);
    project.call(&["read", "m1"]).ok();
    let plan = project.text(".chantier/modules/m1.toml");
    let formulas: Vec<&str> = plan.lines().filter(|line| line.contains("formula")).collect();
    assert!(
        formulas.len() == 1 && formulas[0].starts_with("n =") && formulas[0].contains("len(record.name or"),
        "{plan}"
    );
    project.call(&["set", "m1", "target=out"]).ok();
    project.call(&["generate", "m1"]).ok();
    let compiled = Command::new("python3")
        .args(["-m", "py_compile", "out/m1/models/m1_boat.py"])
        .current_dir(&project.root)
        .output();
    match compiled {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => eprintln!("SKIPPED: python3 is not here ({error})"),
    }
    // One that was written by hand is told before anything is generated.
    project.call(&["set", "m1.boat/n", "formula=("]);
    let told = project.call(&["check"]);
    assert!(
        told.code != 0 && format!("{}{}", told.out, told.err).contains("formula"),
        "{}{}",
        told.out,
        told.err
    );
}
