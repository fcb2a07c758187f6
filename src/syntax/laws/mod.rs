//! Laws of text and tree that hold whatever the tree is, tried on random ones, written down in random ways.
//!
//! The same trees are tried each time; `PROPTEST_CASES=10000` tries more, `PROPTEST_RNG_SEED=7` others.

mod generate;
mod print;

use super::ast::{Body, Expression, ExpressionKind, TemplatePart};
use super::shown::{show, show_body};
use super::{format, parse_expression, parse_file};
use crate::diagnostic::SourceId;
use generate::{any_body, any_expression};
use print::{Style, printed, printed_body};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use std::sync::Arc;

const SOURCE: SourceId = SourceId(0);

/// How often each law is tried, and from which seed; for the laws of other modules, too.
pub(crate) fn config() -> Config {
    let config = Config::default();
    let rng_seed = match config.rng_seed {
        RngSeed::Random => RngSeed::Fixed(1),
        given => given,
    };
    // What fails prints itself; the seed finds it again.
    Config { rng_seed, failure_persistence: None, ..config }
}

fn choices() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 1..60)
}

fn parsed(text: &str) -> Body {
    let (body, found) = parse_file(SOURCE, text);
    assert!(found.is_empty(), "{text}\n{found:?}");
    body
}

/// The body with what the formatter may unwrap unwrapped: an argument that is nothing but `"${x}"` becomes `x`, or `(x)` on several lines.
fn unwrapped(mut body: Body) -> Body {
    for attribute in &mut body.attributes {
        attribute.value = Arc::new(unwrapped_value((*attribute.value).clone()));
    }
    body.blocks = body.blocks.into_iter().map(|block| super::Block { body: unwrapped(block.body), ..block }).collect();
    body
}

fn unwrapped_value(value: Expression) -> Expression {
    match value.kind {
        ExpressionKind::Parenthesis(inner) => unwrapped_value(*inner),
        ExpressionKind::Template(parts) if matches!(&parts[..], [TemplatePart::Interpolation(_)]) => {
            let [TemplatePart::Interpolation(inner)] = <[TemplatePart; 1]>::try_from(parts).expect("one part") else {
                unreachable!("it is one")
            };
            unwrapped_value(inner)
        }
        kind => Expression { kind, ..value },
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_written_is_read(tree in any_expression(), choices in choices()) {
        let text = printed(&tree, &mut Style::new(&choices, true));
        let read = parse_expression(SOURCE, &text, 0);
        prop_assert_eq!(read.map(|read| show(&read)).map_err(|found| format!("{text}\n{found:?}")), Ok(show(&tree)));
    }

    #[test]
    fn files_that_are_written_are_read(tree in any_body(), choices in choices()) {
        let text = printed_body(&tree, &mut Style::new(&choices, false));
        let (read, found) = parse_file(SOURCE, &text);
        prop_assert!(found.is_empty(), "{}\n{:?}", text, found);
        prop_assert_eq!(show_body(&read), show_body(&tree), "{}", text);
    }

    #[test]
    fn formatting_changes_no_meaning_and_is_done_at_once(tree in any_body(), choices in choices()) {
        let text = printed_body(&tree, &mut Style::new(&choices, false));
        let once = format(SOURCE, &text).unwrap_or_else(|found| panic!("{text}\n{found:?}"));
        prop_assert_eq!(show_body(&unwrapped(parsed(&once))), show_body(&unwrapped(tree)), "{}\n{}", text, once);
        let twice = format(SOURCE, &once).unwrap_or_else(|found| panic!("{once}\n{found:?}"));
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn no_text_is_too_broken_to_be_told(tree in any_body(), choices in choices(), cut in any::<prop::sample::Index>(), insert in "[\"{}\\[\\]()$%=,\n<EOT~.*?:]{0,4}") {
        let text = printed_body(&tree, &mut Style::new(&choices, false));
        let places: Vec<usize> = text.char_indices().map(|(place, _)| place).chain([text.len()]).collect();
        let place = places[cut.index(places.len())];
        let broken = std::format!("{}{insert}{}", &text[..place], &text[place..]);
        let (_, found) = parse_file(SOURCE, &broken);
        for message in &found.0 {
            let range = message.subject.expect("a place");
            prop_assert!(range.start <= range.end && range.end as usize <= broken.len());
            prop_assert!(broken.is_char_boundary(range.start as usize) && broken.is_char_boundary(range.end as usize));
        }
    }
}
