//! A plan as a comment under a change request: Markdown of which every change folds, short enough for GitHub and GitLab.

use super::report::{Entry, Report};
use crate::plan::Plan;
use windlass_api::Providers;

/// Longer comments are refused.
const CHARACTERS_MAX: usize = 65_536;
/// Kept free for the line that tells what was left out, and the end.
const RESERVE: usize = 400;

/// The comment. What does not fit is left out change by change and counted; what is destroyed or replaced stands first.
pub fn markdown(plan: &Plan, providers: &Providers) -> String {
    lay_out(&Report::of(plan, providers))
}

fn lay_out(report: &Report) -> String {
    let mut comment = Comment { text: String::new(), characters: 0 };
    comment.push(&format!("### {}\n", escaped(&report.headline)));
    for note in &report.notes {
        comment.push(&format!("\n> {}\n", escaped(note)));
    }
    let cost = report.cost.lines().next().unwrap_or_default();
    if !cost.is_empty() {
        comment.push(&format!("\n**{}**\n", escaped(cost)));
    }
    let mut left_out = Vec::new();
    comment.section("", &report.changes, &mut left_out);
    let extra = [("Changes to outputs", &report.outputs), ("Placement of workloads", &report.placements), ("Cost in detail", &report.cost)];
    for (title, lines) in extra.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        if !comment.fits(&folded(&escaped(title), lines)) {
            left_out.push(title.to_lowercase());
        }
    }
    comment.section("Changed outside of Windlass", &report.drift, &mut left_out);
    let (parts, changes): (Vec<&String>, Vec<&String>) = left_out.iter().partition(|what| !what.is_empty());
    if !left_out.is_empty() {
        let mut what: Vec<String> = parts.into_iter().cloned().collect();
        if !changes.is_empty() {
            what.insert(0, format!("{} of {} changes", changes.len(), report.changes.len() + report.drift.len()));
        }
        comment.push(&format!("\n**Left out, because a comment can't be longer: {}.** `windlass show` has all of it.\n", what.join(", ")));
    }
    comment.text
}

struct Comment {
    text: String,
    characters: usize,
}

impl Comment {
    fn push(&mut self, text: &str) {
        self.characters += text.chars().count();
        self.text += text;
    }

    /// Adds a text, if there is room for it.
    fn fits(&mut self, text: &str) -> bool {
        let fits = self.characters + text.chars().count() + RESERVE <= CHARACTERS_MAX;
        if fits {
            self.push(text);
        }
        fits
    }

    /// Adds what fits of some changes, under a title; of each other one, an empty text is noted.
    fn section(&mut self, title: &str, entries: &[Entry], left_out: &mut Vec<String>) {
        if !title.is_empty() && !entries.is_empty() {
            self.push(&format!("\n#### {title}\n"));
        }
        for entry in entries {
            let rest = entry.title.strip_prefix(&*entry.address).unwrap_or(&entry.title);
            let summary = match entry.title.starts_with(&*entry.address) {
                true => format!("{} <code>{}</code>{}", symbol(entry.kind), escaped(&entry.address), escaped(rest)),
                false => format!("{} {}", symbol(entry.kind), escaped(&entry.title)),
            };
            if !self.fits(&folded(&summary, &entry.text)) {
                left_out.push(String::new());
            }
        }
    }
}

fn symbol(kind: &str) -> &'static str {
    match kind {
        "create" => "➕",
        "update" | "drift" => "🔄",
        "replace" => "♻️",
        "destroy" => "❌",
        "read" => "📖",
        "import" => "📥",
        _ => "➡️",
    }
}

/// Lines that fold under a summary, which is HTML.
fn folded(summary: &str, lines: &str) -> String {
    let fence = fence(lines);
    format!("\n<details><summary>{summary}</summary>\n\n{fence}diff\n{}{fence}\n\n</details>\n", as_diff(lines))
}

/// A fence that no line of the text closes.
fn fence(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// The symbols of a plan at the beginning of the line, where those who paint diffs look for them; `!` stands for a change in place.
fn as_diff(lines: &str) -> String {
    let line = |line: &str| {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let (spaces, rest) = line.split_at(indent);
        let painted = [("-/+ ", "!"), ("+/- ", "!"), ("~ ", "!"), ("+ ", "+"), ("- ", "-")];
        match painted.iter().find_map(|(symbol, sign)| Some((sign, *symbol, rest.strip_prefix(symbol)?))) {
            Some((sign, "-/+ " | "+/- ", after)) => format!("{sign}{spaces}   {after}\n"),
            Some((sign, _, after)) => format!("{sign}{spaces} {after}\n"),
            None => format!(" {line}\n"),
        }
    };
    lines.lines().map(line).collect()
}

/// Text in which nothing is markup, neither of HTML nor of Markdown.
fn escaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => result += "&amp;",
            '<' => result += "&lt;",
            '>' => result += "&gt;",
            '\n' | '\r' => result.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '@' | '#' | '~' | '|' | '!' => result += &format!("&#{};", u32::from(character)),
            _ => result.push(character),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(count: usize, size: usize) -> Report {
        let entry = |number| Entry {
            kind: "create",
            address: format!("a.b[{number}]"),
            title: format!("a.b[{number}] will be created"),
            text: format!("  + resource \"a\" \"b\" {{\n{}    }}\n", "      + x = \"`````</details>\"\n".repeat(size)),
        };
        Report {
            headline: "Plan: some.".to_owned(),
            notes: vec!["<b> @all".to_owned()],
            changes: (0..count).map(entry).collect(),
            drift: Vec::new(),
            outputs: "  + o = 1\n".to_owned(),
            cost: String::new(),
            placements: String::new(),
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out_whole_and_counted() {
        let text = lay_out(&report(700, 3));
        assert!(text.chars().count() <= CHARACTERS_MAX && text.chars().count() > CHARACTERS_MAX - 1_000);
        let shown = text.matches("<summary>").count();
        assert_eq!(text.matches("</details>\n").count(), shown);
        assert!(text.contains(&format!("{} of 700 changes", 700 - shown)) || text.contains("changes to outputs"), "{shown}");
        assert!(!lay_out(&report(3, 3)).contains("Left out"));
        // One that is too large by itself does not hide those after it.
        let mut mixed = report(2, 1);
        mixed.changes.insert(0, report(1, 5_000).changes.remove(0));
        let text = lay_out(&mixed);
        assert!(text.contains("1 of 3 changes") && text.matches("will be created").count() == 2);
    }

    #[test]
    fn nothing_in_it_is_markup() {
        let text = lay_out(&report(1, 1));
        assert!(text.contains("&lt;b&gt; &#64;all") && text.contains("\n``````diff\n") && text.contains("<code>a.b&#91;0&#93;</code>"));
    }

    #[test]
    fn symbols_stand_where_a_diff_has_them() {
        let lines = "  ~ resource {\n      + a = 1\n        b = 2\n-/+ resource {\n      - c = 1 -> null\n";
        assert_eq!(as_diff(lines), "!   resource {\n+       a = 1\n         b = 2\n!   resource {\n-       c = 1 -> null\n");
    }
}
