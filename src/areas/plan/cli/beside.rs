//! `chantier plan` beside single items: timeline, milestones, forecast, following, rules, views, import and export, templates.

use super::text::{line_of, problem_line, problem_value, value_of};
use super::{Answer, Here};
use crate::areas::Model;
use crate::areas::plan::filter::{Context, Filter};
use crate::areas::plan::followed::Because;
use crate::areas::plan::forecast::{Forecast, MIN_SAMPLES, SURE};
use crate::areas::plan::links::Links;
use crate::areas::plan::model::{Beside, Plan};
use crate::areas::plan::say::{days_crossed, forecast_filter, roll_up_words, rule_words};
use crate::areas::plan::views::View;
use crate::areas::plan::{Change, Command, Item, milestones, rule_file, state_name, timeline};
use crate::base::{Catalog, Problem, SafeText, format};
use crate::msg;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What can be asked of milestones.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum MilestoneVerb {
    /// Every milestone with its progress, open ones first
    List,
    /// One milestone: what belongs to it, how far it is, and how that came about day by day
    Show { id: String },
}

/// What can be done with saved views.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum ViewVerb {
    /// The saved views
    List,
    /// Save a filter, and how it is grouped and sorted, under a name
    Save {
        name: String,
        /// The filter; quote it as a whole
        filter: Vec<String>,
        /// state, type, priority, assignee, label, milestone or parent
        #[arg(long)]
        group: Option<String>,
        /// A column of the table; `-due` is the other way round
        #[arg(long, allow_hyphen_values = true)]
        sort: Option<String>,
        /// board, table or timeline
        #[arg(long)]
        tab: Option<String>,
    },
    /// Remove a view
    Remove { name: String },
}

/// What can be done with templates.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum TemplateVerb {
    /// The item trees that can be made: a deployment, a release, and the project's own in `.chantier/plan/templates`
    List,
    /// Make the items of a template
    Add {
        name: String,
        /// A word of the template and what stands for it: `version=2.6.0`
        #[arg(long = "set", value_name = "WORD=VALUE")]
        values: Vec<String>,
        /// The milestone that they belong to
        #[arg(long)]
        milestone: Option<String>,
    },
}

/// The verbs beside single items.
#[derive(Clone, Debug, clap::Args)]
pub struct FilterArgs {
    /// Only what this filter leaves: `type:bug -label:x due<2026-12-01 words`; quote it as a whole, and put `--` before one that begins with a hyphen
    pub filter: Vec<String>,
}

impl FilterArgs {
    pub fn text(&self) -> String {
        self.filter.join(" ")
    }
}

pub(super) fn context(beside: Option<&Beside>) -> Context {
    Context {
        today: jiff::Zoned::now().date(),
        me: beside.and_then(|beside| beside.me.clone()),
    }
}

/// The commands of a view verb.
pub(super) fn view_command(verb: &ViewVerb, here: &Here) -> Option<Command> {
    let workspace = here.workspace.clone();
    match verb {
        ViewVerb::List => None,
        ViewVerb::Save {
            name,
            filter,
            group,
            sort,
            tab,
        } => Some(Command::SaveView {
            workspace,
            view: View {
                name: name.trim().to_owned(),
                filter: filter.join(" "),
                group: group.clone().unwrap_or_default(),
                sort: sort.clone().unwrap_or_default(),
                tab: tab.clone().unwrap_or_default(),
            },
        }),
        ViewVerb::Remove { name } => Some(Command::RemoveView {
            workspace,
            name: name.clone(),
        }),
    }
}

/// The commands of a template verb.
pub(super) fn template_command(verb: &TemplateVerb, here: &Here) -> Result<Command, Problem> {
    let workspace = here.workspace.clone();
    match verb {
        TemplateVerb::List => Ok(Command::LoadTemplates {
            workspace,
            lang: here.lang,
        }),
        TemplateVerb::Add { name, values, milestone } => {
            let mut words = BTreeMap::new();
            for value in values {
                let wrong = || {
                    let problem = Problem::user(msg!("plan-cli-value", key = "--set", typed = SafeText::new(value)));
                    problem.hint(msg!("plan-template-value-hint"))
                };
                let (word, value) = value.split_once('=').ok_or_else(wrong)?;
                words.insert(word.trim().to_owned(), value.trim().to_owned());
            }
            Ok(Command::AddTemplate {
                workspace,
                name: name.clone(),
                values: words,
                milestone: milestone.clone(),
                lang: here.lang,
            })
        }
    }
}

/// New days of an item, and of what waits for it where that is asked.
pub(super) fn reschedule(
    model: &Model,
    here: &Here,
    id: &str,
    start: Option<Date>,
    due: Option<Date>,
    by: Option<&str>,
    with_followers: bool,
) -> Result<Command, Problem> {
    let nothing = || {
        Problem::user(msg!("plan-no-item", id = SafeText::new(id)))
            .code("not-found")
            .hint(msg!("plan-no-item-hint"))
    };
    if start.is_none() && due.is_none() && by.is_none() {
        let problem = Problem::user(msg!("plan-cli-no-time", id = SafeText::new(id))).code("value");
        return Err(problem.hint(msg!("plan-cli-no-time-hint")));
    }
    let plan = model.plan.plan(&here.workspace.id).ok_or_else(nothing)?;
    let links = Links::of(plan);
    let ids = plan.items.values().map(|item| item.id.as_str());
    let whole = crate::areas::plan::ids::find(id, ids).ok_or_else(nothing)?;
    let item = plan.item(whole).ok_or_else(nothing)?;
    let items: Vec<&Item> = plan.items.values().collect();
    let schedule = timeline::schedule(plan, &links, &items, context(None).today);
    let bar = schedule.bars.iter().find(|bar| bar.file == item.file).ok_or_else(nothing)?;
    let (mut first, mut last) = (bar.start, bar.end);
    if let Some(by) = by {
        let wrong = || {
            Problem::user(msg!("plan-cli-by", typed = SafeText::new(by)))
                .code("value")
                .hint(msg!("plan-cli-by-hint"))
        };
        let (sign, rest) = by.strip_prefix('-').map_or((1, by), |rest| (-1, rest));
        let base = jiff::civil::date(2000, 1, 3);
        let moved = crate::areas::plan::quick::day(rest, base).ok_or_else(wrong)?;
        (first, last) = timeline::shift::moved(bar, sign * (moved - base).get_days());
    }
    match (start, due) {
        (Some(start), Some(due)) => (first, last) = (start, due),
        (Some(start), None) => (first, last) = timeline::shift::moved(bar, (start - bar.start).get_days()),
        (None, Some(due)) => last = due,
        (None, None) => {}
    }
    if last < first {
        return Err(days_crossed(first, last));
    }
    let days = match due {
        Some(_) => timeline::shift::dated(first, last),
        None => timeline::shift::days_of(bar, first, last),
    };
    let mut edits: Vec<(String, Vec<Change>)> = vec![(item.id.clone(), days)];
    if with_followers {
        let followers = timeline::shift::followers(plan, &links, &schedule, item, last);
        edits.extend(
            followers
                .into_iter()
                .map(|(item, start, end)| (item.id.clone(), timeline::shift::dated(start, end))),
        );
    }
    Ok(Command::EditMany {
        workspace: here.workspace.clone(),
        edits,
    })
}

/// Several items by a filter: one command for all that it leaves.
pub(super) fn bulk(model: &Model, here: &Here, filter: &str, changes: &[Change]) -> Result<Vec<Command>, Problem> {
    let Some(plan) = model.plan.plan(&here.workspace.id) else {
        return Ok(Vec::new());
    };
    let links = Links::of(plan);
    let wanted = Filter::strict(filter)?;
    if wanted.is_empty() {
        return Err(Problem::user(msg!("plan-bulk-all")).hint(msg!("plan-bulk-all-hint")));
    }
    let items = wanted.items(plan, &links, &context(model.plan.beside(&here.workspace.id)));
    let edits: Vec<(String, Vec<Change>)> = items.iter().map(|item| (item.id.clone(), changes.to_vec())).collect();
    if edits.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![Command::EditMany {
        workspace: here.workspace.clone(),
        edits,
    }])
}

pub(super) fn timeline_answer(plan: &Plan, beside: Option<&Beside>, filter: &str, texts: &Catalog) -> Answer {
    let links = Links::of(plan);
    let context = context(beside);
    let items = Filter::parse(filter).items(plan, &links, &context);
    let schedule = timeline::schedule(plan, &links, &items, context.today);
    let bars: Vec<Value> = schedule
        .bars
        .iter()
        .map(|bar| {
            json!({
                "id": bar.id,
                "title": bar.title,
                "start": bar.start,
                "end": bar.end,
                "n_days": bar.n_days,
                "is_done": bar.is_done,
                "is_critical": bar.is_critical,
                "slack": bar.slack,
                "is_late": bar.is_late,
                "is_dated": bar.is_dated,
                "needs": bar.needs.iter().map(|need| schedule.bars[*need].id.clone()).collect::<Vec<_>>(),
            })
        })
        .collect();
    Answer {
        schema: "chantier.plan.timeline/1",
        data: json!({ "ends": schedule.ends, "circle": schedule.circle, "bars": bars }),
        text: timeline::text::draw(&schedule, context.today, texts),
    }
}

/// Items as a tree of parents and parts, with what they add up to.
pub(super) fn tree_answer(plan: &Plan, beside: Option<&Beside>, filter: &str, texts: &Catalog) -> Answer {
    let links = Links::of(plan);
    let mut items = Filter::parse(filter).items(plan, &links, &context(beside));
    items.sort_by(|a, b| crate::areas::plan::order::compare(a, b));
    let (mut text, mut rows) = (String::new(), Vec::new());
    for (depth, item) in links.tree(&items) {
        let sum = links.roll_up(item);
        let indent = "  ".repeat(depth.min(12));
        text.push_str(&format!(
            "{indent}{:<9} {}  {}",
            item.id,
            SafeText::new(&item.title),
            state_name(&item.state, texts)
        ));
        if let Some(sum) = sum {
            text.push_str(&format!("  {}", roll_up_words(&sum, texts)));
        } else if let Some(estimate) = &item.estimate {
            text.push_str(&format!("  ~{}", SafeText::new(estimate)));
        }
        let needs = links.open_needs(item);
        if links.is_blocked(item) {
            let ids: Vec<&str> = needs.iter().map(|need| need.id.as_str()).collect();
            text.push_str(&format!("  {}", texts.msg(&msg!("plan-blocked-by", ids = ids.join(", ")))));
        }
        text.push('\n');
        let mut row = value_of(item);
        row["depth"] = json!(depth);
        row["roll_up"] = json!(sum);
        row["blocked_by"] = json!(needs.iter().map(|need| need.id.clone()).collect::<Vec<_>>());
        rows.push(row);
    }
    if rows.is_empty() {
        text = format!("{}\n", texts.t("plan-cli-none"));
    }
    Answer {
        schema: "chantier.plan.tree/1",
        data: json!({ "items": rows }),
        text,
    }
}

pub(super) fn milestones_answer(plan: &Plan, beside: Option<&Beside>, texts: &Catalog) -> Answer {
    let links = Links::of(plan);
    let (mut text, mut rows) = (String::new(), Vec::new());
    for milestone in milestones::in_order(plan) {
        let members = milestones::members(plan, &links, milestone);
        let n_done = members.iter().filter(|item| item.is_done(&plan.workflow)).count();
        let percent = (n_done * 100).checked_div(members.len()).unwrap_or(0);
        let by = beside.and_then(|beside| beside.forecasts.get(&forecast_filter(milestone)));
        text.push_str(&format!("{:<9} {}  ", milestone.id, SafeText::new(&milestone.title)));
        text.push_str(&texts.msg(&msg!(
            "plan-milestone-line",
            n = n_done,
            all = members.len(),
            percent = percent
        )));
        if let Some(due) = milestone.due {
            text.push_str(&format!("  {}", texts.msg(&msg!("plan-due-on", day = due.to_string()))));
        }
        text.push('\n');
        rows.push(json!({
            "id": milestone.id,
            "title": milestone.title,
            "state": milestone.state,
            "due": milestone.due,
            "n_done": n_done,
            "n_all": members.len(),
            "forecast": by.and_then(|by| by.date(85)),
        }));
    }
    if rows.is_empty() {
        text = format!("{}\n", texts.t("plan-milestones-none"));
    }
    Answer {
        schema: "chantier.plan.milestones/1",
        data: json!({ "milestones": rows }),
        text,
    }
}

pub(super) fn milestone_answer(plan: &Plan, beside: Option<&Beside>, id: &str, texts: &Catalog) -> Answer {
    let schema = "chantier.plan.milestone/1";
    let ids = plan.items.values().map(|item| item.id.as_str());
    let found = crate::areas::plan::ids::find(id, ids).and_then(|id| plan.item(id));
    let found = found.or_else(|| milestones::in_order(plan).into_iter().find(|item| item.title == id));
    let Some(milestone) = found else {
        return Answer {
            schema,
            data: Value::Null,
            text: String::new(),
        };
    };
    let links = Links::of(plan);
    let members = milestones::members(plan, &links, milestone);
    let zone = TimeZone::system();
    let now = crate::base::Timestamp::now();
    let history = beside.and_then(|beside| beside.history.clone()).unwrap_or_default();
    let burn = milestones::burn(plan, &history, milestone, now, &zone);
    let n_done = members.iter().filter(|item| item.is_done(&plan.workflow)).count();
    let percent = (n_done * 100).checked_div(members.len()).unwrap_or(0);
    let mut text = format!("{}  {}\n", milestone.id, SafeText::new(&milestone.title));
    text.push_str(&format!(
        "{}\n",
        texts.msg(&msg!(
            "plan-milestone-line",
            n = n_done,
            all = members.len(),
            percent = percent
        ))
    ));
    if let Some(due) = milestone.due {
        text.push_str(&format!("{}\n", texts.msg(&msg!("plan-due-on", day = due.to_string()))));
    }
    let by = beside.and_then(|beside| beside.forecasts.get(&forecast_filter(milestone)));
    if let Some(by) = by {
        text.push_str(&forecast_text(by, texts));
    }
    text.push('\n');
    text.push_str(&burn_text(&burn, texts));
    for item in &members {
        text.push_str(&line_of(item, texts));
    }
    Answer {
        schema,
        data: json!({
            "id": milestone.id,
            "title": milestone.title,
            "due": milestone.due,
            "n_done": n_done,
            "n_all": members.len(),
            "burn": burn.points,
            "forecast": by.map(forecast_value),
            "items": members.iter().map(|item| value_of(item)).collect::<Vec<_>>(),
        }),
        text,
    }
}

/// A burn-down as text: what is left at the end of a day, at most twenty days of it.
fn burn_text(burn: &milestones::Burn, texts: &Catalog) -> String {
    let step = burn.points.len().div_ceil(20).max(1);
    let most = burn.points.iter().map(|point| point.n_all).max().unwrap_or(0).max(1);
    let mut out = String::new();
    let last = burn.points.len().saturating_sub(1);
    for (at, point) in burn.points.iter().enumerate().filter(|(at, _)| at % step == 0 || *at == last) {
        let width = |n: usize| (n * 40).div_ceil(most);
        let left = point.n_all - point.n_done;
        let bar = format!(
            "{}{}",
            "#".repeat(width(left)),
            ".".repeat(width(point.n_all).saturating_sub(width(left)))
        );
        let words = texts.msg(&msg!("plan-burn-line", left = left, all = point.n_all));
        debug_assert!(at <= last, "a point of the chart");
        out.push_str(&format!("  {}  {bar:<40}  {words}\n", point.day));
    }
    out
}

fn forecast_value(forecast: &Forecast) -> Value {
    json!({
        "by": forecast.by.iter().map(|(sure, day)| json!({ "sure": sure, "day": day })).collect::<Vec<_>>(),
        "n_open": forecast.n_open,
        "n_busy": forecast.n_busy,
        "n_done": forecast.n_done,
        "n_samples": forecast.samples.len(),
        "samples_days": forecast.samples,
        "in_work": forecast.in_work,
        "trials": forecast.trials,
        "seed": forecast.seed,
    })
}

fn forecast_text(forecast: &Forecast, texts: &Catalog) -> String {
    if forecast.n_open == 0 {
        return format!("{}\n", texts.t("plan-forecast-nothing"));
    }
    if forecast.is_too_little() {
        let words = msg!(
            "plan-forecast-little",
            n = forecast.samples.len(),
            done = forecast.n_done,
            least = MIN_SAMPLES
        );
        return format!("{}\n", texts.msg(&words));
    }
    let mut text = String::new();
    for sure in SURE {
        if let Some(day) = forecast.date(sure) {
            let words = msg!("plan-forecast-by", sure = sure, day = day.to_string());
            text.push_str(&format!("{}\n", texts.msg(&words)));
        }
    }
    let median = forecast.median().unwrap_or_default();
    let words = msg!(
        "plan-forecast-data",
        open = forecast.n_open,
        busy = forecast.n_busy,
        n = forecast.samples.len(),
        median = format::decimal(median, 1, texts),
        lanes = format::decimal(forecast.in_work, 1, texts),
        trials = forecast.trials
    );
    text.push_str(&format!("{}\n", texts.msg(&words)));
    text
}

pub(super) fn forecast_answer(beside: Option<&Beside>, filter: &str, texts: &Catalog) -> Answer {
    let forecast = beside
        .and_then(|beside| beside.forecasts.get(filter))
        .cloned()
        .unwrap_or_default();
    Answer {
        schema: "chantier.plan.forecast/1",
        data: forecast_value(&forecast),
        text: forecast_text(&forecast, texts),
    }
}

pub(super) fn follow_answer(beside: Option<&Beside>, texts: &Catalog) -> Answer {
    let changes = beside.map(|beside| beside.followed.clone()).unwrap_or_default();
    let mut text = String::new();
    for change in &changes {
        let id = change.id.as_str();
        let words = match &change.because {
            Because::Test { test, is_done: true } => msg!("plan-followed-tick", id = id, test = SafeText::new(test)),
            Because::Test { test, is_done: false } => msg!("plan-followed-untick", id = id, test = SafeText::new(test)),
            Because::Gone { test } => msg!("plan-followed-gone", id = id, test = SafeText::new(test)),
            Because::Rule { to, what, .. } => {
                msg!(
                    "plan-followed-rule",
                    id = id,
                    state = state_name(to, texts),
                    what = SafeText::new(what)
                )
            }
        };
        text.push_str(&format!("{}\n", texts.msg(&words)));
        if let Some(problem) = &change.refused {
            text.push_str(&problem_line(problem, texts));
        }
    }
    if changes.is_empty() {
        text = format!("{}\n", texts.t("plan-followed-nothing"));
    }
    Answer {
        schema: "chantier.plan.follow/1",
        data: json!({ "changes": changes }),
        text,
    }
}

pub(super) fn rules_answer(plan: &Plan, texts: &Catalog) -> Answer {
    let rules = &plan.workflow.rules;
    let mut text = String::new();
    for rule in rules {
        text.push_str(&format!("{}\n", texts.msg(&rule_words(rule, texts))));
    }
    if rules.is_empty() {
        text = format!("{}\n", texts.t("plan-rules-none"));
    }
    for (from, to) in &plan.workflow.transitions {
        let words = msg!("plan-rules-way", from = state_name(from, texts), to = to.join(", "));
        text.push_str(&format!("{}\n", texts.msg(&words)));
    }
    let mut problems = crate::areas::plan::followed::rule_problems(plan);
    problems.extend(
        plan.problems
            .iter()
            .filter(|problem| problem.code == "no-environment")
            .cloned(),
    );
    for problem in &problems {
        text.push_str(&problem_line(problem, texts));
    }
    let rows: Vec<Value> = rules
        .iter()
        .map(|rule| json!({ "on": rule_file::word(rule.on), "environment": rule.environment, "to": rule.to }))
        .collect();
    Answer {
        schema: "chantier.plan.rules/1",
        data: json!({
            "rules": rows,
            "transitions": plan.workflow.transitions,
            "done": plan.workflow.done,
            "problems": problems.iter().map(|problem| problem_value(problem, texts)).collect::<Vec<_>>(),
        }),
        text,
    }
}

pub(super) fn views_answer(beside: Option<&Beside>, texts: &Catalog) -> Answer {
    let views = beside.map(|beside| beside.views.clone()).unwrap_or_default();
    let mut text = String::new();
    for view in &views {
        let name = SafeText::new(&view.name).into_string();
        text.push_str(&format!("{name:<20} {}", SafeText::new(&view.filter)));
        for (word, value) in [("group", &view.group), ("sort", &view.sort), ("tab", &view.tab)] {
            if !value.is_empty() {
                text.push_str(&format!("  {word}={}", SafeText::new(value)));
            }
        }
        text.push('\n');
    }
    if views.is_empty() {
        text = format!("{}\n", texts.t("plan-views-empty"));
    }
    let problems = beside.map(|beside| beside.view_problems.as_slice()).unwrap_or_default();
    for problem in problems {
        text.push_str(&problem_line(problem, texts));
    }
    Answer {
        schema: "chantier.plan.views/1",
        data: json!({
            "views": views,
            "problems": problems.iter().map(|problem| problem_value(problem, texts)).collect::<Vec<_>>(),
        }),
        text,
    }
}

/// A path that was typed, from where the command line stands.
pub(super) fn path_of(here: &Here, path: &std::path::Path) -> PathBuf {
    here.cwd.join(path)
}
