//! Regular expressions of matches (Gateway API leaves their dialect open): linear in time, bounded in memory, and of
//! bytes rather than characters.
//!
//! The dialect is the one that `src/lib/pattern.ts` reads at the door; it is a part of what the engine here takes, and
//! its bound on the size is the tighter one, so a pattern that passed there compiles.

use std::fmt;

use regex_automata::meta::{Cache, Config, Regex};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};

/// Longest pattern in characters.
pub const PATTERN_CHARACTERS_MAX: usize = 1024;
/// Most memory of a compiled pattern: of its automaton with one step per character, and again of the faster one with
/// all steps worked out, which is done without when it is larger.
pub const PATTERN_BYTES_MAX: usize = 64 * 1024;
/// States of the first automaton up to which the second is tried; more are many steps to work out on each publication.
const WORKED_OUT_STATES_MAX: usize = 256;

/// A compiled regular expression; cheap to clone. It holds for a value when it matches all of it.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

/// Memory that matching needs, made beforehand and kept by one thread: a match allocates nothing and locks nothing.
#[derive(Debug)]
pub struct PatternCache(Cache);

impl Pattern {
    /// Compiles a pattern.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        if text.chars().count() > PATTERN_CHARACTERS_MAX {
            return Err(PatternError::TooLong);
        }
        let syntax = syntax::Config::new().unicode(false).utf8(false);
        // By itself first, so that its parentheses cannot reach beyond those put around it.
        syntax::parse_with(text, &syntax).map_err(|error| PatternError::Syntax {
            message: error.to_string(),
        })?;
        let regex = Regex::builder()
            .syntax(syntax)
            .configure(limits())
            .build(&format!("^(?:{text})$"));
        regex.map(Self).map_err(|_| PatternError::TooLarge)
    }

    /// What [`Pattern::matches`] needs.
    pub fn cache(&self) -> PatternCache {
        PatternCache(self.0.create_cache())
    }

    /// Whether the whole value satisfies the pattern. Takes time in proportion to its length. `cache` comes from this
    /// pattern.
    pub fn matches(&self, cache: &mut PatternCache, value: &[u8]) -> bool {
        let input = Input::new(value).anchored(Anchored::Yes).earliest(true);
        self.0.search_half_with(&mut cache.0, &input).is_some()
    }
}

/// Without the engines that allocate while they match.
fn limits() -> Config {
    Regex::config()
        .utf8_empty(false)
        .nfa_size_limit(Some(PATTERN_BYTES_MAX))
        .hybrid(false)
        .backtrack(false)
        .onepass(false)
        .dfa(true)
        .dfa_size_limit(Some(PATTERN_BYTES_MAX))
        .dfa_state_limit(Some(WORKED_OUT_STATES_MAX))
}

/// Why a text is no pattern. It is always the writer who erred.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatternError {
    /// It has more than [`PATTERN_CHARACTERS_MAX`] characters.
    TooLong,
    /// It takes more than [`PATTERN_BYTES_MAX`] when compiled.
    TooLarge,
    /// It is not well formed, or asks for what no linear engine can do.
    Syntax {
        /// What the parser met, on several lines.
        message: String,
    },
}

impl fmt::Display for PatternError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(
                formatter,
                "has more than {PATTERN_CHARACTERS_MAX} characters"
            ),
            Self::TooLarge => write!(formatter, "takes more than {PATTERN_BYTES_MAX} bytes"),
            Self::Syntax { message } => write!(formatter, "is not well formed: {message}"),
        }
    }
}

impl std::error::Error for PatternError {}

#[cfg(test)]
mod tests {
    use super::{PATTERN_CHARACTERS_MAX, Pattern, PatternError};

    #[test]
    fn the_whole_value_has_to_match() {
        assert!(holds("/v[0-9]+", "/v12"));
        assert!(!holds("/v[0-9]+", "/v12/"));
        assert!(!holds("/v[0-9]+", "a/v12"));
        assert!(holds("a|ab", "ab"));
        assert!(!holds("a|b", "ab"));
    }

    #[test]
    fn classes_are_those_of_ascii_and_a_value_may_hold_any_byte() {
        assert!(holds(r"\w\d\s.", "a1 x"));
        let pattern = Pattern::new("a.c").unwrap();
        assert!(pattern.matches(&mut pattern.cache(), b"a\xffc"));
        assert!(holds("(?i)beta", "BeTa"));
    }

    #[test]
    fn parentheses_do_not_reach_beyond_the_pattern() {
        assert!(matches!(error("a)|(b"), PatternError::Syntax { .. }));
    }

    #[test]
    fn what_takes_more_than_linear_time_is_refused() {
        assert!(matches!(error(r"(a)\1"), PatternError::Syntax { .. }));
        assert!(matches!(error("(?=a)"), PatternError::Syntax { .. }));
    }

    #[test]
    fn length_and_size_have_limits() {
        let longest = "a".repeat(PATTERN_CHARACTERS_MAX);
        assert!(holds(&longest, &longest));
        assert_eq!(error(&format!("{longest}a")), PatternError::TooLong);
        assert_eq!(error("(a{100}){100}"), PatternError::TooLarge);
    }

    #[test]
    fn a_pattern_with_very_many_states_is_matched_step_by_step() {
        let many = "(a|b)*a(a|b){60}";
        assert!(holds(many, &format!("ba{}", "b".repeat(60))));
        assert!(!holds(many, &format!("bb{}", "b".repeat(60))));
    }

    fn holds(pattern: &str, value: &str) -> bool {
        let pattern = Pattern::new(pattern).unwrap();
        pattern.matches(&mut pattern.cache(), value.as_bytes())
    }

    fn error(pattern: &str) -> PatternError {
        Pattern::new(pattern).unwrap_err()
    }
}
