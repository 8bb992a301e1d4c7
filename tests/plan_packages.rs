//! Packages of Rust, TypeScript and Python as plans: what was generated reads back, what hands change is told by field, and what hands
//! wrote alone is read by its types.

use crate::plan_modules::Place;
use crate::support::cli::Home;
use chantier::areas::plan::modules::{Drift, Module, OnConflict, drift, generate, readback};

const COOP: &str = "name = \"my_coop\"\ntemplate = \"TEMPLATE\"\ntarget = \"r\"\ntitle = \"Coop\"\n\n[[model]]\nname = \"coop.share\"\ntitle = \"Part\"\n\n[model.fields]\n\
    name = { type = \"char\", required = true, string = \"Number on paper\" }\nstate = { type = \"selection\", values = [\"draft\", \"done\"], default = \"done\" }\n\
    level = { type = \"selection\", values = [\"low\", \"high\"], required = true }\ncount = { type = \"integer\", default = 3 }\n\
    paid = { type = \"boolean\" }\nprice = { type = \"monetary\", required = true }\nday = { type = \"date\" }\nclass = { type = \"text\" }\n\
    owner_id = { type = \"many2one\", target = \"coop.owner\", required = true }\nmore = { type = \"json\" }\nscan = { type = \"binary\" }\n\n\
    [[model]]\nname = \"coop.owner\"\n\n[model.fields]\nself = { type = \"char\" }\nshare_ids = { type = \"one2many\", target = \"coop.share\", inverse = \"owner_id\" }\n";

fn place(template: &str) -> Place {
    let place = Place::new(&[("my_coop", &COOP.replace("TEMPLATE", template))]);
    let output = place.preview("my_coop", template);
    generate::write(&place.workspace().root, &output, OnConflict::Refuse).unwrap();
    place
}

fn read(place: &Place) -> Module {
    let found = readback::read(&place.path("r/my_coop"), &|| false).unwrap();
    assert_eq!(found.problems, []);
    found.modules.into_iter().next().unwrap()
}

fn told(place: &Place) -> Drift {
    drift::compare(&place.plan().modules[0], Some(&read(place)))
}

#[test]
fn a_package_that_was_generated_reads_back_as_it_was_planned() {
    for template in ["rust", "typescript", "python"] {
        let place = place(template);
        assert_eq!(told(&place).differences, [], "{template}");
        let (code, plan) = (read(&place), place.plan());
        assert_eq!((code.name.as_str(), code.template()), ("my_coop", template));
        for model in &plan.modules[0].models {
            let read = code
                .model(&model.name)
                .unwrap_or_else(|| panic!("{template}: {} in {:?}", model.name, code.models));
            assert_eq!(read.title(), model.title(), "{template}");
            let names = |fields: &[chantier::areas::plan::modules::Part]| -> Vec<String> {
                fields.iter().map(|field| field.name.clone()).collect()
            };
            assert_eq!(names(&read.fields), names(&model.fields), "{template}");
            for field in &model.fields {
                let read = read.field(&field.name).unwrap();
                for key in ["type", "required", "target", "inverse", "default"] {
                    assert_eq!(
                        read.values.0.get(key),
                        field.values.0.get(key),
                        "{template}: {key} of {}",
                        field.name
                    );
                }
                assert_eq!(read.choices(), field.choices(), "{template}: {}", field.name);
                assert!(
                    template == "python" || read.label() == field.label() || field.name == "class",
                    "{template}: {}",
                    field.name
                );
            }
        }
    }
}

#[test]
fn what_hands_change_in_a_package_is_told_by_field() {
    let cases = [
        (
            "rust",
            "src/coop_share.rs",
            ("    pub paid: bool,\n", "    pub paid: bool,\n    pub import: Option<i64>,\n"),
            ("pub count: Option<i64>", "pub count: Option<String>"),
        ),
        (
            "typescript",
            "src/coop_share.ts",
            ("  paid: boolean;\n", "  paid: boolean;\n  import: number | null;\n"),
            ("count: number | null", "count: string | null"),
        ),
        (
            "python",
            "src/my_coop/coop_share.py",
            ("    def validate", "    import_: int | None = None\n\n    def validate"),
            ("count: int | None", "count: str | None"),
        ),
    ];
    for (template, path, (line, more), (kind, other)) in cases {
        let place = place(template);
        let path = format!("r/my_coop/{path}");
        let text = place.text(&path);
        let new = text.replacen(line, more, 1).replacen(kind, other, 1);
        assert!(text.contains(line) && text.contains(kind), "{text}");
        place.write(&path, &new);
        let drift = told(&place);
        let at: Vec<String> = drift
            .differences
            .iter()
            .map(|difference| format!("{:?} {}", difference.side, difference.at))
            .collect();
        assert_eq!(
            at,
            ["Both my_coop/coop.share/count", "Code my_coop/coop.share/import"],
            "{template}"
        );
        let keys = &drift.differences[0].keys;
        assert!(
            keys.contains(&("type".to_owned(), "integer".to_owned(), "char".to_owned())),
            "{template}: {keys:?}"
        );
        // Taken over into the plan, nothing is left to tell.
        let changes: Vec<_> = drift
            .differences
            .into_iter()
            .flat_map(|difference| difference.to_plan)
            .collect();
        place.apply(&changes);
        assert_eq!(told(&place).differences, [], "{template}");
        // What the plan has and the code has not is told, too.
        place.write(&path, &text.replace("paid", "spent"));
        let at: Vec<String> = told(&place)
            .differences
            .iter()
            .map(|difference| difference.at.to_string())
            .collect();
        assert!(at.contains(&"my_coop/coop.share/paid".to_owned()), "{template}: {at:?}");
        assert!(at.contains(&"my_coop/coop.share/spent".to_owned()), "{template}: {at:?}");
    }
}

/// `name:type`, with a star where a value must be.
fn told_fields(module: &Module) -> Vec<String> {
    let field = |field: &chantier::areas::plan::modules::Part| {
        let star = if field.values.flag("required") { "*" } else { "" };
        let target = match field.target() {
            "" => field
                .choices()
                .iter()
                .map(|(value, _)| value.as_str())
                .collect::<Vec<_>>()
                .join("|"),
            target => target.to_owned(),
        };
        format!(
            "{}:{}{star}{}{target}",
            field.name,
            field.values.text("type"),
            if target.is_empty() { "" } else { "=" }
        )
    };
    module
        .models
        .iter()
        .map(|model| {
            format!(
                "{} {}",
                model.name,
                model.fields.iter().map(field).collect::<Vec<_>>().join(" ")
            )
        })
        .collect()
}

#[test]
fn packages_that_hands_wrote_are_read_by_their_types() {
    let cases: [(&str, &[(&str, &str)]); 3] = [
        (
            "rust",
            &[
                ("Cargo.toml", "[package]\nname = \"by-hand\"\nversion = \"1.2.3\"\n"),
                (
                    "src/lib.rs",
                    "//! Shares.\nuse std::collections::HashMap;\n\n/// Where it stands.\n#[derive(Clone)]\npub enum State { Draft, Done }\n\n\
                     /// A share.\n#[derive(Clone)]\npub struct Share {\n    /// Its number.\n    pub number: String,\n    pub r#type: Option<State>,\n    \
                     pub owner: Box<Owner>,\n    pub notes: HashMap<String, String>,\n    secret: u8,\n}\n\npub struct Owner {\n    pub shares: Vec<Share>,\n    \
                     pub born: Option<chrono::NaiveDate>,\n    pub weight: f32,\n}\n\npub struct Open<T> {\n    pub of: T,\n}\npub struct Broken {\n    pub why: String,\n}\n\
                     impl std::error::Error for Broken {}\n",
                ),
            ],
        ),
        (
            "typescript",
            &[
                ("package.json", "{\"name\": \"@shop/by-hand\", \"version\": \"1.2.3\"}"),
                (
                    "src/share.ts",
                    "export type State = 'Draft' | 'Done';\n\n/** A share. */\nexport interface Share {\n  /** Its number. */\n  number: string;\n  type?: State;\n  \
                     owner: Owner;\n  notes: Record<string, string>;\n}\n\nexport interface Owner {\n  shares: Share[];\n  born: Date | null;\n  weight: number;\n}\n\
                     export class Broken extends Error {\n  why: string = \"\";\n}\n",
                ),
            ],
        ),
        (
            "python",
            &[
                ("pyproject.toml", "[project]\nname = \"by-hand\"\nversion = \"1.2.3\"\n"),
                (
                    "src/by_hand/share.py",
                    "from __future__ import annotations\nimport enum\nfrom dataclasses import dataclass\nfrom pydantic import BaseModel\n\n\n\
                     class State(enum.Enum):\n    DRAFT = \"Draft\"\n    DONE = \"Done\"\n\n\nclass Share(BaseModel):\n    \"\"\"A share.\"\"\"\n\n    number: str\n    type: State | None = None\n    \
                     owner: \"Owner\"\n    notes: dict[str, str]\n    _secret: int = 0\n\n    def sold(self) -> bool:\n        return False\n\n\n\
                     @dataclass\nclass Owner:\n    shares: list[Share]\n    born: Optional[datetime]\n    weight: float\n\n\nclass Helper:\n    name: str\n",
                ),
            ],
        ),
    ];
    for (template, files) in cases {
        let place = Place::new(&[]);
        for (path, text) in files {
            place.write(&format!("by_hand/{path}"), text);
        }
        let module = readback::read(&place.path("by_hand"), &|| false).unwrap().modules.remove(0);
        assert_eq!((module.name.as_str(), module.template()), ("by_hand", template));
        let born = if template == "rust" { "date" } else { "datetime" };
        assert_eq!(
            told_fields(&module),
            [
                "share number:char* type:selection=Draft|Done owner:many2one*=owner notes:json*".to_owned(),
                format!("owner shares:many2many=share born:{born} weight:float*"),
            ],
            "{template}"
        );
        assert_eq!(module.model("share").unwrap().values.text("title"), "A share", "{template}");
    }
}

#[test]
fn a_package_that_was_read_is_found_again_where_it_stands() {
    let home = Home::new();
    let root = home.path("project");
    std::fs::create_dir_all(&root).unwrap();
    let call = |args: &[&str]| home.call_in(&root, &[&["plan", "module"], args].concat());
    for template in ["rust", "typescript", "python"] {
        let name = format!("my_{template}");
        call(&["new", &name, "--template", template, "--target", "r"]).ok();
        call(&["add-model", &name, &format!("{template}.tide")]).ok();
        call(&[
            "add-field",
            &format!("{template}.tide"),
            "height",
            "float",
            "--set",
            "required=true",
        ])
        .ok();
        call(&["generate", &name]).ok();
        call(&["remove", &name]).ok();
        call(&["read", &format!("r/{name}")]).ok();
        let drift = call(&["drift", &name, "--json"]).ok().json();
        let told = &drift["result"]["drifts"][0];
        assert_eq!(
            (&told["module"], &told["is_written"]),
            (&name.as_str().into(), &true.into()),
            "{drift}"
        );
        assert_eq!(told["differences"].as_array().map(Vec::len), Some(0), "{drift}");
        let listed = call(&["show", &format!("{template}.tide/height"), "--json"]).ok();
        assert!(listed.out.contains("float"), "{}", listed.out);
    }
}
