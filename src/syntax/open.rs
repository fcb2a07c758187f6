//! Whether a text goes on: for input line by line.

use super::lexer;
use super::token::TokenKind as Kind;

/// Whether a bracket, a template's part or a heredoc is open at the end of the text, so that more lines belong to it.
pub fn is_open(text: &str) -> bool {
    let mut depth = 0_i64;
    let mut is_unterminated = false;
    for token in lexer::lex(text) {
        match token.kind {
            Kind::OpenBrace | Kind::OpenBracket | Kind::OpenParenthesis | Kind::OpenInterpolation | Kind::OpenDirective => depth += 1,
            Kind::CloseBrace | Kind::CloseBracket | Kind::CloseParenthesis | Kind::CloseSequence => depth -= 1,
            Kind::OpenHeredoc => is_unterminated = true,
            Kind::CloseHeredoc => is_unterminated = false,
            Kind::Unterminated => is_unterminated = true,
            // No line goes on after an open quote.
            Kind::UnterminatedString => return false,
            _ => {}
        }
    }
    depth > 0 || is_unterminated
}

#[cfg(test)]
mod tests {
    use super::is_open;

    #[test]
    fn open_texts_are_told_from_whole_and_broken_ones() {
        for open in ["{", "[1,", "f(1", "<<E\na\n", "<<E\n", "[for x in [1] :", "/* so"] {
            assert!(is_open(open), "{open}");
        }
        for whole in ["", "1 +", "{}", "[1])", "\"${1}\"", "<<E\na\nE\n", "<<E", "\"a", "# {"] {
            assert!(!is_open(whole), "{whole}");
        }
    }
}
