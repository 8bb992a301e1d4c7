//! Cells of a matrix of GitHub Actions, and values with their expressions filled. Pure.

use super::expr;
use super::scope::Before;
use super::yaml::{self, Node, Yaml};
use crate::areas::devops::project::pipeline::MAX_CELLS;
use crate::base::Msg;
use crate::msg;
use serde_json::{Map, Value};

/// Every cell of a matrix: the combinations less those excluded, then what `include` adds.
pub(super) fn cells(job: &Node, scope: &Before<'_>) -> Result<Vec<Map<String, Value>>, Msg> {
    let Some(matrix) = job.get("strategy").and_then(|strategy| strategy.get("matrix")) else {
        return Ok(vec![Map::new()]);
    };
    let told = |error: String| msg!("build-ci-matrix-unknown", why = error);
    let Value::Object(mut axes) = filled(matrix, scope).map_err(told)? else {
        return Err(msg!("build-ci-matrix-unknown", why = "strategy.matrix"));
    };
    let maps = |value: Option<Value>| -> Vec<Map<String, Value>> {
        let Some(Value::Array(items)) = value else { return Vec::new() };
        items.into_iter().filter_map(|item| item.as_object().cloned()).collect()
    };
    let (include, exclude) = (maps(axes.shift_remove("include")), maps(axes.shift_remove("exclude")));
    let n_cells: usize = axes.values().map(|values| values.as_array().map_or(1, Vec::len)).product();
    if n_cells + include.len() > MAX_CELLS {
        return Err(msg!("build-ci-too-many-cells", n = n_cells + include.len()));
    }
    let mut cells: Vec<Map<String, Value>> = if axes.is_empty() { Vec::new() } else { vec![Map::new()] };
    for (name, values) in &axes {
        let values = match values {
            Value::Array(values) => values.clone(),
            other => vec![other.clone()],
        };
        cells = cells
            .into_iter()
            .flat_map(|cell| {
                values.iter().map(move |value| {
                    let mut cell = cell.clone();
                    cell.insert(name.clone(), value.clone());
                    cell
                })
            })
            .collect();
    }
    cells.retain(|cell| {
        !exclude
            .iter()
            .any(|out| out.iter().all(|(name, value)| cell.get(name) == Some(value)))
    });
    let originals = cells.clone();
    let n_cells = cells.len();
    for added in include {
        // Added to each combination of which it changes no value; to none: a cell of its own.
        let mut is_taken = false;
        for (cell, original) in cells.iter_mut().zip(&originals).take(n_cells) {
            if added
                .iter()
                .all(|(name, value)| original.get(name).is_none_or(|known| known == value))
            {
                cell.extend(added.clone());
                is_taken = true;
            }
        }
        if !is_taken {
            cells.push(added);
        }
    }
    if cells.is_empty() {
        return Err(msg!("build-ci-no-cells"));
    }
    Ok(cells)
}

/// The context `strategy` of the cell at a place among so many.
pub(super) fn strategy_of(job: &Node, (at, n_cells): (usize, usize), scope: &Before<'_>) -> Map<String, Value> {
    let said = |key: &str| filled(job.get("strategy")?.get(key)?, scope).ok();
    [
        ("fail-fast", said("fail-fast").unwrap_or(Value::Bool(true))),
        ("job-index", at.into()),
        ("job-total", n_cells.into()),
        ("max-parallel", said("max-parallel").unwrap_or_else(|| n_cells.into())),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// A value with every expression in it filled.
pub(super) fn filled(node: &Node, scope: &Before<'_>) -> Result<Value, String> {
    Ok(match &node.value {
        Yaml::Scalar { text, .. } if text.contains("${{") => expr::fill_value(text, scope)?,
        Yaml::Scalar { .. } => node.json(),
        Yaml::List(items) => Value::Array(items.iter().map(|item| filled(item, scope)).collect::<Result<_, _>>()?),
        Yaml::Map(entries) => {
            let one = |(key, value): &(yaml::Key, Node)| Ok((key.text.clone(), filled(value, scope)?));
            Value::Object(entries.iter().map(one).collect::<Result<_, String>>()?)
        }
    })
}

/// A value of a cell as it stands in the job's key.
pub(super) fn short(value: &Value) -> String {
    match value {
        Value::Object(map) => map
            .values()
            .filter(|value| !value.is_array() && !value.is_object())
            .map(expr::text_of)
            .collect::<Vec<_>>()
            .join(", "),
        Value::Array(_) => value.to_string().chars().take(24).collect(),
        plain => expr::text_of(plain),
    }
}
