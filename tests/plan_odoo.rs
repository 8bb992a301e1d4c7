//! Odoo modules that install: names, defaults, views, checks and menus that would break one are told, with fixes; what is generated reads
//! back as the same plan.

use crate::plan_modules::Place;
use chantier::areas::plan::modules::check::findings;
use chantier::areas::plan::modules::{OnConflict, drift, folder, generate, readback};
use std::path::Path;

const HEAD: &str = "name = \"aa\"\ntemplate = \"odoo\"\ndepends = [\"base\"]\n";

fn place(rest: &str) -> Place {
    Place::new(&[("aa", &format!("{HEAD}{rest}"))])
}

/// A module of one model with these fields and what follows them.
fn of_fields(fields: &str) -> Place {
    place(&format!(
        "[[model]]\nname = \"a.b\"\n[model.fields]\n{fields}\n[model.access]\n\"base.group_user\" = \"rwcd\"\n"
    ))
}

/// What stops the generation.
fn errors(place: &Place) -> Vec<String> {
    let found = findings(&place.plan());
    let errors = found.iter().filter(|finding| finding.is_error);
    errors.map(|finding| format!("{} {}", finding.code, finding.at)).collect()
}

/// Applies the first fix of the first error.
fn mend(place: &Place) {
    let found = findings(&place.plan());
    let error = found.iter().find(|finding| finding.is_error).unwrap();
    let fix = error.fixes.first().unwrap_or_else(|| panic!("{} has no fix", error.code));
    place.apply(&fix.changes);
}

fn rendered(place: &Place, path: &str) -> String {
    let plan = place.plan();
    let files = generate::render(&place.workspace(), &plan, plan.module("aa").unwrap(), "odoo").unwrap();
    files
        .get(path)
        .unwrap_or_else(|| panic!("{path} in {:?}", files.keys()))
        .clone()
}

#[test]
fn a_field_whose_name_the_code_needs_is_told_and_renamed() {
    for name in ["fields", "api", "class", "import"] {
        let place = of_fields(&format!("{name} = {{ type = \"char\" }}"));
        assert_eq!(errors(&place), [format!("name aa/a.b/{name}")]);
        mend(&place);
        assert_eq!(errors(&place), [""; 0], "{name}");
        assert!(rendered(&place, "models/a_b.py").contains(&format!("b_{name} = fields.Char()")));
    }
    assert_eq!(errors(&of_fields("models = \"char\"\nfield = \"char\"")), [""; 0]);
    let place = place("[[model]]\nname = \"class\"\n[model.fields]\nname = \"char\"\n");
    assert_eq!(errors(&place), ["name aa/class"]);
    // A word of the language gets a sign behind it, and another field may have that name already.
    for (template, name) in [("rust", "self"), ("python", "class")] {
        let text = format!(
            "name = \"aa\"\ntemplate = \"{template}\"\n[[model]]\nname = \"tide\"\n[model.fields]\n{name} = \"char\"\n{name}_ = \"char\"\n"
        );
        let place = Place::new(&[("aa", &text)]);
        assert_eq!(errors(&place), [format!("name aa/tide/{name}_")]);
        mend(&place);
        assert_eq!(errors(&place), [""; 0], "{template}");
    }
}

#[test]
fn a_name_is_mended_by_its_words() {
    use chantier::areas::plan::modules::check::mended;
    for (name, wanted) in [
        ("COOP.z", "coop.z"),
        ("CoopShare", "coop_share"),
        ("HTTPServer", "http_server"),
        ("coop.__init__", "coop.init"),
        ("_name", "name"),
        ("Été 2", "ete_2"),
    ] {
        assert_eq!(mended(name), wanted, "{name}");
    }
    let place = place("[[model]]\nname = \"a.__init__\"\n[model.fields]\nname = \"char\"\n");
    assert_eq!(errors(&place), ["name aa/a.__init__"]);
    mend(&place);
    assert_eq!(errors(&place), [""; 0]);
    let place = of_fields("name = \"char\"\n_name = \"char\"");
    mend(&place);
    let plan = place.plan();
    let names: Vec<&str> = plan.modules[0].models[0]
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    assert_eq!(names, ["name", "name2"]);
}

#[test]
fn a_default_is_what_the_language_can_begin_with() {
    let good = "day = { type = \"date\", default = \"today\" }\nat = { type = \"datetime\", default = \"now\" }\n\
                fixed = { type = \"date\", default = \"2026-01-15\" }\nmoment = { type = \"datetime\", default = \"2026-01-15T09:30:00\" }\n\
                more = { type = \"json\", default = { a = 1 } }";
    let module = of_fields(good);
    assert_eq!(errors(&module), [""; 0]);
    let model = rendered(&module, "models/a_b.py");
    for line in [
        "day = fields.Date(default=fields.Date.context_today)",
        "at = fields.Datetime(default=fields.Datetime.now)",
        "fixed = fields.Date(default=\"2026-01-15\")",
        "moment = fields.Datetime(default=\"2026-01-15 09:30:00\")",
        "more = fields.Json(default={\"a\": 1})",
    ] {
        assert!(model.contains(line), "{line} in {model}");
    }
    for (field, has_fix) in [
        ("{ type = \"date\", default = \"tomorrow\" }", false),
        ("{ type = \"date\", default = \"2026-13-01\" }", false),
        ("{ type = \"datetime\", default = \"today\" }", false),
        ("{ type = \"json\", default = \"{}\" }", true),
        ("{ type = \"many2one\", target = \"res.users\", default = \"me\" }", false),
    ] {
        let place = of_fields(&format!("x = {field}"));
        assert_eq!(errors(&place), ["default aa/a.b/x"], "{field}");
        mend(&place);
        assert_eq!(errors(&place), [""; 0], "{field}");
        let plan = place.plan();
        let left = plan.modules[0].models[0].fields[0].values.0.contains_key("default");
        assert_eq!(left, has_fix, "{field}");
    }
    // Odoo makes a number of a text; a package has no clock in Rust.
    assert_eq!(errors(&of_fields("n = { type = \"integer\", default = \"10\" }")), [""; 0]);
    let of = |template: &str| {
        let fields = good.replace("day = { type = \"date\"", "day = { type = \"date\", required = true");
        let text = format!("name = \"aa\"\ntemplate = \"{template}\"\n[[model]]\nname = \"tide\"\n[model.fields]\n{fields}\n");
        Place::new(&[("aa", &text)])
    };
    assert_eq!(errors(&of("rust")), ["default aa/tide/day", "default aa/tide/at"]);
    let code = |template: &str, path: &str| {
        let place = of(template);
        assert_eq!(errors(&place), [""; 0]);
        let plan = place.plan();
        generate::render(&place.workspace(), &plan, &plan.modules[0], template).unwrap()[path].clone()
    };
    let python = code("python", "src/aa/tide.py");
    for line in [
        "default_factory=lambda: date.today()",
        "default_factory=lambda: datetime.now()",
        "default_factory=lambda: date.fromisoformat(\"2026-01-15\")",
        "default_factory=lambda: {\"a\": 1}",
    ] {
        assert!(python.contains(line), "{line} in {python}");
    }
    assert!(code("typescript", "src/tide.ts").contains("day: new Date().toISOString().slice(0, 10),"));
}

#[test]
fn a_way_through_a_field_that_points_nowhere_is_told() {
    let text =
        "name = \"char\"\nowner_id = { type = \"many2one\", target = \"a.b\" }\nx = { type = \"char\", related = \"WAY\" }";
    for (way, wanted) in [
        ("name.x", "no-way aa/a.b/x"),
        ("owner_id.name.x", "no-way aa/a.b/x"),
        ("owner_id.gone", "no-field aa/a.b/x"),
    ] {
        assert_eq!(errors(&of_fields(&text.replace("WAY", way))), [wanted], "{way}");
    }
    assert_eq!(errors(&of_fields(&text.replace("WAY", "owner_id.owner_id.name"))), [""; 0]);
    let computed = text.replace("related = \"WAY\"", "compute = \"_compute_x\", depends = [\"name.size\"]");
    assert_eq!(errors(&of_fields(&computed)), ["no-way aa/a.b/x"]);
}

#[test]
fn a_view_that_would_not_install_is_told_and_mended() {
    let of = |kind: &str| {
        place(&format!(
            "[[model]]\nname = \"a.b\"\n[model.fields]\nname = \"char\"\n[model.access]\n\"base.group_user\" = \"r\"\n[[model.view]]\ntype = \"{kind}\"\n"
        ))
    };
    for (kind, wanted) in [
        ("nope", "view-type aa/a.b/view:nope"),
        ("gantt", "view-type aa/a.b/view:gantt"),
        ("tree", "view-type aa/a.b/view:tree"),
        ("frm", "view-type aa/a.b/view:frm"),
        ("activity", "view-activity aa/a.b/view:activity"),
    ] {
        assert_eq!(errors(&of(kind)), [wanted]);
    }
    for kind in ["tree", "frm", "activity"] {
        let place = of(kind);
        mend(&place);
        assert_eq!(errors(&place), [""; 0], "{kind}");
    }
    let place = of("activity");
    mend(&place);
    let view = rendered(&place, "views/a_b_views.xml");
    assert!(
        view.contains("<div t-name=\"activity-box\">\n                        <field name=\"name\" />"),
        "{view}"
    );
    let place = of("calendar");
    let found = findings(&place.plan());
    let told = found.iter().find(|finding| finding.code == "view-date").unwrap();
    assert!(rendered(&place, "views/a_b_views.xml").contains("date_start=\"create_date\""));
    place.apply(&told.fixes[0].changes);
    assert!(!findings(&place.plan()).iter().any(|finding| finding.code == "view-date"));
    assert!(rendered(&place, "views/a_b_views.xml").contains("date_start=\"date\""));
    for kind in ["list", "form", "search", "kanban", "graph", "pivot"] {
        assert_eq!(errors(&of(kind)), [""; 0], "{kind}");
        assert!(
            rendered(&of(kind), "views/a_b_views.xml").contains("<field name=\"name\""),
            "{kind}"
        );
    }
}

#[test]
fn a_check_names_fields_of_its_record_or_is_told() {
    let of = |rest: &str| {
        place(&format!(
            "[[model]]\nname = \"a.b\"\n[model.fields]\namount = \"integer\"\nlow = \"integer\"\n[model.access]\n\"base.group_user\" = \"r\"\n\
             [[model.constraint]]\nname = \"c\"\n{rest}\n"
        ))
    };
    let place = of("check = \"low < amount and len([low for low in [1]]) > 0\"");
    assert_eq!(errors(&place), ["check aa/a.b/constraint:c"]);
    let place = of("check = \"0 < amount >= low\"");
    mend(&place);
    assert_eq!(errors(&place), [""; 0]);
    let model = rendered(&place, "models/a_b.py");
    for line in [
        "@api.constrains(\"amount\", \"low\")",
        "if not (0 < record.amount >= record.low):",
        "raise ValidationError(self.env._(\"C\"))",
    ] {
        assert!(model.contains(line), "{line} in {model}");
    }
    for (rest, wanted) in [
        ("check = \"amount >\"", "check"),
        ("check = \"x = 1\"", "check"),
        ("check = \"other > 0\"", "check"),
        ("check = \"self.env.user\"", "check"),
        ("check = \"record.gone > 0\"", "no-field"),
        ("fields = [\"gone\"]\ncheck = \"record.amount > 0\"", "no-field"),
    ] {
        assert_eq!(errors(&of(rest)), [format!("{wanted} aa/a.b/constraint:c")], "{rest}");
    }
    assert_eq!(
        errors(&of("check = \"all(x > 0 for x in [record.amount, record.low])\"")),
        [""; 0]
    );
    assert_eq!(errors(&of("sql = \"check(amount > 0)\"")), [""; 0]);
}

#[test]
fn menus_stand_below_what_comes_before_them_and_open_something() {
    let model = "[[model]]\nname = \"a.b\"\n[model.fields]\nname = \"char\"\n[model.access]\n\"base.group_user\" = \"r\"\n";
    let menus = |menus: &[(&str, &str)]| {
        let menu = |(name, rest): &(&str, &str)| format!("[[menu]]\nname = \"{name}\"\n{rest}\n");
        place(&format!("{model}{}", menus.iter().map(menu).collect::<String>()))
    };
    let circle = menus(&[("one", "parent = \"two\""), ("two", "parent = \"one\"")]);
    assert_eq!(errors(&circle), ["menu-circle aa/menu:one", "menu-circle aa/menu:two"]);
    let own = menus(&[("one", "parent = \"one\"\nmodel = \"a.b\"")]);
    assert_eq!(errors(&own), ["menu-circle aa/menu:one"]);
    mend(&own);
    assert_eq!(errors(&own), [""; 0]);
    let place = menus(&[
        ("people", "parent = \"root\"\nmodel = \"res.partner\""),
        ("things", "parent = \"root\"\nmodel = \"a.b\""),
        ("all", "parent = \"root\"\naction = \"base.action_partner_form\""),
        ("root", ""),
        ("lonely", ""),
    ]);
    assert_eq!(errors(&place), [""; 0]);
    let found = findings(&place.plan());
    let empty: Vec<String> = found
        .iter()
        .filter(|finding| finding.code == "menu-empty")
        .map(|finding| finding.at.to_string())
        .collect();
    assert_eq!(empty, ["aa/menu:lonely"]);
    let text = rendered(&place, "views/aa_menus.xml");
    let at = |piece: &str| text.find(piece).unwrap_or_else(|| panic!("{piece} in {text}"));
    assert!(at("id=\"root\"") < at("id=\"people\""));
    assert!(at("<record id=\"res_partner_action\"") < at("action=\"res_partner_action\""));
    at("action=\"a_b_action\"");
    at("action=\"base.action_partner_form\"");
}

const WHOLE: &str = r#"title = "Aa"
[[group]]
name = "user"
[[group]]
name = "manager"
title = "Boss"
implies = ["aa.user"]
[[model]]
name = "a.b"
[model.fields]
name = { type = "char", required = true }
state = { type = "selection", values = ["draft", ["done", "Over"]] }
day = { type = "date", default = "today" }
amount = { type = "integer" }
[model.access]
"aa.user" = "r"
manager = "rwcd"
[[model.view]]
type = "form"
fields = ["name"]
[[model.view]]
type = "form"
fields = ["name", "amount"]
[[model.view]]
type = "kanban"
[[model.constraint]]
name = "c"
check = "record.amount > 0"
[[model.constraint]]
name = "one_name"
sql = "unique(name)"
"#;

/// Whatever ways of saying it a plan has, the code that was just generated from it says the same.
#[test]
fn what_was_just_generated_is_as_planned_and_reads_back_as_short_as_it_was() {
    let place = place(WHOLE);
    assert_eq!(errors(&place), [""; 0]);
    let output = place.preview("aa", "odoo");
    generate::write(&place.workspace().root, &output, OnConflict::Refuse).unwrap();
    let found = readback::read(&place.path("aa"), &|| false).unwrap();
    let plan = place.plan();
    let planned = plan.module("aa").unwrap();
    let told = drift::compare(planned, found.modules.first());
    assert_eq!(told.differences, []);
    let views = place.text("aa/views/a_b_views.xml");
    assert!(
        views.contains("\"a_b_view_form\"") && views.contains("\"a_b_view_form_2\""),
        "{views}"
    );
    // A difference in the second form is one of it alone.
    place.write(
        "aa/views/a_b_views.xml",
        &views.replacen("                        <field name=\"amount\" />\n", "", 1),
    );
    let changed = readback::read(&place.path("aa"), &|| false).unwrap();
    let told = drift::compare(planned, changed.modules.first());
    let at: Vec<String> = told.differences.iter().map(|difference| difference.at.to_string()).collect();
    assert_eq!(at, ["aa/a.b/view:form@2"]);
    // Read into an empty plan it says no more than what was said.
    let short = generate::compacted(&found.modules[0]);
    assert_eq!(short.menus, []);
    for key in ["summary", "category", "license"] {
        assert!(!short.values.0.contains_key(key), "{key}");
    }
    let text = folder::text_of(&short).unwrap();
    for line in [
        "state = { type = \"selection\", values = [\"draft\", [\"done\", \"Over\"]] }",
        "day = { type = \"date\", default = \"today\" }",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(!text.contains("message") && !text.contains("title = \"User\""), "{text}");
    let (again, _) = chantier::areas::plan::modules::parse::module(&text, Path::new("aa.toml"), Path::new("aa.toml")).unwrap();
    assert_eq!(drift::compare(&again, found.modules.first()).differences, []);
}

#[test]
fn a_class_of_its_own_choices_that_are_added_and_a_first_place_are_generated_and_read_back() {
    let place = place(
        r#"
[[model]]
name = "a.b"
[model.fields]
name = { type = "char" }
picture = { type = "binary", class = "Image", code = { max_width = "100" } }
kind = { type = "selection", values = [] }
[model.access]
"base.group_user" = "rwcd"
[[model]]
name = "res.partner"
extend = true
[model.fields]
coop_type = { type = "selection", selection_add = ["old", ["coop", "Coop member"]] }
[[menu]]
name = "menu_root"
model = "a.b"
sequence = 0
"#,
    );
    // Choices that other modules add are told and stop nothing.
    assert_eq!(errors(&place), [""; 0]);
    let found = findings(&place.plan());
    assert!(found.iter().any(|finding| finding.code == "no-values" && !finding.is_error));
    let model = rendered(&place, "models/a_b.py");
    assert!(model.contains("picture = fields.Image(max_width=100)"), "{model}");
    assert!(model.contains("kind = fields.Selection(selection=[])"), "{model}");
    let partner = rendered(&place, "models/res_partner.py");
    assert!(
        partner.contains("selection_add=[(\"old\", \"Old\"), (\"coop\", \"Coop member\")]"),
        "{partner}"
    );
    assert!(rendered(&place, "views/aa_menus.xml").contains("sequence=\"0\""));
    let output = place.preview("aa", "odoo");
    generate::write(&place.workspace().root, &output, OnConflict::Refuse).unwrap();
    let found = readback::read(&place.path("aa"), &|| false).unwrap();
    let plan = place.plan();
    let told = drift::compare(plan.module("aa").unwrap(), found.modules.first());
    assert_eq!(told.differences, []);
    let text = folder::text_of(&generate::compacted(&found.modules[0])).unwrap();
    assert!(
        text.contains("selection_add = [\"old\", [\"coop\", \"Coop member\"]]"),
        "{text}"
    );
}
