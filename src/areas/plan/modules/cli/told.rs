//! The answers of `plan module`, for people and for programs.

use super::ModuleVerb;
use crate::areas::cli::{Answer, Here};
use crate::areas::plan::modules::schema::{Address, FieldKind, Module, Part, PlannedModel, view_name};
use crate::areas::plan::modules::{Checked, Did, Drift, FileState, Finding, Known, Output, Side};
use crate::base::diff::LineKind;
use crate::base::{Catalog, Loadable, Msg, Problem, SafeText};
use crate::msg;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub(super) fn answer(verb: &ModuleVerb, here: &Here, known: &Known, texts: &Catalog) -> Answer {
    let empty = Checked::default();
    let checked = known.plan(&here.workspace.id).unwrap_or(&empty);
    let last = known.last.get(&here.workspace.id).map(|last| &last.did);
    let root = &here.workspace.root;
    match verb {
        ModuleVerb::List => list(checked, texts),
        ModuleVerb::Show { name } => show(checked, name, texts),
        ModuleVerb::Check { .. } => {
            let mut answer = check(checked, root, texts);
            if let Some(Did::Mended { files, fixes }) = last {
                answer.text.insert_str(0, &mended(fixes, texts));
                let fixes = fixes
                    .iter()
                    .map(|(at, label)| json!({ "at": at.to_string(), "label": texts.msg(label) }));
                answer.data["fixed"] = fixes.collect();
                answer.data["files"] = json!(files);
            }
            answer
        }
        ModuleVerb::Templates => templates(checked),
        ModuleVerb::Generate { preview: true, .. } => {
            let output = known.outputs.get(&here.workspace.id).and_then(Loadable::value);
            output.map_or_else(|| nothing("chantier.plan.module-preview/1"), |output| preview(output, texts))
        }
        ModuleVerb::Generate { .. } => generated(known.outputs.get(&here.workspace.id).and_then(Loadable::value), last, texts),
        ModuleVerb::Read { .. } => read(last, texts),
        ModuleVerb::Drift { .. } => {
            let drifts = known.drifts.get(&here.workspace.id).and_then(Loadable::value);
            drift(drifts.map_or(&[], Vec::as_slice), texts)
        }
        _ => changed(checked, last, texts),
    }
}

/// What was put right, one line each.
fn mended(fixes: &[(Address, Msg)], texts: &Catalog) -> String {
    let lines = fixes.iter().map(|(at, label)| {
        let at = at.to_string();
        format!(
            "{}\n",
            texts.msg(&msg!(
                "plan-modules-mended",
                name = SafeText::new(&at),
                label = texts.msg(label)
            ))
        )
    });
    lines.collect()
}

fn nothing(schema: &'static str) -> Answer {
    Answer {
        schema,
        data: Value::Null,
        text: String::new(),
    }
}

fn counts(checked: &Checked) -> Value {
    json!({ "n_errors": checked.n_errors(), "n_warnings": checked.n_warnings() })
}

fn list(checked: &Checked, texts: &Catalog) -> Answer {
    let mut text = String::new();
    for module in &checked.plan.modules {
        text.push_str(&format!(
            "{}  {}  ({})\n",
            SafeText::new(&module.name),
            SafeText::new(&module.title()),
            module.template()
        ));
        for model in &module.models {
            let n = model.fields.len();
            let fields = texts.msg(&msg!("plan-modules-n-fields", n = n));
            let mark = if model.is_extension() { " +" } else { "" };
            text.push_str(&format!("  {:<32} {fields}{mark}\n", SafeText::new(&model.name)));
        }
    }
    let unreadable = &checked.plan.unreadable;
    if checked.plan.modules.is_empty() && unreadable.is_empty() {
        text = format!("{}\n", texts.t("plan-modules-none"));
    }
    // The first one is the error that the call ends with.
    for problem in unreadable.iter().skip(1) {
        text.push_str(&problem_line(problem, texts));
    }
    text.push_str(&summary_line(checked, texts));
    let modules: Vec<Value> = checked.plan.modules.iter().map(module_value).collect();
    let told: Vec<Value> = unreadable.iter().map(|problem| problem_value(problem, texts)).collect();
    Answer {
        schema: "chantier.plan.modules/1",
        data: json!({ "modules": modules, "unreadable": told, "checks": counts(checked) }),
        text,
    }
}

fn summary_line(checked: &Checked, texts: &Catalog) -> String {
    let (errors, warnings) = (checked.n_errors(), checked.n_warnings());
    if errors + warnings == 0 {
        return String::new();
    }
    format!(
        "{}\n",
        texts.msg(&msg!("plan-modules-counts", errors = errors, warnings = warnings))
    )
}

fn module_value(module: &Module) -> Value {
    json!({
        "name": module.name,
        "title": module.title(),
        "template": module.template(),
        "file": module.file,
        "values": module.values,
        "models": module.models,
        "groups": module.groups,
        "menus": module.menus,
        "n_fields": module.n_fields(),
    })
}

fn show(checked: &Checked, typed: &str, texts: &Catalog) -> Answer {
    let schema = "chantier.plan.module/1";
    let Some(at) = checked.plan.find(typed) else {
        return nothing(schema);
    };
    let Some(module) = checked.plan.module(&at.module) else {
        return nothing(schema);
    };
    let findings: Vec<&Finding> = checked.findings.iter().filter(|finding| is_below(&finding.at, &at)).collect();
    let mut text = String::new();
    let data = match checked.plan.model_at(&at) {
        Some(model) => {
            let field = at.part.as_ref().and_then(|(_, name)| model.field(name));
            match field {
                Some(field) => {
                    text.push_str(&field_lines(field));
                    json!(field)
                }
                None => {
                    text.push_str(&model_lines(model));
                    json!(model)
                }
            }
        }
        None => {
            text.push_str(&format!(
                "{}  {}\n",
                SafeText::new(&module.name),
                SafeText::new(&module.title())
            ));
            for (key, value) in &module.values.0 {
                text.push_str(&format!("  {key:<12} {}\n", plain(value)));
            }
            for model in &module.models {
                text.push_str(&model_lines(model));
            }
            module_value(module)
        }
    };
    for finding in &findings {
        text.push_str(&finding_lines(finding, texts));
    }
    Answer {
        schema,
        data: json!({ "at": at, "value": data, "findings": findings.iter().map(|finding| finding_value(finding, texts)).collect::<Vec<_>>() }),
        text,
    }
}

fn is_below(at: &Address, above: &Address) -> bool {
    at.module == above.module
        && (above.model.is_none() || at.model == above.model)
        && (above.part.is_none() || at.part == above.part)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => SafeText::new(text).into_string(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        value => SafeText::new(&value.to_string()).into_string(),
    }
}

fn model_lines(model: &PlannedModel) -> String {
    let mut text = format!("{}  {}\n", SafeText::new(&model.name), SafeText::new(&model.title()));
    for field in &model.fields {
        let kind = field.kind().map_or("?", FieldKind::word);
        let mut line = format!("  {:<24} {kind:<10}", SafeText::new(&field.name).as_str());
        if !field.target().is_empty() {
            line.push_str(&format!(" → {}", SafeText::new(field.target())));
            if !field.inverse().is_empty() {
                line.push_str(&format!(".{}", SafeText::new(field.inverse())));
            }
        }
        if field.values.flag("required") {
            line.push_str(" *");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    // Of several of one kind each has its own name.
    let names: Vec<String> = (0..model.views.len()).map(|index| view_name(&model.views, index)).collect();
    if names.iter().any(|name| name.contains('@')) {
        for (name, view) in names.iter().zip(&model.views) {
            let fields = view.values.list("fields").join(", ");
            let name = SafeText::new(name).into_string();
            text.push_str(format!("  view:{name:<24} {}", SafeText::new(&fields)).trim_end());
            text.push('\n');
        }
    }
    text
}

fn field_lines(field: &Part) -> String {
    let mut text = format!("{}  {}\n", SafeText::new(&field.name), SafeText::new(&field.label()));
    for (key, value) in &field.values.0 {
        text.push_str(&format!("  {key:<12} {}\n", plain(value)));
    }
    text
}

fn finding_value(finding: &Finding, texts: &Catalog) -> Value {
    json!({
        "code": finding.code,
        "is_error": finding.is_error,
        "at": finding.at.to_string(),
        "file": finding.file,
        "line": finding.line,
        "what": texts.msg(&finding.what),
        "fixes": finding.fixes.iter().map(|fix| json!({ "label": texts.msg(&fix.label), "changes": fix.changes })).collect::<Vec<_>>(),
    })
}

fn finding_lines(finding: &Finding, texts: &Catalog) -> String {
    let word = texts.t(if finding.is_error {
        "plan-modules-error"
    } else {
        "plan-modules-warning"
    });
    let mut text = format!(
        "{}:{}: {word}: {}\n",
        finding.file.display(),
        finding.line.max(1),
        texts.msg(&finding.what)
    );
    if let Some(fix) = finding.fixes.first() {
        text.push_str(&format!("    → {}\n", texts.msg(&fix.label)));
    }
    text
}

fn problem_line(problem: &Problem, texts: &Catalog) -> String {
    let place = problem.place.as_ref().map_or_else(String::new, |place| {
        let numbers = [place.line, place.column]
            .into_iter()
            .flatten()
            .map(|number| format!(":{number}"));
        format!(
            "{}{}: ",
            SafeText::new(&place.path.to_string_lossy()),
            numbers.collect::<String>()
        )
    });
    let details = SafeText::new(&problem.details.replace('\n', ", ")).into_string();
    let details = if details.is_empty() {
        details
    } else {
        format!(" ({details})")
    };
    format!("{place}{}{details}\n", texts.msg(&problem.summary))
}

fn problem_value(problem: &Problem, texts: &Catalog) -> Value {
    json!({ "code": problem.code, "summary": texts.msg(&problem.summary), "details": problem.details, "place": problem.place })
}

fn check(checked: &Checked, root: &Path, texts: &Catalog) -> Answer {
    let mut text = String::new();
    for problem in checked.plan.unreadable.iter().chain(&checked.plan.odd) {
        let mut problem = problem.clone();
        if let Some(place) = &mut problem.place
            && let Ok(below) = place.path.strip_prefix(root)
        {
            place.path = below.to_path_buf();
        }
        text.push_str(&problem_line(&problem, texts));
    }
    for finding in &checked.findings {
        text.push_str(&finding_lines(finding, texts));
    }
    if text.is_empty() {
        let (n, models) = (checked.plan.modules.len(), checked.plan.models().count());
        text = format!("{}\n", texts.msg(&msg!("plan-modules-sound", n = n, models = models)));
    } else {
        text.push_str(&summary_line(checked, texts));
    }
    let problems = checked.plan.unreadable.iter().chain(&checked.plan.odd);
    Answer {
        schema: "chantier.plan.module-check/1",
        data: json!({
            "findings": checked.findings.iter().map(|finding| finding_value(finding, texts)).collect::<Vec<_>>(),
            "unreadable": problems.map(|problem| problem_value(problem, texts)).collect::<Vec<_>>(),
            "checks": counts(checked),
        }),
        text,
    }
}

fn templates(checked: &Checked) -> Answer {
    let mut text = String::new();
    for template in &checked.plan.templates {
        text.push_str(&format!(
            "{:<16} {}\n",
            SafeText::new(&template.name),
            SafeText::new(&template.title)
        ));
    }
    Answer {
        schema: "chantier.plan.module-templates/1",
        data: json!({ "templates": checked.plan.templates }),
        text,
    }
}

/// The folders and files, each with what would happen to it.
fn tree(output: &Output, texts: &Catalog) -> String {
    let mut text = format!("{}/\n", output.folder().display());
    let mut above: Vec<&str> = Vec::new();
    for file in &output.files {
        let parts: Vec<&str> = file.path.split('/').collect();
        let Some((name, folders)) = parts.split_last() else { continue };
        let n_same = above.iter().zip(folders).take_while(|(a, b)| a == b).count();
        for (depth, folder) in folders.iter().enumerate().skip(n_same) {
            text.push_str(&format!("{}{folder}/\n", "  ".repeat(depth + 1)));
        }
        above = folders.to_vec();
        let mut word = texts.t(key_of(file.state)).into_owned();
        if let Some(from) = &file.from {
            word = format!("{}, {word}", texts.msg(&msg!("plan-modules-file-moved", path = from)));
        }
        let counts = if file.diff.n_added + file.diff.n_removed > 0 {
            format!("  +{} -{}", file.diff.n_added, file.diff.n_removed)
        } else {
            String::new()
        };
        text.push_str(&format!("{}{name}  {word}{counts}\n", "  ".repeat(folders.len() + 1)));
    }
    text
}

/// The key of a state's word.
pub(in crate::areas::plan) fn key_of(state: FileState) -> &'static str {
    match state {
        FileState::Conflict => "plan-modules-file-conflict",
        FileState::Foreign => "plan-modules-file-foreign",
        FileState::Merged => "plan-modules-file-merged",
        FileState::Changed => "plan-modules-file-changed",
        FileState::New => "plan-modules-file-new",
        FileState::Removed => "plan-modules-file-removed",
        FileState::Left => "plan-modules-file-left",
        FileState::Edited => "plan-modules-file-edited",
        FileState::Deleted => "plan-modules-file-deleted",
        FileState::Unsolved => "plan-modules-file-unsolved",
        FileState::Same => "plan-modules-file-same",
    }
}

fn output_value(output: &Output) -> Value {
    let files: Vec<Value> = output
        .files
        .iter()
        .map(|file| {
            json!({ "path": file.path, "from": file.from, "state": file.state, "n_conflicts": file.n_conflicts, "n_added": file.diff.n_added, "n_removed": file.diff.n_removed, "text": file.text })
        })
        .collect();
    json!({ "module": output.module, "template": output.template, "target": output.folder(), "files": files, "n_open": output.n_open() })
}

fn preview(output: &Output, texts: &Catalog) -> Answer {
    let mut text = tree(output, texts);
    for file in &output.files {
        if !file.is_written() || file.diff.hunks().is_empty() {
            continue;
        }
        text.push_str(&format!("\n--- {}\n", file.path));
        for hunk in file.diff.hunks() {
            text.push_str(&format!("{}\n", hunk.range()));
            for line in &hunk.lines {
                let sign = match line.kind {
                    LineKind::Context => ' ',
                    LineKind::Added => '+',
                    LineKind::Removed => '-',
                };
                text.push_str(&format!("{sign}{}\n", line.text));
            }
        }
    }
    Answer {
        schema: "chantier.plan.module-preview/1",
        data: output_value(output),
        text,
    }
}

fn generated(output: Option<&Output>, last: Option<&Did>, texts: &Catalog) -> Answer {
    let schema = "chantier.plan.module-generate/1";
    let mut text = output.map(|output| tree(output, texts)).unwrap_or_default();
    let mut data = json!({ "output": output.map(output_value) });
    if let Some(Did::Generated {
        module,
        files,
        branch,
        commit,
    }) = last
    {
        // The texts kept for the next time are the program's own.
        let n = files
            .iter()
            .filter(|file| !file.starts_with(crate::areas::plan::modules::generate::BASES))
            .count();
        text.push_str(&format!(
            "{}\n",
            texts.msg(&msg!("plan-modules-generated", n = n, module = module.as_str()))
        ));
        let is_away = |path: &PathBuf| !files.contains(path);
        let n_deleted = output.map_or(0, |output| {
            let deleted = output.files.iter().filter(|file| file.state == FileState::Deleted);
            deleted.filter(|file| is_away(&output.target.join(&file.path))).count()
        });
        let n_left = output.map_or(0, |output| output.count(FileState::Left));
        if n_left > 0 {
            text.push_str(&format!("{}\n", texts.msg(&msg!("plan-modules-n-left", n = n_left))));
        }
        if n_deleted > 0 {
            text.push_str(&format!("{}\n", texts.msg(&msg!("plan-modules-n-deleted", n = n_deleted))));
        }
        if let Some(commit) = commit {
            let at = branch.clone().unwrap_or_default();
            text.push_str(&format!(
                "{}\n",
                texts.msg(&msg!(
                    "plan-modules-committed",
                    commit = &commit[..commit.len().min(10)],
                    branch = at
                ))
            ));
        }
        data["written"] = json!(files);
        data["branch"] = json!(branch);
        data["commit"] = json!(commit);
    }
    Answer { schema, data, text }
}

fn read(last: Option<&Did>, texts: &Catalog) -> Answer {
    let schema = "chantier.plan.module-read/1";
    let Some(Did::Read {
        modules,
        problems,
        is_dry,
    }) = last
    else {
        return nothing(schema);
    };
    let mut text = String::new();
    for module in modules {
        let counts = texts.msg(&msg!(
            "plan-modules-read-counts",
            models = module.models.len(),
            fields = module.n_fields()
        ));
        text.push_str(&format!("{:<36} {counts}\n", SafeText::new(&module.name).as_str()));
    }
    for problem in problems {
        text.push_str(&problem_line(problem, texts));
    }
    let key = if *is_dry {
        msg!("plan-modules-read-dry", n = modules.len())
    } else {
        msg!("plan-modules-read-done", n = modules.len())
    };
    text.push_str(&format!("{}\n", texts.msg(&key)));
    let values: Vec<Value> = modules.iter().map(module_value).collect();
    Answer {
        schema,
        data: json!({ "modules": values, "problems": problems.iter().map(|problem| problem_value(problem, texts)).collect::<Vec<_>>(), "is_dry": is_dry }),
        text,
    }
}

fn drift(drifts: &[Drift], texts: &Catalog) -> Answer {
    let mut text = String::new();
    for drift in drifts {
        let said = if !drift.is_written {
            msg!("plan-modules-drift-unwritten", module = drift.module.as_str())
        } else if drift.differences.is_empty() {
            msg!("plan-modules-drift-none", module = drift.module.as_str())
        } else {
            msg!(
                "plan-modules-drift-some",
                module = drift.module.as_str(),
                n = drift.differences.len()
            )
        };
        text.push_str(&format!("{}\n", texts.msg(&said)));
        for problem in &drift.problems {
            text.push_str(&format!("  {}", problem_line(problem, texts)));
        }
        if !drift.is_written {
            continue;
        }
        for difference in &drift.differences {
            let word = texts.t(match difference.side {
                Side::Plan => "plan-modules-only-plan",
                Side::Code => "plan-modules-only-code",
                Side::Both => "plan-modules-differs",
            });
            text.push_str(&format!("  {}  {word}\n", SafeText::new(&difference.at.to_string())));
            for (key, plan, code) in &difference.keys {
                let side = |value: &str| {
                    if value.is_empty() {
                        "–".to_owned()
                    } else {
                        SafeText::new(value).into_string()
                    }
                };
                text.push_str(&format!("    {}: {} | {}\n", SafeText::new(key), side(plan), side(code)));
            }
        }
    }
    Answer {
        schema: "chantier.plan.module-drift/1",
        data: json!({ "drifts": drifts }),
        text,
    }
}

fn changed(checked: &Checked, last: Option<&Did>, texts: &Catalog) -> Answer {
    let mut text = String::new();
    let data = match last {
        Some(Did::Edited { files, also }) => {
            let also: Vec<String> = also.iter().map(Address::to_string).collect();
            if !also.is_empty() {
                let names = SafeText::new(&also.join(", "));
                text.push_str(&format!("{}\n", texts.msg(&msg!("plan-modules-also", names = names))));
            }
            for file in files {
                text.push_str(&format!("{}\n", texts.msg(&msg!("plan-modules-written", file = file))));
            }
            if files.is_empty() {
                text.push_str(&format!("{}\n", texts.t("plan-modules-unchanged")));
            }
            json!({ "files": files, "also": also })
        }
        Some(Did::Undone { title }) => {
            text.push_str(&format!(
                "{}\n",
                texts.msg(&msg!("plan-modules-undone", title = texts.msg(title)))
            ));
            json!({ "undone": texts.msg(title) })
        }
        Some(Did::Redone { title }) => {
            text.push_str(&format!(
                "{}\n",
                texts.msg(&msg!("plan-modules-redone", title = texts.msg(title)))
            ));
            json!({ "redone": texts.msg(title) })
        }
        _ => Value::Null,
    };
    text.push_str(&summary_line(checked, texts));
    Answer {
        schema: "chantier.plan.module-edit/1",
        data: json!({ "did": data, "checks": counts(checked) }),
        text,
    }
}
