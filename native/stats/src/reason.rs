//! Why a request or connection failed inside the mesh: one vocabulary for metrics, logs, the `Proxy-Status` header
//! (RFC 9209), gRPC and `heddle explain`. The rows are in `table.rs`; TypeScript and the document get them from there.

mod table;

#[cfg(test)]
mod generated;

pub use table::Reason;

/// Every way in which a reason is spelled, and what a person is told about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spelling {
    /// The name in metrics, logs and filters.
    pub name: &'static str,
    /// What `heddle explain` is asked for.
    pub code: &'static str,
    /// HTTP statuses it may come with; the first where the case at hand does not ask for another one.
    pub statuses: &'static [u16],
    /// The `error` token of `Proxy-Status` (RFC 9209 section 2.3); none where no response can carry one, or where the
    /// token is that of the last attempt's error.
    pub proxy_status: Option<&'static str>,
    /// Envoy's response flag; none where Envoy has none.
    pub flag: Option<&'static str>,
    /// gRPC status; none where the HTTP status decides or no response is sent.
    pub grpc_status: Option<u8>,
    /// What happened, as a sentence.
    pub means: &'static str,
    /// Where to look.
    pub look: &'static str,
    /// How to end it.
    pub fix: &'static str,
}

impl Reason {
    /// The name in metrics, logs and filters.
    #[inline]
    pub const fn name(self) -> &'static str {
        self.spelling().name
    }

    /// The HTTP status of the response where the case at hand does not ask for another one.
    #[inline]
    pub const fn status(self) -> u16 {
        self.spelling().statuses[0]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Reason;

    #[test]
    fn names_and_codes_are_unique_and_reasons_are_numbered_in_order() {
        let all = Reason::ALL;
        let names: HashSet<_> = all.iter().map(|reason| reason.name()).collect();
        let codes: HashSet<_> = all.iter().map(|reason| reason.spelling().code).collect();
        assert_eq!((names.len(), codes.len()), (all.len(), all.len()));
        let numbers: Vec<_> = all.iter().map(|reason| *reason as usize).collect();
        assert_eq!(numbers, (0..all.len()).collect::<Vec<_>>());
    }

    #[test]
    fn every_row_is_fit_for_a_header_and_for_a_person() {
        let is_word = |text: &str, also: fn(u8) -> bool| {
            !text.is_empty() && text.bytes().all(|byte| byte == b'_' || also(byte))
        };
        for row in Reason::ALL.iter().map(|reason| reason.spelling()) {
            assert!(is_word(row.name, |byte| byte.is_ascii_lowercase()));
            assert!(
                row.proxy_status
                    .is_none_or(|token| is_word(token, |byte| byte.is_ascii_lowercase()))
            );
            assert!(
                row.flag
                    .is_none_or(|flag| is_word(flag, |byte| byte.is_ascii_uppercase()))
            );
            assert!(
                row.code.len() == 7 && row.code.starts_with("HED1"),
                "{}",
                row.code
            );
            assert!(
                row.statuses
                    .iter()
                    .all(|status| (400..600).contains(status))
            );
            for text in [row.means, row.look, row.fix] {
                assert!(text.is_ascii() && text.ends_with('.'), "{text}");
            }
        }
    }

    #[test]
    fn the_reasons_of_the_first_rows_carry_their_tokens_and_statuses() {
        let row = |reason: Reason| {
            let spelling = reason.spelling();
            (
                spelling.name,
                spelling.proxy_status,
                spelling.flag,
                reason.status(),
            )
        };
        assert_eq!(
            row(Reason::NoRoute),
            ("no_route", Some("destination_not_found"), Some("NR"), 404)
        );
        assert_eq!(row(Reason::ConnectionTerminated).3, 502);
        assert_eq!(
            row(Reason::DownstreamGone),
            ("downstream_gone", None, Some("DC"), 499)
        );
    }
}
