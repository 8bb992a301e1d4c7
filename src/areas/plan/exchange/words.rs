//! Words of tables that people wrote: heads and values as the program shows them in English and in French.

use crate::base::text::without_marks;

/// Heads of columns beside the names of the keys, without marks and blanks.
const HEADS: [(&str, &str); 22] = [
    ("cree", "created"),
    ("creation", "created"),
    ("debut", "start"),
    ("depend_de", "depends"),
    ("description", "body"),
    ("echeance", "due"),
    ("estimation", "estimate"),
    ("etat", "state"),
    ("etiquette", "labels"),
    ("etiquettes", "labels"),
    ("fait_partie_de", "parent"),
    ("identifiant", "id"),
    ("jalon", "milestone"),
    ("name", "title"),
    ("part_of", "parent"),
    ("priorite", "priority"),
    ("responsable", "assignee"),
    ("statut", "state"),
    ("subject", "title"),
    ("summary", "title"),
    ("text", "body"),
    ("titre", "title"),
];

/// Values as they are shown.
const VALUES: [(&str, &str, &str); 13] = [
    ("priority", "basse", "low"),
    ("priority", "haute", "high"),
    ("priority", "moyenne", "medium"),
    ("priority", "urgente", "urgent"),
    ("state", "en_cours", "in-progress"),
    ("state", "en_revue", "review"),
    ("state", "pret", "ready"),
    ("state", "termine", "done"),
    ("type", "anomalie", "bug"),
    ("type", "entretien", "chore"),
    ("type", "fonctionnalite", "feature"),
    ("type", "jalon", "milestone"),
    ("type", "tache", "chore"),
];

/// A head or a word in small letters without marks, its blanks as underscores.
pub(super) fn plain(text: &str) -> String {
    let small = text.trim().chars().flat_map(char::to_lowercase).map(without_marks);
    small
        .map(|c| if matches!(c, ' ' | '-' | '\u{a0}') { '_' } else { c })
        .collect()
}

/// The key that a head means beside the names that keys have.
pub(super) fn key_of(plain_head: &str) -> Option<&'static str> {
    HEADS.iter().find(|(head, _)| *head == plain_head).map(|(_, key)| *key)
}

/// The value that a word shown for it means; a word that is not one stays.
pub(super) fn value_of<'w>(key: &str, word: &'w str) -> &'w str {
    let small = plain(word);
    let known = VALUES.iter().find(|(of, shown, _)| *of == key && *shown == small);
    known.map_or(word, |(_, _, value)| *value)
}

/// A day as it is written under a French head: `12/01/2027` is in January.
pub(super) fn day_of(word: &str) -> Option<jiff::civil::Date> {
    let parts: Vec<&str> = word.trim().split(['/', '.']).collect();
    let [day, month, year] = parts[..] else { return None };
    if year.len() != 4 {
        return None;
    }
    jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}
