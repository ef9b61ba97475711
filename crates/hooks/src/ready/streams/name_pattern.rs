//! Names of streams with stars in them: [`NamePattern`].

use std::fmt;

/// Names of streams: one, or many by `*` and `**`.
///
/// The whole name must match, letter for letter; case counts. There is no way to write a star that means itself.
///
/// - `*` stands for any letters but `:` and `/`, or for none. So `*` covers every plain name and no URL: a client that
///   may play `*` cannot make WCS pull `rtsp://…`, `rtmp://…` or `vod://…`.
/// - In a pattern with `://` in it, `*` does not stand for `?`, `#`, `@` and `\` either, so that it stays within its
///   part of the URL: `rtsp://*.example.com/live` covers no other host.
/// - `**` stands for anything, URLs of all the world included.
///
/// ```
/// use wcs_hooks::ready::NamePattern;
///
/// let matches = |pattern: &str, name| NamePattern::new(pattern).matches(name);
/// assert!(matches("studio-*", "studio-1") && matches("*-low", "a-low") && matches("*", "b4e7"));
/// assert!(!matches("studio-*", "Studio-1") && !matches("*", "rtsp://camera/1"));
/// assert!(matches("rtsp://camera/*", "rtsp://camera/1") && !matches("rtsp://camera/*", "rtsp://camera/1/2"));
/// assert!(matches("rtsp://camera/**", "rtsp://camera/1/2") && matches("**", "rtsp://camera/1"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct NamePattern {
    pieces: Vec<Piece>,
    is_url: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Letter(char),
    /// `*`
    Part,
    /// `**`
    Anything,
}

impl NamePattern {
    /// The names that `pattern` covers. Every text is a pattern; the empty one covers the empty name.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        let mut pieces = Vec::new();
        for letter in pattern.chars() {
            match (letter, pieces.last_mut()) {
                ('*', Some(last)) if *last == Piece::Part => *last = Piece::Anything,
                ('*', _) => pieces.push(Piece::Part),
                _ => pieces.push(Piece::Letter(letter)),
            }
        }
        Self { pieces, is_url: pattern.contains("://") }
    }

    /// Whether it covers a name. Takes time in proportion to the lengths of both multiplied, at worst.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        // Which beginnings of the pattern cover what has been read of the name.
        let mut reached = vec![false; self.pieces.len() + 1];
        reached[0] = true;
        self.pass_empty_stars(&mut reached);
        for letter in name.chars() {
            reached = self.step(&reached, letter);
            if !reached.contains(&true) {
                return false;
            }
        }
        reached.last() == Some(&true)
    }

    fn step(&self, reached: &[bool], letter: char) -> Vec<bool> {
        let mut next = vec![false; reached.len()];
        let from = self.pieces.iter().enumerate().filter(|(at, _)| reached[*at]);
        for (at, piece) in from {
            match piece {
                Piece::Letter(this) => next[at + 1] |= *this == letter,
                Piece::Part => next[at] |= self.part_has(letter),
                Piece::Anything => next[at] = true,
            }
        }
        self.pass_empty_stars(&mut next);
        next
    }

    fn pass_empty_stars(&self, reached: &mut [bool]) {
        for (at, piece) in self.pieces.iter().enumerate() {
            if reached[at] && matches!(piece, Piece::Part | Piece::Anything) {
                reached[at + 1] = true;
            }
        }
    }

    fn part_has(&self, letter: char) -> bool {
        match letter {
            ':' | '/' => false,
            '?' | '#' | '@' | '\\' => !self.is_url,
            _ => true,
        }
    }
}

/// As it was written.
impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Letter(letter) => write!(f, "{letter}")?,
                Piece::Part => f.write_str("*")?,
                Piece::Anything => f.write_str("**")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

#[cfg(test)]
mod tests;
