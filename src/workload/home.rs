//! Messages about the text of a workload's module, for a user who has written the workload only.

use super::assemble::source_name;
use crate::config::Config;
use crate::diagnostic::Diagnostics;

/// Points what is said of synthetic text to the workload that it was made from, with the text in the message. `written` is the
/// configuration before workloads were expanded, `expanded` that after.
pub fn point_home(diagnostics: &mut Diagnostics, written: &Config, expanded: &Config) {
    let known = written.sources.files().len();
    for diagnostic in &mut diagnostics.0 {
        let Some(subject) = diagnostic.subject.filter(|subject| subject.source.0 as usize >= known) else { continue };
        let name = &expanded.sources.file(subject.source).name;
        let workload = written.root.workloads.values().find(|workload| **name == *source_name(&workload.name));
        let line = expanded.sources.position(subject.source, subject.start).line;
        let text = &expanded.sources.file(subject.source).text;
        let shown = text.lines().nth(line - 1).unwrap_or_default().trim();
        let block = expanded.sources.context(subject).unwrap_or("its module");
        diagnostic.detail.push_str(&format!("\n\nThis concerns {block}, which was made from the workload:\n    {shown}"));
        diagnostic.subject = workload.map(|workload| workload.range);
    }
}
