//! Substitution: what an expression yields while some of its inputs are unknown is true of what it yields once they are known.
//!
//! Random expressions of known type over six variables. The same are tried each time; `PROPTEST_CASES=10000` tries more,
//! `PROPTEST_RNG_SEED=7` others.

mod generate;

use super::{Known, run};
use generate::{Hiding, any_expression, hidings, values};
use proptest::prelude::*;
use proptest::test_runner::Config;
use windlass_api::schema::assert_result_compatible;
use windlass_api::value::Data;
use windlass_api::{Marks, Value};

fn config() -> Config {
    Config { max_shrink_iters: 4096, ..crate::syntax::laws::config() }
}

/// Whether all that is said of unknown parts is true of the known ones.
fn said_is_true(early: &Value, late: &Value) -> bool {
    match (early.data(), late.data()) {
        (Data::Unknown(Some(said)), _) => said.allows(late),
        (Data::Fields(early), Data::Fields(late)) => {
            early.iter().all(|(name, early)| late.get(name).is_some_and(|late| said_is_true(early, late)))
        }
        // Elements of sets have no places by which to pair them.
        (Data::Elements(some), Data::Elements(all)) if early.ty() == late.ty() && !matches!(early.ty(), windlass_api::Type::Set(_)) => {
            some.iter().zip(all.iter()).all(|(early, late)| said_is_true(early, late))
        }
        _ => true,
    }
}

fn scope(values: &[(&'static str, Value)]) -> Known {
    Known { variables: values.iter().cloned().collect(), ..Known::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_said_early_is_true_late(text in any_expression(), values in values(), hidings in hidings()) {
        let (late, failed) = run(&text, &scope(&values));
        let hidden: Vec<_> = values.iter().zip(&hidings).map(|((name, value), hiding)| (*name, hiding.hide(value))).collect();
        let (early, failed_early) = run(&text, &scope(&hidden));
        // Planning may find nothing wrong with what fails in the end, but never the other way round.
        if failed.has_errors() {
            return Ok(());
        }
        prop_assert!(!failed_early.has_errors(), "{}: {:?}", hidden_text(&hidden), failed_early);
        let departed = assert_result_compatible(&early.unmarked_deep(), &late.unmarked_deep());
        prop_assert!(departed.is_empty(), "{}: early {:?}, late {:?}: {:?}", hidden_text(&hidden), early, late, departed);
        prop_assert!(said_is_true(&early, &late), "{}: early {:?}, late {:?}", hidden_text(&hidden), early, late);
    }

    #[test]
    fn secrets_do_not_show(text in any_expression(), values in values(), one in "[a-c]{0,3}", two in "[a-c]{0,3}|[0-9]") {
        // Which of its arguments try() and can() get through tells of them, as it does in Terraform.
        if text.contains("try(") || text.contains("can(") {
            return Ok(());
        }
        let result = |secret: &str| {
            let mut values = values.clone();
            values[1].1 = Value::string(secret).with_marks(Marks::SENSITIVE);
            run(&text, &scope(&values))
        };
        let ((first, failed), (second, failed_too)) = (result(&one), result(&two));
        if !failed.has_errors() && !failed_too.has_errors() {
            prop_assert_eq!(shown(&first), shown(&second));
        }
    }

    #[test]
    fn marks_change_no_value(text in any_expression(), values in values()) {
        let (open, failed) = run(&text, &scope(&values));
        let secret: Vec<_> = values.iter().map(|(name, value)| (*name, value.clone().with_marks(Marks::SENSITIVE))).collect();
        let (marked, failed_marked) = run(&text, &scope(&secret));
        // Some places take no secrets: keys of for_each and of objects are told apart there by messages.
        if !failed.has_errors() && !failed_marked.has_errors() {
            prop_assert_eq!(open.unmarked_deep(), marked.unmarked_deep());
        }
    }
}

/// What a reader may see of a value.
fn shown(value: &Value) -> String {
    if value.marks().is_sensitive() {
        return "(sensitive value)".to_owned();
    }
    match value.data() {
        Data::Fields(fields) => format!("{:?}", fields.iter().map(|(name, field)| (name, shown(field))).collect::<Vec<_>>()),
        Data::Elements(elements) => format!("{:?}", elements.iter().map(shown).collect::<Vec<_>>()),
        data => format!("{data:?}"),
    }
}

fn hidden_text(values: &[(&'static str, Value)]) -> String {
    let unknown = values.iter().filter(|(_, value)| !value.is_wholly_known());
    unknown.map(|(name, value)| format!("{name} = {value:?}")).collect::<Vec<_>>().join(", ")
}

/// That hiding hides: what the first law says of nothing it says in vain.
#[test]
fn hidings_are_true_of_what_they_hide() {
    let list = Value::list(windlass_api::Type::Number, vec![Value::int(1), Value::int(2)]);
    for hiding in Hiding::ALL {
        let hidden = hiding.hide(&list);
        assert_eq!(hiding == Hiding::Nothing, hidden.is_wholly_known(), "{hiding:?}");
        assert!(said_is_true(&hidden, &list), "{hiding:?}");
    }
}
