//! Module files by hand and by the command line: fixes that go together, keys and values that are checked, files that can not be
//! read, and generated files that follow a model to its new name.

use crate::support::cli::{Called, Home, git};
use chantier::areas::plan::modules::{Part, readback};
use serde_json::Value;
use std::path::PathBuf;

const COOP: &str = "name = \"coop\"\ntemplate = \"odoo\"\ndepends = [\"base\"]\n\n[[model]]\nname = \"coop.share\"\n\n[model.fields]\n\
                    name = { type = \"char\", required = true }\nquantity = { type = \"integer\" }\n\n[model.access]\n\"base.group_user\" = \"rwcd\"\n";

/// A project with one module.
struct Project {
    home: Home,
    root: PathBuf,
}

impl Project {
    fn new(module: &str) -> Self {
        let home = Home::new();
        let root = home.path("project");
        std::fs::create_dir_all(root.join(".chantier/modules")).unwrap();
        let project = Self { home, root };
        project.write(".chantier/modules/coop.toml", module);
        project
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.root.join(path)).unwrap()
    }

    fn module(&self) -> String {
        self.text(".chantier/modules/coop.toml")
    }

    fn call(&self, args: &[&str]) -> Called {
        let mut all = vec!["plan", "module"];
        all.extend(args);
        self.home.call_in(&self.root, &all)
    }

    /// Refused with these words, and nothing was written.
    fn refuses(&self, args: &[&str], words: &[&str]) {
        let before = self.module();
        let called = self.call(args);
        assert_eq!(called.code, 1, "{args:?}: {}", called.out);
        for word in words {
            assert!(called.err.contains(word), "{args:?}: {word} in {}", called.err);
        }
        assert_eq!(self.module(), before, "{args:?}");
    }
}

#[test]
fn fixes_of_one_model_are_all_applied_its_name_last() {
    let project = Project::new(
        "name = \"coop\"\ndepends = [\"base\"]\n\n[[model]]\nname = \"Bad Name\"\n\n[[model]]\nname = \"coop.share\"\n\n[model.fields]\n\
         owner_id = { type = \"many2one\", target = \"Bad Name\" }\npartner = { type = \"many2one\", target = \"res.partner\", requird = true }\n",
    );
    let called = project.call(&["check", "--fix"]).ok();
    let text = project.module();
    assert!(text.contains("name = \"bad_name\"") && !text.contains("Bad Name"), "{text}");
    assert!(text.contains("name = { type = \"char\", required = true }"), "{text}");
    assert_eq!(text.matches("\"base.group_user\" = \"rwcd\"").count(), 2, "{text}");
    assert!(text.contains("target = \"bad_name\""), "{text}");
    assert!(text.contains("target = \"res.partner\", required = true"), "{text}");
    assert!(called.out.contains("Rename to bad_name"), "{}", called.out);
    assert!(called.out.contains("Nothing is wrong"), "{}", called.out);
    // One act: it is taken back as one.
    project.call(&["undo"]).ok();
    assert!(project.module().contains("name = \"Bad Name\""));
    // What has no fix is still told, and the call says so.
    project.write(
        ".chantier/modules/coop.toml",
        &COOP
            .replace("integer", "money_in_the_bank")
            .replace("\"base.group_user\" = \"rwcd\"", ""),
    );
    let called = project.call(&["check", "--fix"]);
    assert_eq!(called.code, 1, "{}", called.out);
    assert!(
        project.module().contains("\"base.group_user\" = \"rwcd\""),
        "{}",
        project.module()
    );
}

#[test]
fn two_fixes_that_write_the_same_key_both_count() {
    let project = Project::new(
        "name = \"coop\"\ndepends = [\"base\"]\n\n[[model]]\nname = \"coop.share\"\n\n[model.fields]\n\
         product_id = { type = \"many2one\", target = \"product.product\" }\ntask_id = { type = \"many2one\", target = \"project.task\" }\n",
    );
    project.call(&["check", "--fix"]).ok();
    assert!(
        project.module().contains("depends = [\"base\", \"product\", \"project\"]"),
        "{}",
        project.module()
    );
}

#[test]
fn what_is_typed_is_read_as_what_stands_there_or_refused() {
    let project = Project::new(COOP);
    let field = "coop.share/quantity";
    project.refuses(&["set", field, "required=maybe"], &["required", "maybe", "true, false"]);
    project.refuses(&["set", field, "nosuchkey=1"], &["nosuchkey", "required", "ondelete"]);
    project.refuses(&["set", field, "selection=draft,done"], &["selection", "values"]);
    project.refuses(&["set", field, "type=whole"], &["whole", "integer", "many2many"]);
    project.refuses(&["set", field, "default=many"], &["default", "whole number"]);
    project.refuses(&["set", field, "ondelete=explode"], &["cascade, restrict, set null"]);
    project.refuses(
        &["set", "coop", "template=nosuch"],
        &["nosuch", "odoo, python, rust, typescript"],
    );
    project.refuses(&["set", "coop", "target=../.."], &["../.."]);
    project.refuses(&["set", "coop.share", "extned=true"], &["extned", "extend"]);
    project.refuses(&["set", "coop.share/access:base.group_user", "rights=rwx"], &["rwx"]);
    project.refuses(
        &["add-field", "coop.share", "x", "integer", "--set", "required=2"],
        &["required"],
    );
    project.refuses(
        &["add", "coop/menu:m", "--set", "sequence=first"],
        &["sequence", "whole number"],
    );
    let called = project.call(&["new", "x", "--template", "nosuch"]);
    assert!(
        called.code == 1 && called.err.contains("There is no template nosuch"),
        "{}",
        called.err
    );
    assert!(!project.root.join(".chantier/modules/x.toml").exists());
    let called = project.call(&["new", "coop"]);
    assert!(
        called.code == 1 && called.err.contains("plan module set coop"),
        "{}",
        called.err
    );

    project
        .call(&[
            "set",
            field,
            "required=yes",
            "default=3",
            "index=btree",
            "string=true",
            "tracking=5",
        ])
        .ok();
    project.call(&["set", "coop.share/access:base.group_user", "rights=rw"]).ok();
    project
        .call(&[
            "add-field",
            "coop.share",
            "state",
            "selection",
            "--set",
            "values=draft:Draft,done",
            "--set",
            "default=draft",
        ])
        .ok();
    project
        .call(&["add-field", "coop.share", "price", "float", "--set", "digits=12,2"])
        .ok();
    let text = project.module();
    for line in [
        "quantity = { type = \"integer\", required = true, default = 3, index = \"btree\", string = \"true\", tracking = 5 }",
        "\"base.group_user\" = \"rw\"",
        "state = { type = \"selection\", values = [[\"draft\", \"Draft\"], \"done\"], default = \"draft\" }",
        "digits = [12, 2]",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    project.refuses(&["set", "coop.share/state", "default=sold"], &["default", "draft, done"]);
    project.call(&["check"]).ok();
    // A template of one's own may ask for keys of its own.
    project.write(
        ".chantier/templates/mine/template.toml",
        "title = \"Mine\"\n[[file]]\ntemplate = \"a\"\npath = \"a\"\n",
    );
    project.write(".chantier/templates/mine/a", "{{ module.mood }}");
    project.call(&["new", "own", "--template", "mine"]).ok();
    project.call(&["set", "own", "mood=sunny"]).ok();
    project.call(&["generate", "own"]).ok();
    assert_eq!(project.text("own/a"), "sunny");
}

#[test]
fn a_file_that_was_edited_by_hand_is_told_by_key_and_line() {
    let wrong = COOP
        .replace("template = \"odoo\"", "template = \"odo\"\nmood = \"sunny\"")
        .replace(
            "type = \"integer\"",
            "type = \"integer\", required = \"maybe\", nosuchkey = 1",
        );
    let project = Project::new(&wrong);
    let called = project.call(&["check"]);
    assert_eq!(called.code, 1, "{}", called.out);
    for line in [
        "coop.toml:2: error: There is no template odo",
        "coop.toml:11: error: required of coop/coop.share/quantity can not be “maybe”",
    ] {
        assert!(called.out.contains(line), "{line} in {}", called.out);
    }
    project.write(".chantier/modules/coop.toml", &wrong.replace("\"odo\"", "\"odoo\""));
    let called = project.call(&["check"]);
    for line in [
        "coop.toml:3: warning: coop has the key mood",
        "coop.toml:11: warning: coop/coop.share/quantity has the key nosuchkey",
    ] {
        assert!(called.out.contains(line), "{line} in {}", called.out);
    }
    let called = project.call(&["generate", "coop"]);
    assert_eq!(called.code, 1, "{}", called.out);
    assert!(!project.root.join("coop").exists());
}

#[test]
fn a_module_file_that_can_not_be_read_is_what_is_told() {
    let project = Project::new("name = \"coop\"\n[[model]\nname = \"coop.share\"\n");
    for args in [
        vec!["list"],
        vec!["show", "coop"],
        vec!["set", "coop.share/name", "required=true"],
        vec!["set", "coop", "title=Coop"],
        vec!["add-model", "coop", "coop.fee"],
        vec!["new", "coop"],
        vec!["generate", "coop"],
        vec!["drift", "coop"],
    ] {
        let called = project.call(&args);
        assert_eq!(called.code, 1, "{args:?}: {}", called.out);
        assert!(called.err.contains("coop.toml:2:"), "{args:?}: {}", called.err);
        assert!(!called.out.contains("No modules are planned"), "{args:?}");
    }
    let listed = project.call(&["list", "--json"]).json();
    assert_eq!(listed["result"]["unreadable"][0]["place"]["line"], 2, "{listed}");
    // Another module is not in its way.
    project.write(
        ".chantier/modules/other.toml",
        "name = \"other\"\n[[model]]\nname = \"other.thing\"\n",
    );
    project.call(&["add-field", "other.thing", "name"]).ok();
    let listed = project.call(&["list"]);
    assert!(listed.code == 1 && listed.out.contains("other.thing"), "{}", listed.out);
}

#[test]
fn what_was_written_by_hand_follows_a_model_to_its_new_name() {
    let project = Project::new(COOP);
    project.call(&["generate", "coop"]).ok();
    let model = project.text("coop/models/coop_share.py");
    let hand = "\n    def hello(self):\n        return \"by hand\"\n";
    project.write("coop/models/coop_share.py", &format!("{model}{hand}"));
    project.call(&["rename", "coop.share", "coop.part"]).ok();
    let shown = project.call(&["generate", "coop", "--preview"]).ok().out;
    assert!(
        shown.contains("coop_part.py  was coop/models/coop_share.py, merged"),
        "{shown}"
    );
    assert!(project.root.join("coop/models/coop_share.py").is_file());
    project.call(&["generate", "coop"]).ok();
    let moved = project.text("coop/models/coop_part.py");
    for piece in ["_name = \"coop.part\"", "class CoopPart", hand] {
        assert!(moved.contains(piece), "{piece} in {moved}");
    }
    for gone in [
        "coop/models/coop_share.py",
        "coop/views/coop_share_views.xml",
        "coop/tests/test_coop_share.py",
        ".chantier/generated/coop/odoo/models/coop_share.py",
    ] {
        assert!(!project.root.join(gone).exists(), "{gone}");
    }
    let again = project.call(&["generate", "coop"]).ok().out;
    assert!(again.contains("nothing was written"), "{again}");
    assert!(project.text("coop/models/coop_part.py").contains(hand));
    // What collides is shown under the new name, and nothing is written before somebody decides.
    project.call(&["add-field", "coop.part", "colour"]).ok();
    project.call(&["rename", "coop.part", "coop.piece"]).ok();
    let shown = project.call(&["generate", "coop"]);
    assert_eq!(shown.code, 1);
    assert!(
        shown.out.contains("coop_piece.py  was coop/models/coop_part.py, conflict"),
        "{}",
        shown.out
    );
    assert!(project.root.join("coop/models/coop_part.py").is_file());
    project.call(&["generate", "coop", "--on-conflict", "mine"]).ok();
    assert!(!project.root.join("coop/models/coop_part.py").exists());
    let mine = project.text("coop/models/coop_piece.py");
    assert!(mine.contains(hand) && mine.contains("coop.part"), "{mine}");
    project.call(&["rename", "coop.piece", "coop.part"]).ok();
    project.call(&["generate", "coop", "--on-conflict", "generated"]).ok();
    // A model that goes while another comes is no other name of it.
    project.call(&["remove", "coop.part"]).ok();
    project.call(&["add-model", "coop", "coop.vote"]).ok();
    project.call(&["add-field", "coop.vote", "day", "date"]).ok();
    let shown = project.call(&["generate", "coop", "--preview"]).ok().out;
    assert!(!shown.contains(" was coop/models/coop_part.py"), "{shown}");
    assert!(shown.contains("coop_part.py  removed"), "{shown}");
}

#[test]
fn what_follows_a_model_before_it_was_ever_committed_is_committed_under_its_new_name() {
    let project = Project::new(COOP);
    for args in [
        vec!["init", "--quiet"],
        vec!["config", "user.name", "Ana Roy"],
        vec!["config", "user.email", "ana@example.org"],
        vec!["commit", "--quiet", "--allow-empty", "--message", "first"],
    ] {
        git(&project.root, &args);
    }
    project.call(&["generate", "coop"]).ok();
    project.call(&["rename", "coop.share", "coop.part"]).ok();
    project.call(&["generate", "coop", "--commit", "coop: parts", "--trust"]).ok();
    let files = git(&project.root, &["show", "--name-only", "--format=", "HEAD"]);
    assert!(
        files.contains("coop/models/coop_part.py") && !files.contains("coop_share"),
        "{files}"
    );
    // What git has goes from it under its old name.
    project.call(&["rename", "coop.part", "coop.piece"]).ok();
    project.call(&["generate", "coop", "--commit", "coop: pieces"]).ok();
    let files = git(&project.root, &["ls-files", "coop/models"]);
    assert!(files.contains("coop_piece.py") && !files.contains("coop_part.py"), "{files}");
}

#[test]
fn what_was_written_by_hand_follows_a_module_to_its_new_name() {
    let project = Project::new(COOP);
    project.call(&["generate", "coop"]).ok();
    let model = project.text("coop/models/coop_share.py");
    let hand = "\n    def hello(self):\n        return \"by hand\"\n";
    project.write("coop/models/coop_share.py", &format!("{model}{hand}"));
    project.call(&["rename", "coop", "club"]).ok();
    project.call(&["generate", "club"]).ok();
    assert!(project.text("club/models/coop_share.py").contains(hand));
    assert!(!project.root.join("coop/models/coop_share.py").exists());
    assert!(!project.root.join(".chantier/generated/coop/odoo.toml").exists());
    let again = project.call(&["generate", "club"]).ok().out;
    assert!(again.contains("nothing was written"), "{again}");
}

/// Odoo modules as people write them: fields by other names, bases of other modules, more than one name in an assignment.
#[test]
fn odoo_is_read_however_it_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join("syn").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("__manifest__.py", "{'name': 'Syn' + 'tax', 'depends': ['base'] + ['sale']}\n");
    write(
        "models/a.py",
        "from odoo import models, fields as f\nfrom odoo.fields import Char, Date as Day\nimport odoo\n\n\
         class A(models.Model):\n    _name = _description = 'syn.a'\n    name = f.Char(required=True)\n    code = Char()\n    day = Day()\n    \
         at = odoo.fields.Datetime()\n    a, b = f.Char(), f.Integer()\n    c = d = f.Float()\n    if True:\n        e = f.Text()\n",
    );
    write(
        "models/b.py",
        "from odoo import fields\nfrom odoo.addons.spec import spec_models\n\n\
         class Partner(spec_models.SpecModel):\n    _name = 'res.partner'\n    _inherit = [_name, 'spec.mixin']\n    nif = fields.Char()\n\n\
         class Sub(Base2):\n    _inherit = 'syn.a'\n    more = fields.Boolean()\n\n\
         class Importer(Component):\n    _name = 'partner.importer'\n    _inherit = 'base.importer'\n\n\
         class Other(GenericImporter):\n    _name = 'other.importer'\n    _usage = 'record.importer'\n",
    );
    let found = readback::read(&dir.path().join("syn"), &|| false).unwrap();
    let module = &found.modules[0];
    assert_eq!(module.values.text("title"), "Syntax");
    assert_eq!(module.values.list("depends"), ["base", "sale"]);
    let models: Vec<(&str, String)> = module
        .models
        .iter()
        .map(|model| {
            let field = |field: &Part| format!("{}:{}", field.name, field.values.text("type"));
            (
                model.name.as_str(),
                model.fields.iter().map(field).collect::<Vec<_>>().join(" "),
            )
        })
        .collect();
    let fields = "name:char code:char day:date at:datetime a:char b:integer c:float d:float e:text more:boolean";
    assert_eq!(models, [("syn.a", fields.to_owned()), ("res.partner", "nif:char".to_owned())]);
    assert_eq!(module.models[0].values.text("title"), "syn.a");
}

/// Modules of others bring what is not known here, and have names that Odoo takes: neither stops a generation.
#[test]
fn what_only_odoo_can_know_is_a_warning() {
    let told = |depends: &str| {
        let project = Project::new(&format!(
            "name = \"coop\"\ntemplate = \"odoo\"\ndepends = [{depends}]\n\n[[model]]\nname = \"coop.share\"\ntitle = \"Share\"\n\n[model.fields]\n\
             name = {{ type = \"char\" }}\norder_id = {{ type = \"many2one\", target = \"sale.order\" }}\nnfse_CNPJ = {{ type = \"char\" }}\n"
        ));
        let called = project.call(&["check", "--json"]);
        let findings = called.json()["result"]["findings"].as_array().unwrap().clone();
        let told = |finding: &Value| (finding["code"].as_str().unwrap().to_owned(), finding["is_error"] == true);
        findings
            .iter()
            .map(told)
            .filter(|(code, _)| ["depends", "name"].contains(&code.as_str()))
            .collect::<Vec<_>>()
    };
    let both = |is_sure| [("depends".to_owned(), is_sure), ("name".to_owned(), false)];
    assert_eq!(told("\"base\", \"sale_everything\""), both(false));
    assert_eq!(told("\"base\", \"hr\""), both(true));
}

/// What modules that work say in their own way: a name of records that is worked out, no default, no other side, a field said again.
#[test]
fn what_odoo_takes_stops_no_generation() {
    let project = Project::new(
        "name = \"coop\"\ntemplate = \"odoo\"\ndepends = [\"base\"]\n\n[[model]]\nname = \"coop.base\"\nabstract = true\n[model.fields]\n\
         kind = { type = \"selection\", values = [\"a\", \"b\"] }\nowner_id = { type = \"many2one\", target = \"res.partner\" }\n\n\
         [[model]]\nname = \"coop.share\"\ninherit = [\"coop.base\", \"mail.thread\"]\n[model.fields]\n\
         display_name = { type = \"char\", compute = \"_compute_name\", store = true }\nkind = { type = \"selection\", required = true }\n\
         owner_id = { type = \"many2one\", required = true }\nstate = { type = \"selection\", values = [\"x\"], default = false }\n\
         all_ids = { type = \"one2many\", target = \"coop.share\", compute = \"_compute_all\" }\n\
         action_id = { type = \"many2one\", target = \"ir.actions.act_window\" }\n",
    );
    let errors = || -> Vec<String> {
        let told = project.call(&["check", "--json"]).json();
        let findings = told["result"]["findings"].as_array().unwrap().iter();
        let errors = findings.filter(|finding| finding["is_error"] == true);
        errors.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(errors(), [""; 0]);
    // Where nothing that it is made from has the fields, they must be said.
    let text = project.module().replace("inherit = [\"coop.base\", \"mail.thread\"]\n", "");
    project.write(".chantier/modules/coop.toml", &text);
    assert_eq!(errors(), ["no-values", "no-target"]);
}

/// A list that is set anew keeps the places and comments of what stays.
#[test]
fn a_list_of_several_lines_keeps_its_comments() {
    let list = "depends = [\n    # what all need\n    \"base\", # needed\n    \"mail\",\n    # the end\n]\n";
    let project = Project::new(&format!("name = \"coop\"\n{list}"));
    let set = |depends: &str| project.call(&["set", "coop", &format!("depends={depends}")]).ok();
    set("base,mail,sale");
    let more = "    \"mail\",\n    \"sale\",\n    # the end\n]\n";
    assert_eq!(
        project.module(),
        format!("name = \"coop\"\n{}{more}", list.split("    \"mail\"").next().unwrap())
    );
    set("sale,mail");
    assert_eq!(
        project.module(),
        "name = \"coop\"\ndepends = [\n    \"sale\",\n    \"mail\",\n    # the end\n]\n"
    );
    project.write(
        ".chantier/modules/coop.toml",
        "name = \"coop\"\ndepends = [\"base\", 'mail'] # both\n",
    );
    set("sale,base,mail");
    assert_eq!(
        project.module(),
        "name = \"coop\"\ndepends = [\"sale\", \"base\", 'mail'] # both\n"
    );
}

#[test]
fn values_that_would_stand_wrongly_in_the_code_are_told_where_they_stand() {
    let text = "name = \"coop\"\ntemplate = \"odoo\"\nversion = \"banana\"\nlicense = \"FOO\"\ndepends = [\"base\", \"coop\"]\n\n[[model]]\nname = \"coop.share\"\norder = \"nofield desc\"\n\
                rec_name = \"nothing\"\n\n[model.fields]\nactive = { type = \"char\", size = -1 }\nkind = { type = \"selection\", values = [\"a\", \"b\", \"a\"] }\n\
                owner_id = { type = \"many2one\", target = \"coop.owner\", domain = \"[(\" }\ncity = { type = \"char\", related = \"owner_id.town\" }\nodd = { type = \"wat\" }\n\n\
                [[model]]\nname = \"coop.owner\"\n[model.fields]\nname = { type = \"char\" }\n\n[[model]]\nname = \"coop.owner\"\n[model.fields]\nname = { type = \"char\" }\n";
    let project = Project::new(text);
    let called = project.call(&["check", "--json"]);
    let findings = called.json()["result"]["findings"].as_array().unwrap().clone();
    let line = |code: &str, words: &str| {
        let is_it = |finding: &&Value| finding["code"] == code && finding.to_string().contains(words);
        let found = findings.iter().find(is_it);
        found.unwrap_or_else(|| panic!("{code} {words} in {findings:#?}"))["line"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(line("version", "banana"), 3);
    assert_eq!(line("license", "FOO"), 4);
    line("circle", "coop");
    assert_eq!(line("no-field", "nofield"), 9);
    assert_eq!(line("no-field", "nothing"), 10);
    assert_eq!(line("active", "active"), 13);
    assert_eq!(line("size", "active"), 13);
    assert_eq!(line("values-twice", "kind"), 14);
    assert_eq!(line("domain", "owner_id"), 15);
    assert_eq!(line("no-field", "coop.owner.town"), 16);
    assert_eq!(line("duplicate", "twice in this file"), 24);
    let odd = findings.iter().find(|finding| finding["code"] == "type").unwrap();
    assert_eq!(odd["fixes"].as_array().map(Vec::len), Some(0), "{odd}");
}

/// Code of one language can not use a package of another, and no manifest is told that it could.
#[test]
fn a_model_of_another_language_is_not_depended_on() {
    let project = Project::new(COOP);
    let other =
        "name = \"my_python\"\ntemplate = \"python\"\n[[model]]\nname = \"py.tag\"\n[model.fields]\nname = { type = \"char\" }\n";
    project.write(".chantier/modules/my_python.toml", other);
    project.call(&["connect", "coop.share", "py.tag"]).ok();
    assert!(project.module().contains("depends = [\"base\"]"), "{}", project.module());
    let called = project.call(&["check", "--json"]);
    let told = called.json()["result"]["findings"].to_string();
    assert!(called.code != 0 && told.contains("other-language"), "{told}");
}

const EMPLOYEE: &str = "# By hand, for people.\nfrom odoo import api, fields, models\n\n\nclass HrEmployee(models.Model):\n    _inherit = 'hr.employee'\n\n    service_date = fields.Date(\n        string='In service since',\n        \
                        help=\"From the (first) contract\",\n    )\n    nickname = fields.Char()\n\n    @api.onchange('nickname')\n    def _onchange_nickname(self):\n        pass\n";

/// What is planned for a module that hands wrote is carried into their own files, and no other file is touched.
#[test]
fn of_a_module_that_was_read_only_the_difference_is_generated() {
    let project = Project::new("name = \"unused\"\ntemplate = \"odoo\"\n");
    let files = [
        (
            "__manifest__.py",
            "{\n    'name': 'Service',\n    'version': '18.0.1.0.0',\n    'depends': ['hr'],\n    'license': 'AGPL-3',\n    'author': 'Ann',\n}\n",
        ),
        ("__init__.py", "from . import models\n"),
        ("models/__init__.py", "from . import employee\n"),
        ("models/employee.py", EMPLOYEE),
        ("README.rst", "By hand.\n"),
    ];
    for (path, text) in files {
        project.write(&format!("addons/hr_service/{path}"), text);
    }
    project.call(&["read", "addons"]).ok();
    let same = project.call(&["generate", "hr_service"]).ok();
    let is_as_it_was = |but: &str| {
        for (path, text) in files.iter().filter(|(path, _)| *path != but) {
            assert_eq!(
                project.text(&format!("addons/hr_service/{path}")),
                *text,
                "{path} {}",
                same.out
            );
        }
    };
    is_as_it_was("");
    project.call(&["add-field", "hr_service/hr.employee", "x_new", "char"]).ok();
    project.call(&["generate", "hr_service"]).ok();
    is_as_it_was("models/employee.py");
    let text = project.text("addons/hr_service/models/employee.py");
    assert_eq!(text.replacen("    x_new = fields.Char()\n", "", 1), EMPLOYEE, "{text}");
    assert!(text.contains("x_new = fields.Char()\n"), "{text}");
    // A second time nothing is left to do, and what is taken out of the plan goes.
    project.call(&["generate", "hr_service"]).ok();
    assert_eq!(project.text("addons/hr_service/models/employee.py"), text);
    let drift = project.call(&["drift", "hr_service", "--json"]).ok().json();
    assert_eq!(
        drift["result"]["drifts"][0]["differences"].as_array().map(Vec::len),
        Some(0),
        "{drift}"
    );
    // A model of its own comes as a new file, and is imported.
    project.call(&["add-model", "hr_service", "hr.service"]).ok();
    project.call(&["add-field", "hr.service", "name", "char"]).ok();
    project.call(&["generate", "hr_service"]).ok();
    assert!(
        project
            .text("addons/hr_service/models/hr_service.py")
            .contains("_name = \"hr.service\"")
    );
    let init = project.text("addons/hr_service/models/__init__.py");
    assert_eq!(
        init.lines().collect::<Vec<_>>(),
        ["from . import employee", "from . import hr_service"]
    );
}
