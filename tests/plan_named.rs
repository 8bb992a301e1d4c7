//! What names a field or a view in the plan: renamed and removed with it, meant one by one, and mended in the order that helps.

use crate::plan_hands::Project;

const USAGE: &str = "name = \"st\"\ntitle = \"St\"\nversion = \"18.0.1.0.0\"\ntemplate = \"odoo\"\ndepends = [\"base\"]\n\n[[model]]\nname = \"st.layer\"\n\n[model.fields]\n\
    name = { type = \"char\" }\nusage_ids = { type = \"one2many\", target = \"st.usage\", inverse = \"layer_id\" }\n\
    left = { type = \"float\", compute = \"_compute_left\", depends = [\"usage_ids.value\"], formula = \"sum(record.usage_ids.mapped('value'))\" }\n\n\
    [[model.view]]\ntype = \"form\"\nfields = [\"name\", \"left\"]\n\n\
    [[model]]\nname = \"st.usage\"\norder = \"value desc, id\"\n\n[model.fields]\nlayer_id = { type = \"many2one\", target = \"st.layer\" }\n\
    value = { type = \"float\" }\nlayer_name = { type = \"char\", related = \"layer_id.name\" }\n\n\
    [[model.constraint]]\nname = \"once\"\nfields = [\"layer_id\", \"value\"]\ncheck = \"record.value > 0 and record.layer_id.name\"\n\n\
    [[model.constraint]]\nname = \"one\"\nsql = \"unique(layer_id, value)\"\n\n\
    [[model.view]]\ntype = \"list\"\nfields = [\"layer_id\", \"value\"]\n";

fn planned(text: &str) -> Project {
    Project::new(&[(".chantier/modules/st.toml", text)])
}

#[test]
fn a_field_that_gets_another_name_has_it_in_every_way_that_leads_to_it() {
    let project = planned(USAGE);
    project.call(&["check"]).ok();
    project.call(&["rename", "st.usage/value", "taken"]).ok();
    project.call(&["rename", "st.usage/layer_id", "on_id"]).ok();
    project.call(&["rename", "st.layer/name", "label"]).ok();
    let plan = project.text(".chantier/modules/st.toml");
    for wanted in [
        "depends = [\"usage_ids.taken\"]",
        "related = \"on_id.label\"",
        "fields = [\"on_id\", \"taken\"]\ncheck = \"record.taken > 0 and record.on_id.label\"",
        "sql = \"unique(on_id, taken)\"",
        "order = \"taken desc, id\"",
        "inverse = \"on_id\"",
        "type = \"list\"\nfields = [\"on_id\", \"taken\"]",
        "fields = [\"label\", \"left\"]",
    ] {
        assert!(plan.contains(wanted), "{wanted} in {plan}");
    }
    project.call(&["check"]).ok();
}

#[test]
fn a_field_that_is_removed_is_in_no_view_any_more() {
    let project = planned(USAGE);
    let told = project.call(&["remove", "st.layer/left"]).ok();
    assert!(told.out.contains("st/st.layer/view:form"), "{}", told.out);
    let plan = project.text(".chantier/modules/st.toml");
    assert!(plan.contains("fields = [\"name\"]") && !plan.contains("left"), "{plan}");
    project.call(&["check"]).ok();
    // One act: it is taken back as one.
    project.call(&["undo"]).ok();
    assert_eq!(project.text(".chantier/modules/st.toml"), USAGE);
    // Of a view that names what is nowhere both ways out are offered.
    project.write(
        ".chantier/modules/st.toml",
        &USAGE.replace("\"name\", \"left\"", "\"name\", \"lost\""),
    );
    let told = project.call(&["check", "--json"]).json();
    let findings = told["result"]["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["code"] == "no-field").unwrap();
    let fixes: Vec<&str> = finding["fixes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|fix| fix["label"].as_str())
        .collect();
    assert_eq!(fixes, ["Add lost", "Take lost out of the view"]);
}

#[test]
fn a_way_of_an_extended_model_and_a_field_of_a_constraint_that_are_nowhere_are_told() {
    let extended = USAGE
        .replace("name = \"st.layer\"", "name = \"res.partner\"\nextend = true")
        .replace("target = \"st.layer\"", "target = \"res.partner\"");
    let project = planned(&extended);
    project.call(&["check"]).ok();
    project.write(
        ".chantier/modules/st.toml",
        &extended.replace("usage_ids.value", "usage_ids.gone"),
    );
    let told = project.call(&["check"]);
    assert!(told.code == 1 && told.out.contains("st.usage.gone"), "{}", told.out);
    let bare = extended.replace(
        "fields = [\"layer_id\", \"value\"]\ncheck = \"record.value > 0 and record.layer_id.name\"",
        "fields = [\"gone\"]",
    );
    project.write(".chantier/modules/st.toml", &bare);
    let told = project.call(&["check"]);
    assert!(told.code == 1 && told.out.contains("constraint:once"), "{}", told.out);
}

#[test]
fn each_fix_is_worked_out_on_what_the_one_before_it_left() {
    let project = planned(
        "name = \"st\"\ntemplate = \"odoo\"\nversion = \"18.0.1.0.0\"\ndepends = [\"base\"]\n\n[[model]]\nname = \"coop.member\"\n\n[model.fields]\nname = { type = \"char\" }\n\
         shares = { type = \"one2many\", target = \"coop.share\" }\n\n[[model]]\nname = \"coop.share\"\n\n[model.fields]\nname = { type = \"char\" }\n\
         holder = { type = \"many2one\", target = \"coop.membr\" }\n",
    );
    project.call(&["check", "--fix"]).ok();
    let plan = project.text(".chantier/modules/st.toml");
    assert!(
        plan.contains("target = \"coop.member\"") && plan.contains("inverse = \"holder\""),
        "{plan}"
    );
    assert!(!plan.contains("member_id"), "{plan}");
}

#[test]
fn each_of_several_views_of_one_kind_is_meant_by_what_it_extends() {
    let view = |id: &str, inherit: &str, arch: &str| {
        format!(
            "<record id=\"{id}\" model=\"ir.ui.view\">\n<field name=\"name\">{id}</field>\n<field name=\"model\">project.project</field>\n\
             <field name=\"inherit_id\" ref=\"project.{inherit}\"/>\n<field name=\"arch\" type=\"xml\">\n{arch}\n</field>\n</record>\n"
        )
    };
    let after = |name: &str| format!("<field name=\"{name}\" position=\"after\">\n<field name=\"parent_id\"/>\n</field>");
    let views = format!(
        "<odoo>\n{}{}{}</odoo>\n",
        view("a_form", "edit_project", &after("user_id")),
        view("b_form", "view_project_form_two", &after("name")),
        view(
            "c",
            "view_project_project_filter",
            "<filter name=\"mine\" position=\"after\">\n<filter name=\"x\"/>\n</filter>"
        ),
    );
    let project = Project::new(&[
        ("pp/__init__.py", "from . import models\n"),
        (
            "pp/__manifest__.py",
            "{\"name\": \"PP\", \"version\": \"18.0.1.0.0\", \"license\": \"LGPL-3\", \"depends\": [\"project\"], \"data\": [\"views/v.xml\"]}\n",
        ),
        ("pp/models/__init__.py", "from . import p\n"),
        (
            "pp/models/p.py",
            "from odoo import fields, models\n\n\nclass P(models.Model):\n    _inherit = \"project.project\"\n\n    parent_id = fields.Many2one(\"project.project\")\n    code = fields.Char()\n",
        ),
        ("pp/views/v.xml", &views),
    ]);
    project.call(&["read", "pp"]).ok();
    assert!(project.text(".chantier/modules/pp.toml").contains("type = \"search\""));
    assert_eq!(project.n_differences("pp"), 0);
    let told = project.call(&["set", "pp/project.project/view:form", "fields=code"]);
    assert!(
        told.code == 1 && told.err.contains("view:form@project.edit_project"),
        "{}",
        told.err
    );
    let told = project.call(&["add", "pp/project.project/view:form", "--set", "fields=code"]);
    assert!(
        told.code == 1 && told.err.contains("view:form@project.view_project_form_two"),
        "{}",
        told.err
    );
    let shown = project.call(&["show", "project.project"]).ok();
    assert!(shown.out.contains("view:form@project.view_project_form_two"), "{}", shown.out);
    let second = "pp/project.project/view:form@project.view_project_form_two";
    project.call(&["set", second, "fields=parent_id,code"]).ok();
    project.generated("pp");
    let views = project.text("pp/views/v.xml");
    let (first, second) = views.split_once("b_form").unwrap();
    assert!(
        !first.contains("\"code\"") && second.contains("<field name=\"code\" />"),
        "{views}"
    );
}
