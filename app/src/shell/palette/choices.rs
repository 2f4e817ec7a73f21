//! What can be chosen, and which of it fits what was typed.

use super::messages::t;
use crate::design::icon::Icon;
use crate::records;
use crate::shell::office_frame;
use crate::shell::session::Session;
use holdfast_domain::identity::SessionView;

/// What heads a part of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Chosen lately.
    Recent,
    /// Places to go.
    Pages,
    /// Things to do.
    Acts,
    /// What the search found.
    Records,
}

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Tells it from all others, and stays the same: what is kept of it.
    pub key: String,
    /// Where it stands when it was not chosen lately.
    pub group: Group,
    /// What it is called.
    pub label: String,
    /// What it is one of, or where it belongs; found by it too.
    pub detail: &'static str,
    /// Before its name.
    pub icon: Icon,
    /// Where it leads.
    pub href: String,
}

/// The most that were chosen lately, shown at once.
const MOST_RECENT: usize = 5;

/// All that whoever is here may choose, records aside.
pub fn of(session: &Session) -> Vec<Choice> {
    let mut all: Vec<Choice> = office_frame::groups(session)
        .into_iter()
        .flat_map(|group| {
            let place = move |entry: office_frame::Entry| page(entry.href, (entry.name, group.name), entry.icon);
            group.entries.into_iter().map(place)
        })
        .collect();
    if let Some(view) = session.view() {
        let own = [
            ("/office/hand-in", t().hand_in, Icon::Send),
            ("/waiting", t().waiting, Icon::Clock),
            ("/settings", t().settings, Icon::Settings),
            ("/people", t().switch_person, Icon::Crew),
        ];
        all.extend(own.map(|(href, name, icon)| page(href.to_owned(), (name, t().this_device), icon)));
        all.extend(acts(view));
    }
    all
}

fn page(href: String, (name, detail): (&str, &'static str), icon: Icon) -> Choice {
    Choice { key: format!("page:{href}"), group: Group::Pages, label: name.to_owned(), detail, icon, href }
}

fn acts(view: &SessionView) -> Vec<Choice> {
    let act = |deed: records::Deed| {
        let label = if deed.many { t().import(in_a_sentence(deed.of)) } else { t().add(in_a_sentence(deed.of)) };
        let icon = if deed.many { Icon::Install } else { Icon::Plus };
        Choice { key: format!("act:{}", deed.href), group: Group::Acts, label, detail: deed.module_name, icon, href: deed.href }
    };
    records::deeds(view).into_iter().map(act).collect()
}

/// A name within a sentence: small, but where the language writes nouns large, and but for abbreviations.
fn in_a_sentence(name: &str) -> String {
    let mut letters = name.chars();
    let (first, second) = (letters.next(), letters.next());
    let stays = crate::language::language() == crate::language::Language::German || second.is_none_or(char::is_uppercase);
    match first {
        Some(first) if !stays => first.to_lowercase().chain(name.chars().skip(1)).collect(),
        _ => name.to_owned(),
    }
}

/// The parts of the list, none of them empty: what was chosen lately first, then places, acts, and what the search found.
pub fn parts(known: &[Choice], (recent, named): (&[String], &[Choice]), (typed, found): (&str, &[Choice])) -> Vec<(Group, Vec<Choice>)> {
    let words = words_of(typed);
    let lately = recent.iter().filter_map(|key| known.iter().chain(named).find(|choice| choice.key == *key));
    let lately: Vec<Choice> = lately.filter(|choice| nearness(choice, &words).is_some()).take(MOST_RECENT).cloned().collect();
    let is_new = |choice: &&Choice| lately.iter().all(|before| before.key != choice.key);
    let part = |group| {
        let mut fitting: Vec<(u32, &Choice)> = known
            .iter()
            .filter(is_new)
            .filter(|choice| choice.group == group)
            .filter_map(|choice| Some((nearness(choice, &words)?, choice)))
            .collect();
        fitting.sort_by_key(|(nearness, _)| *nearness);
        fitting.into_iter().map(|(_, choice)| choice.clone()).collect::<Vec<_>>()
    };
    let records = found.iter().filter(is_new).cloned().collect();
    let parts = [(Group::Recent, lately.clone()), (Group::Pages, part(Group::Pages)), (Group::Acts, part(Group::Acts)), (Group::Records, records)];
    parts.into_iter().filter(|(_, choices)| !choices.is_empty()).collect()
}

/// How near a choice is to what was typed, 0 the nearest; none where a word is nowhere in it. The name counts more than what it is one of.
fn nearness(choice: &Choice, words: &[String]) -> Option<u32> {
    let (name, detail) = (words_of(&choice.label), words_of(choice.detail));
    let mut sum = 0;
    for (at, word) in words.iter().enumerate() {
        let begins = |known: &String| known.starts_with(word);
        sum += if name.get(at).is_some_and(begins) {
            0
        } else if name.iter().any(begins) {
            1
        } else if name.iter().any(|known| known.contains(word)) {
            3
        } else if detail.iter().any(begins) {
            4
        } else {
            return None;
        };
    }
    Some(sum)
}

/// The words of a text, small and without marks: somebody in a hurry types `furnizor`, `urun` and `cafe`.
fn words_of(text: &str) -> Vec<String> {
    let small: String = text.chars().flat_map(char::to_lowercase).filter_map(plain).collect();
    small.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A small letter without its mark; none for a mark that stands alone.
const fn plain(c: char) -> Option<char> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ă' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ğ' => 'g',
        'ì' | 'í' | 'î' | 'ï' | 'ı' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ș' | 'ş' => 's',
        'ț' | 'ţ' => 't',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        '\u{300}'..='\u{36f}' => return None,
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(group: Group, label: &str, detail: &'static str) -> Choice {
        Choice { key: format!("{group:?}:{label}"), group, label: label.to_owned(), detail, icon: Icon::Grid, href: String::new() }
    }

    fn known() -> Vec<Choice> {
        vec![
            choice(Group::Pages, "Needs attention", "Sales"),
            choice(Group::Pages, "Suppliers", "Procurement"),
            choice(Group::Pages, "Furnizori și prețuri", "Achiziții"),
            choice(Group::Acts, "New supplier", "Procurement"),
            choice(Group::Acts, "Import suppliers", "Procurement"),
        ]
    }

    fn labels(recent: &[&str], typed: &str, found: &[Choice]) -> Vec<(Group, Vec<String>)> {
        let recent: Vec<String> = recent.iter().map(|key| (*key).to_owned()).collect();
        let parts = parts(&known(), (&recent, &[]), (typed, found));
        parts.into_iter().map(|(group, choices)| (group, choices.into_iter().map(|choice| choice.label).collect())).collect()
    }

    #[test]
    fn what_was_chosen_lately_comes_first_and_once() {
        let all = labels(&["Acts:New supplier", "Pages:gone"], "", &[]);
        assert_eq!(all[0], (Group::Recent, vec!["New supplier".to_owned()]));
        assert_eq!(all[2], (Group::Acts, vec!["Import suppliers".to_owned()]));
        assert_eq!(labels(&["Acts:New supplier"], "attention", &[]), [(Group::Pages, vec!["Needs attention".to_owned()])]);
    }

    #[test]
    fn every_word_begins_one_of_the_name_or_of_what_it_belongs_to() {
        assert_eq!(labels(&[], "sup new", &[]), [(Group::Acts, vec!["New supplier".to_owned()])]);
        assert_eq!(labels(&[], "procure imp", &[]), [(Group::Acts, vec!["Import suppliers".to_owned()])]);
        assert_eq!(labels(&[], "zebra", &[]), []);
    }

    #[test]
    fn marks_and_case_are_nothing_to_type() {
        assert_eq!(labels(&[], "PRETURI", &[]), [(Group::Pages, vec!["Furnizori și prețuri".to_owned()])]);
        assert_eq!(labels(&[], "achizitii", &[]).len(), 1);
        assert_eq!(words_of("İstanbul IŞIK"), ["istanbul", "isik"]);
    }

    #[test]
    fn the_nearest_comes_first() {
        let known = [choice(Group::Pages, "All tickets", ""), choice(Group::Pages, "Tickets", "")];
        let parts = parts(&known, (&[], &[]), ("tick", &[]));
        assert_eq!(parts[0].1[0].label, "Tickets");
    }

    #[test]
    fn what_the_search_found_stands_last_as_the_server_ordered_it() {
        let found = [choice(Group::Records, "Zeta", "Supplier"), choice(Group::Records, "Alpha", "Supplier")];
        let all = labels(&["Records:Alpha"], "nothing known", &found);
        assert_eq!(all, [(Group::Records, vec!["Zeta".to_owned(), "Alpha".to_owned()])]);
    }
}
