//! Command line options of the form `--name value`, checked against the names a program knows.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;
use std::str::FromStr;

/// A mistake on the command line, in words.
#[derive(Debug, PartialEq, Eq)]
pub struct UsageError(pub String);

impl fmt::Display for UsageError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl Error for UsageError {}

/// Options in the order given; every name is one that the program knows.
#[derive(Debug)]
pub struct Arguments {
    pairs: Vec<(String, String)>,
}

impl Arguments {
    /// Reads `--name value` pairs. A name that ends in `!` in `known` is a switch without value.
    pub fn parse(
        words: impl IntoIterator<Item = String>,
        known: &[&str],
    ) -> Result<Self, UsageError> {
        let mut words = words.into_iter();
        let mut pairs = Vec::new();
        while let Some(word) = words.next() {
            let name = word.strip_prefix("--").unwrap_or_default().to_owned();
            let value = if known.contains(&format!("{name}!").as_str()) {
                String::new()
            } else if known.contains(&name.as_str()) {
                let missing = || UsageError(format!("--{name} needs a value"));
                words.next().ok_or_else(missing)?
            } else {
                let names = known.iter().map(|name| name.trim_end_matches('!'));
                let names = names.collect::<Vec<_>>().join(", --");
                return Err(UsageError(format!(
                    "unknown option {word}; known: --{names}"
                )));
            };
            pairs.push((name, value));
        }
        Ok(Self { pairs })
    }

    /// Whether a switch was given.
    pub fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(given, _)| given == name)
    }

    /// Every value of a repeatable option.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let matching = self.pairs.iter().filter(move |(given, _)| given == name);
        matching.map(|(_, value)| value.as_str())
    }

    /// The last value of an option, if it was given.
    pub fn get<T: FromStr>(&self, name: &str) -> Result<Option<T>, UsageError> {
        let Some(value) = self.all(name).last() else {
            return Ok(None);
        };
        let parsed = value.parse().map(Some);
        parsed.map_err(|_| UsageError(format!("--{name} cannot be `{value}`")))
    }

    /// The last value of an option, or `default`.
    pub fn get_or<T: FromStr>(&self, name: &str, default: T) -> Result<T, UsageError> {
        Ok(self.get(name)?.unwrap_or(default))
    }

    /// The last value of an option that must be given.
    pub fn required<T: FromStr>(&self, name: &str) -> Result<T, UsageError> {
        let missing = || UsageError(format!("--{name} is required"));
        self.get(name)?.ok_or_else(missing)
    }
}

/// Ends a program: 0, or the error on standard error and 1, or 2 for a mistake in its use.
pub fn exit_with(result: Result<(), Box<dyn Error>>) -> ExitCode {
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    eprintln!("error: {error}");
    ExitCode::from(if error.is::<UsageError>() { 2 } else { 1 })
}

#[cfg(test)]
mod tests {
    use super::Arguments;

    fn parse(words: &[&str]) -> Result<Arguments, super::UsageError> {
        let words = words.iter().map(|&word| word.to_owned());
        Arguments::parse(words, &["port", "header", "handshake!"])
    }

    #[test]
    fn the_last_value_wins_and_repeated_values_are_kept() {
        let given = parse(&[
            "--port", "1", "--header", "a", "--port", "2", "--header", "b",
        ]);
        let given = given.unwrap();
        assert_eq!(given.get::<u16>("port"), Ok(Some(2)));
        assert_eq!(given.all("header").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn a_switch_takes_no_value() {
        let given = parse(&["--handshake", "--port", "7"]).unwrap();
        assert!(given.has("handshake"));
        assert_eq!(given.required::<u16>("port"), Ok(7));
    }

    #[test]
    fn unknown_names_missing_values_and_wrong_values_are_usage_errors() {
        assert!(parse(&["--prot", "1"]).is_err());
        assert!(parse(&["port"]).is_err());
        assert!(parse(&["--port"]).is_err());
        assert!(
            parse(&["--port", "many"])
                .unwrap()
                .get::<u16>("port")
                .is_err()
        );
        assert!(parse(&[]).unwrap().required::<u16>("port").is_err());
    }
}
