//! Whether a blank stands between two tokens of a line.

use super::Piece;
use crate::syntax::token::TokenKind as Kind;

/// Whether a blank stands between `left` and `right`; `before` is what stands before `left` in its cell. The first rule that
/// fits decides.
pub(super) fn is_spaced(before: Option<Kind>, left: &Piece<'_>, right: &Piece<'_>) -> bool {
    let closes = |piece: &Piece<'_>| piece.depth_change() < 0;
    match (left.kind, right.kind) {
        (_, Kind::Newline) => false,
        (Kind::Identifier, Kind::OpenParenthesis | Kind::DoubleColon) | (Kind::DoubleColon, Kind::Identifier) => false,
        (Kind::Dot, _) | (_, Kind::Dot | Kind::Comma | Kind::Ellipsis) => false,
        (Kind::Comma, _) => true,
        // Text of templates is not ours.
        (Kind::Text | Kind::OpenQuote | Kind::OpenHeredoc, _) | (_, Kind::Text | Kind::CloseQuote | Kind::CloseHeredoc) => false,
        // The `in` of a for expression, whose collection may begin with a bracket.
        (Kind::Identifier, _) if left.text == "in" && before == Some(Kind::Identifier) => true,
        (kind, Kind::OpenBracket) if matches!(kind, Kind::Identifier | Kind::Number) || closes(left) => false,
        (Kind::Not, _) => false,
        (Kind::Minus, _) => !before.is_none_or(begins_operand),
        (Kind::OpenBrace, Kind::CloseBrace) => false,
        (Kind::OpenBrace, _) | (_, Kind::CloseBrace) => true,
        // Braces in the braces of a sequence are kept apart.
        (Kind::OpenInterpolation | Kind::OpenDirective, Kind::OpenBrace) | (Kind::CloseBrace, Kind::CloseSequence) => true,
        (Kind::CloseSequence, Kind::OpenInterpolation | Kind::OpenDirective) => false,
        _ => left.depth_change() <= 0 && !closes(right),
    }
}

/// Whether a minus after it is a sign, not an operator.
fn begins_operand(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::OpenParenthesis
            | Kind::OpenBrace
            | Kind::OpenBracket
            | Kind::Assign
            | Kind::Colon
            | Kind::Comma
            | Kind::Question
            | Kind::Plus
            | Kind::Star
            | Kind::Slash
            | Kind::Percent
            | Kind::Minus
            | Kind::Equal
            | Kind::NotEqual
            | Kind::Greater
            | Kind::GreaterOrEqual
            | Kind::Less
            | Kind::LessOrEqual
            | Kind::And
            | Kind::Or
            | Kind::Not
    )
}
