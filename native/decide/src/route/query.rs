//! The query of a request as `name=value` pairs, percent-encoded (WHATWG URL, section 5.1): `&`
//! separates them, `+` is a space, and what is no escape stands for itself.

/// Value, still encoded, of the first parameter with this name; a parameter without `=` has an
/// empty one. A later parameter of the same name never counts (Gateway API, `HTTPQueryParamMatch`).
pub fn first_value<'q>(query: &'q [u8], name: &[u8]) -> Option<&'q [u8]> {
    query.split(|&byte| byte == b'&').find_map(|pair| {
        let end = memchr::memchr(b'=', pair).unwrap_or(pair.len());
        let named = !pair.is_empty() && decoded(&pair[..end]).eq(name.iter().copied());
        named.then(|| pair.get(end + 1..).unwrap_or_default())
    })
}

/// The bytes that an encoded name or value stands for.
pub fn decoded(encoded: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = encoded;
    std::iter::from_fn(move || {
        let (&first, behind) = rest.split_first()?;
        rest = behind;
        if let (b'%', [high, low, ..]) = (first, behind)
            && let (Some(high), Some(low)) = (digit(*high), digit(*low))
        {
            rest = &behind[2..];
            return Some(high << 4 | low);
        }
        Some(if first == b'+' { b' ' } else { first })
    })
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::{decoded, first_value};

    #[test]
    fn the_first_parameter_of_a_name_counts() {
        assert_eq!(first_value(b"a=1&b=2&a=3", b"a"), Some(&b"1"[..]));
        assert_eq!(first_value(b"a=1&b=2", b"b"), Some(&b"2"[..]));
        assert_eq!(first_value(b"ab=1", b"a"), None);
        assert_eq!(first_value(b"", b"a"), None);
    }

    #[test]
    fn a_value_may_be_missing_empty_or_hold_an_equals_sign() {
        assert_eq!(first_value(b"a&b", b"a"), Some(&b""[..]));
        assert_eq!(first_value(b"a=&b", b"a"), Some(&b""[..]));
        assert_eq!(first_value(b"a=b=c", b"a"), Some(&b"b=c"[..]));
    }

    #[test]
    fn names_and_values_are_compared_as_they_are_meant() {
        assert_eq!(first_value(b"n%61me=1", b"name"), Some(&b"1"[..]));
        assert_eq!(text(b"a%20b+c%2Bd"), "a b c+d");
        assert_eq!(text(b"100%&%4"), "100%&%4");
        assert_eq!(text(b"%zz"), "%zz");
    }

    fn text(encoded: &[u8]) -> String {
        decoded(encoded).map(char::from).collect()
    }
}
