//! What the engine checks of a provider's answers: that a plan is one the configuration allows, and that a result is the one planned.

use super::{Attribute, BlockSchema, NestedBlock, Nesting};
use crate::provider::Problem;
use crate::value::{Data, Path, Step, Type, Value};

/// Finds where a provider's plan departs from the configuration: whatever is set must be planned as set, or stay as it was; what is
/// not set may only be planned if it is computed or has a default. `prior`, `config` and `planned` are objects of the block's type.
pub fn assert_plan_valid(block: &BlockSchema, prior: Option<&Value>, config: &Value, planned: &Value) -> Vec<Problem> {
    let mut found = Vec::new();
    plan_of_body(block, prior, config, planned, &mut Path::root(), &mut found);
    found
}

fn problem(path: &Path, detail: impl Into<String>, summary: &str, found: &mut Vec<Problem>) {
    found.push(Problem { path: path.clone(), summary: summary.to_owned(), detail: detail.into(), is_warning: false });
}

const INVALID_PLAN: &str = "Provider produced invalid plan";
const INCONSISTENT_RESULT: &str = "Provider produced inconsistent result after apply";

fn plan_of_body(block: &BlockSchema, prior: Option<&Value>, config: &Value, planned: &Value, path: &mut Path, found: &mut Vec<Problem>) {
    if planned.is_null() != config.is_null() {
        let detail = if planned.is_null() {
            "planned for absence, but config wants existence"
        } else {
            "planned for existence, but config wants absence"
        };
        return problem(path, detail, INVALID_PLAN, found);
    }
    if !config.is_known() || config.is_null() {
        return;
    }
    for (name, attribute) in &block.attributes {
        let before = prior.and_then(|prior| prior.get(name));
        let (Some(config), Some(planned)) = (config.get(name), planned.get(name)) else {
            problem(&path.attribute(name), "the plan lacks the attribute", INVALID_PLAN, found);
            continue;
        };
        if let Some(detail) = plan_of_attribute(attribute, before, config, planned) {
            problem(&path.attribute(name), detail, INVALID_PLAN, found);
        }
    }
    for (name, nested) in &block.blocks {
        let before = prior.and_then(|prior| prior.get(name));
        path.0.push(Step::Attribute(name.clone()));
        match (config.get(name), planned.get(name)) {
            (Some(config), Some(planned)) => plan_of_blocks(nested, before, config, planned, path, found),
            _ => problem(path, "the plan lacks the block type", INVALID_PLAN, found),
        }
        path.0.pop();
    }
}

/// What is wrong with one attribute's plan.
fn plan_of_attribute(attribute: &Attribute, prior: Option<&Value>, config: &Value, planned: &Value) -> Option<&'static str> {
    if attribute.write_only {
        return (!planned.is_null()).then_some("a write-only attribute must be planned as null");
    }
    if planned == config {
        return None;
    }
    if config.is_null() {
        let allowed = attribute.computed || attribute.default.as_ref() == Some(planned);
        return (!allowed).then_some("planned value for a non-computed attribute");
    }
    // The provider may say that what is set means the same as what was there.
    match prior {
        Some(prior) if prior == planned && !prior.is_null() => None,
        Some(prior) if !prior.is_null() => Some("planned value does not match config value nor prior value"),
        _ => Some("planned value does not match config value"),
    }
}

fn plan_of_blocks(nested: &NestedBlock, prior: Option<&Value>, config: &Value, planned: &Value, path: &mut Path, found: &mut Vec<Problem>) {
    if !config.is_known() || nested.computed && (config.is_null() || config.elements().is_some_and(<[Value]>::is_empty)) {
        return;
    }
    if !planned.is_known() {
        return problem(
            path,
            "attribute representing nested block must not be unknown itself; set nested attribute values to unknown instead",
            INVALID_PLAN,
            found,
        );
    }
    match nested.nesting {
        Nesting::Single | Nesting::Group => {
            plan_of_body(&nested.block, prior.filter(|prior| !prior.is_null()), config, planned, path, found)
        }
        Nesting::List => {
            let (wanted, given) = (config.elements().unwrap_or_default(), planned.elements().unwrap_or_default());
            if wanted.len() != given.len() {
                let detail = format!("block count in plan ({}) disagrees with count in config ({})", given.len(), wanted.len());
                return problem(path, detail, INVALID_PLAN, found);
            }
            let before = prior.and_then(Value::elements).unwrap_or_default();
            for (position, (wanted, given)) in wanted.iter().zip(given).enumerate() {
                path.0.push(Step::Index(Value::int(position as i64)));
                plan_of_body(&nested.block, before.get(position), wanted, given, path, found);
                path.0.pop();
            }
        }
        Nesting::Map => {
            let (Some(wanted), Some(given)) = (config.fields(), planned.fields()) else { return };
            if wanted.keys().ne(given.keys()) {
                return problem(path, "block keys in plan disagree with keys in config", INVALID_PLAN, found);
            }
            for ((key, wanted), given) in wanted.iter().zip(given.values()) {
                path.0.push(Step::Index(Value::string(key)));
                plan_of_body(&nested.block, prior.and_then(|prior| prior.get(key)), wanted, given, path, found);
                path.0.pop();
            }
        }
        // Elements of a set can't be paired reliably; their number can be told.
        Nesting::Set => {
            let (wanted, given) = (config.elements().unwrap_or_default().len(), planned.elements().unwrap_or_default().len());
            let is_known = config.is_wholly_known() && planned.is_wholly_known();
            if is_known && wanted != given {
                problem(
                    path,
                    format!("block set length in plan ({given}) disagrees with length in config ({wanted})"),
                    INVALID_PLAN,
                    found,
                );
            }
        }
    }
}

/// Finds where the object after apply departs from the plan: what was known must be as planned, what was unknown may be anything of
/// its type, and nothing may be unknown any more. Pass the plan with its marks: values under a sensitive mark are not shown.
pub fn assert_result_compatible(planned: &Value, actual: &Value) -> Vec<Problem> {
    let mut found = Vec::new();
    compatible(planned, actual, &mut Path::root(), false, &mut found);
    found
}

fn compatible(planned: &Value, actual: &Value, path: &mut Path, secret: bool, found: &mut Vec<Problem>) {
    let secret = secret || planned.marks().is_sensitive() || actual.marks().is_sensitive();
    if planned.is_known() && !planned.is_null() && !actual.is_known() {
        return problem(path, "was known, but now unknown", INCONSISTENT_RESULT, found);
    }
    if !actual.is_wholly_known() {
        return problem(path, "unknown values remain after apply", INCONSISTENT_RESULT, found);
    }
    match (&planned.data, &actual.data) {
        (Data::Unknown(_), _) => {
            if !actual.ty().may_become(planned.ty()) && !actual.is_null() {
                problem(path, format!("wrong type: {} planned", planned.ty().friendly_name()), INCONSISTENT_RESULT, found);
            }
        }
        (Data::Null, Data::Null) => {}
        (Data::Null, _) => problem(path, format!("was null, but now {}", shown(actual, secret)), INCONSISTENT_RESULT, found),
        (_, Data::Null) => problem(path, format!("was {}, but now null", shown(planned, secret)), INCONSISTENT_RESULT, found),
        (Data::Fields(before), Data::Fields(after)) => {
            let is_map = matches!(planned.ty(), Type::Map(_));
            let step = |name: &std::sync::Arc<str>| if is_map { Step::Index(Value::string(name)) } else { Step::Attribute(name.clone()) };
            for (name, before) in before.iter() {
                path.0.push(step(name));
                match after.get(name) {
                    Some(after) => compatible(before, after, path, secret, found),
                    None => problem(path, "element has vanished", INCONSISTENT_RESULT, found),
                }
                path.0.pop();
            }
            for name in after.keys().filter(|name| !before.contains_key(*name)) {
                problem(&path.push(step(name)), "new element has appeared", INCONSISTENT_RESULT, found);
            }
        }
        (Data::Elements(before), Data::Elements(after)) if matches!(planned.ty(), Type::Set(_)) => sets(before, after, path, found),
        (Data::Elements(before), Data::Elements(after)) => {
            for (position, (before, after)) in before.iter().zip(after.iter()).enumerate() {
                path.0.push(Step::Index(Value::int(position as i64)));
                compatible(before, after, path, secret, found);
                path.0.pop();
            }
            if before.len() != after.len() {
                problem(path, format!("block count changed from {} to {}", before.len(), after.len()), INCONSISTENT_RESULT, found);
            }
        }
        (before, after) if before == after => {}
        _ => problem(path, format!("was {}, but now {}", shown(planned, secret), shown(actual, secret)), INCONSISTENT_RESULT, found),
    }
}

/// Known elements must be there; an element with unknown parts may be any that is not planned otherwise.
fn sets(before: &[Value], after: &[Value], path: &Path, found: &mut Vec<Problem>) {
    let (known, open): (Vec<&Value>, Vec<&Value>) = before.iter().partition(|element| element.is_wholly_known());
    // Both sides are sorted by the same order, but unknown elements are not: a plain set of texts is as fast.
    let after: std::collections::BTreeSet<String> =
        after.iter().map(|element| crate::value::wire::canonical(&element.unmarked_deep())).collect();
    let vanished = known.iter().filter(|element| !after.contains(&crate::value::wire::canonical(&element.unmarked_deep()))).count();
    if vanished > 0 {
        problem(
            path,
            format!("{vanished} planned set elements do not correspond to any element in the actual set"),
            INCONSISTENT_RESULT,
            found,
        );
    }
    let others = (after.len() + vanished).saturating_sub(known.len());
    if others > open.len() || others == 0 && !open.is_empty() {
        let detail = format!("length changed from {} to {}", before.len(), after.len());
        problem(path, detail, INCONSISTENT_RESULT, found);
    }
}

fn shown(value: &Value, secret: bool) -> String {
    if secret || value.marks_deep().is_sensitive() { "(sensitive value)".to_owned() } else { crate::value::wire::canonical(value) }
}
