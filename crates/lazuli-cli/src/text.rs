//! Text on its way to a terminal.

use std::borrow::Cow;

/// The text with its control characters written out: shown, not obeyed.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut visible = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if character.is_control() {
            visible.extend(character.escape_default());
        } else {
            visible.push(character);
        }
    }
    Cow::Owned(visible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown() {
        assert_eq!(visible("a\tb\u{1b}[31m\u{9b}é"), "a\\tb\\u{1b}[31m\\u{9b}é");
        assert!(matches!(visible("夜 \"é\""), Cow::Borrowed(_)));
    }
}
