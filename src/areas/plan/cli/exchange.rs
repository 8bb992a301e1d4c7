//! What an import, an export or a template did, as lines and as JSON.

use super::Answer;
use super::text::{line_of, problem_line, problem_value, value_of};
use crate::areas::plan::Item;
use crate::areas::plan::exchange::Format;
use crate::areas::plan::model::{Beside, Plan};
use crate::areas::plan::undo::ActOnItems;
use crate::base::{Catalog, SafeText, format};
use crate::msg;
use serde_json::{Value, json};

pub(super) fn import_answer(beside: Option<&Beside>, texts: &Catalog) -> Answer {
    let schema = "chantier.plan.import/1";
    let Some(import) = beside.and_then(|beside| beside.import.as_ref()) else {
        return Answer {
            schema,
            data: Value::Null,
            text: String::new(),
        };
    };
    let mut text = String::new();
    for row in &import.rows {
        let (mark, id) = match (&row.known, &row.made) {
            (Some(known), _) => ("=", known.as_str()),
            (None, Some(made)) => ("+", made.as_str()),
            (None, None) => ("+", ""),
        };
        text.push_str(&format!(
            "{mark} {id:<9} {:<11} {}\n",
            row.kind.word(),
            SafeText::new(&row.title)
        ));
        for one in &row.differs {
            let (here, there) = (SafeText::new(&one.here), SafeText::new(&one.there));
            text.push_str(&format!("      {}: {here} -> {there}\n", one.key));
        }
    }
    for problem in &import.problems {
        text.push_str(&problem_line(problem, texts));
    }
    let n_known = import.rows.iter().filter(|row| row.known.is_some()).count();
    let n_new = import.rows.len() - n_known;
    let words = if import.is_preview {
        msg!("plan-import-would", n = n_new, known = n_known, format = import.format.word())
    } else {
        msg!("plan-import-done", n = n_new, known = n_known, format = import.format.word())
    };
    text.push_str(&format!("{}\n", texts.msg(&words)));
    let n_updated = import.rows.iter().filter(|row| row.is_updated).count();
    let n_differ = import.rows.iter().filter(|row| !row.differs.is_empty()).count();
    if n_updated > 0 {
        text.push_str(&format!("{}\n", texts.msg(&msg!("plan-import-updated", n = n_updated))));
    } else if n_differ > 0 {
        text.push_str(&format!("{}\n", texts.msg(&msg!("plan-import-differ", n = n_differ))));
    }
    Answer {
        schema,
        data: json!({
            "format": import.format.word(),
            "is_preview": import.is_preview,
            "n_new": n_new,
            "n_known": n_known,
            "n_updated": n_updated,
            "rows": import.rows,
            "problems": import.problems.iter().map(|problem| problem_value(problem, texts)).collect::<Vec<_>>(),
        }),
        text,
    }
}

pub(super) fn export_answer(beside: Option<&Beside>, format: Format, texts: &Catalog) -> Answer {
    let (path, text, n) = beside.and_then(|beside| beside.export.clone()).unwrap_or_default();
    let said = path
        .as_ref()
        .map(|path| format!("{}\n", texts.msg(&msg!("plan-export-done", n = n, path = path))));
    Answer {
        schema: "chantier.plan.export/1",
        data: json!({ "format": format.word(), "path": path, "n_items": n, "text": if path.is_none() { json!(text) } else { Value::Null } }),
        text: said.unwrap_or(text),
    }
}

pub(super) fn templates_answer(beside: Option<&Beside>, texts: &Catalog) -> Answer {
    let empty = Beside::default();
    let beside = beside.unwrap_or(&empty);
    let mut text = String::new();
    for template in &beside.templates {
        let name = SafeText::new(&template.name).into_string();
        text.push_str(&format!("{name:<14} {}  ", SafeText::new(&template.title)));
        text.push_str(&format!(
            "{}\n",
            texts.msg(&msg!("plan-template-items", n = template.n_items))
        ));
        text.push_str(&format!("               {}\n", SafeText::new(&template.about)));
        let words: Vec<String> = template.values.keys().map(|word| format!("--set {word}=…")).collect();
        if !words.is_empty() {
            text.push_str(&format!("               {}\n", words.join(" ")));
        }
    }
    for problem in &beside.template_problems {
        text.push_str(&problem_line(problem, texts));
    }
    Answer {
        schema: "chantier.plan.templates/1",
        data: json!({
            "templates": beside.templates,
            "problems": beside.template_problems.iter().map(|problem| problem_value(problem, texts)).collect::<Vec<_>>(),
        }),
        text,
    }
}

/// Items that were made in one go.
pub(super) fn made_answer(plan: &Plan, beside: Option<&Beside>, texts: &Catalog) -> Answer {
    let made = beside.map(|beside| beside.made.clone()).unwrap_or_default();
    let items: Vec<&Item> = made.iter().filter_map(|id| plan.item(id)).collect();
    let mut text = String::new();
    for item in &items {
        text.push_str(&line_of(item, texts));
    }
    text.push_str(&format!("{}\n", texts.msg(&msg!("plan-made-many", n = items.len()))));
    Answer {
        schema: "chantier.plan.made/1",
        data: json!({ "items": items.iter().map(|item| value_of(item)).collect::<Vec<_>>() }),
        text,
    }
}

/// The act that was taken back.
pub(super) fn taken_back_answer(beside: Option<&Beside>, texts: &Catalog) -> Answer {
    let title = beside
        .and_then(|beside| beside.taken_back.as_ref())
        .map(|title| texts.msg(title));
    let told = title
        .as_ref()
        .map(|title| texts.msg(&msg!("plan-cli-undone", what = title.as_str())));
    Answer {
        schema: "chantier.plan.undo/1",
        data: json!({ "what": title }),
        text: told.map_or_else(String::new, |told| format!("{told}\n")),
    }
}

/// The acts that can be taken back, the newest first.
pub(super) fn acts_answer(beside: Option<&Beside>, texts: &Catalog) -> Answer {
    let acts = beside.map(|beside| beside.acts.as_slice()).unwrap_or_default();
    let mut text = String::new();
    for act in acts {
        let at = format::local(act.at).strftime("%Y-%m-%d %H:%M");
        let title = SafeText::new(&texts.msg(&act.title));
        let undone = if act.is_undone {
            format!(" ({})", texts.t("plan-act-undone"))
        } else {
            String::new()
        };
        text.push_str(&format!("{:>4} {at} {title}{undone}\n", act.number));
    }
    if acts.is_empty() {
        text = format!("{}\n", texts.t("plan-nothing-to-undo"));
    }
    let value = |act: &ActOnItems| json!({ "number": act.number, "title": texts.msg(&act.title), "at": act.at, "is_undone": act.is_undone });
    Answer {
        schema: "chantier.plan.acts/1",
        data: json!({ "acts": acts.iter().map(value).collect::<Vec<_>>() }),
        text,
    }
}
