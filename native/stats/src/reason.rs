//! Why a request or connection failed inside the mesh: one vocabulary for metrics, logs and the
//! `Proxy-Status` header.

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $proxy_status:expr, $status:literal;)*) => {
        /// Why a proxy answered in place of the upstream, or gave a request up.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$doc])* $variant,)*
        }

        impl Reason {
            /// Every reason, in order of declaration; `Reason::ALL[reason as usize] == reason`.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in metrics, logs and filters.
            #[inline]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The `error` token of `Proxy-Status` (RFC 9209 section 2.3); none where no response
            /// can carry one, or where the token is that of the last attempt's error.
            #[inline]
            pub const fn proxy_status(self) -> Option<&'static str> {
                match self { $(Self::$variant => $proxy_status,)* }
            }

            /// The HTTP status of the response where the case at hand does not ask for another one.
            #[inline]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }
        }
    };
}

reasons! {
    /// No route matched.
    NoRoute = "no_route", Some("destination_not_found"), 404;
    /// The service has no endpoint that may be used.
    NoHealthyEndpoint = "no_healthy_endpoint", Some("destination_unavailable"), 503;
    /// The endpoint refused the connection.
    ConnectionRefused = "connection_refused", Some("connection_refused"), 503;
    /// The connection was not established in time.
    ConnectionTimeout = "connection_timeout", Some("connection_timeout"), 504;
    /// The upstream closed while the request ran; 503 when it surely was not processed.
    ConnectionTerminated = "connection_terminated", Some("connection_terminated"), 502;
    /// TLS failed.
    TlsProtocolError = "tls_protocol_error", Some("tls_protocol_error"), 502;
    /// The peer proved another identity than the expected one.
    TlsCertificateError = "tls_certificate_error", Some("tls_certificate_error"), 502;
    /// The response was not complete in time.
    ResponseTimeout = "response_timeout", Some("http_response_timeout"), 504;
    /// One attempt took too long.
    AttemptTimeout = "attempt_timeout", Some("http_response_timeout"), 504;
    /// The connection pool or its queue is full.
    PoolOverflow = "pool_overflow", Some("connection_limit_reached"), 503;
    /// A circuit breaker is open.
    BreakerOpen = "breaker_open", Some("connection_limit_reached"), 503;
    /// Every allowed retry failed; the token is that of the last error.
    RetriesExhausted = "retries_exhausted", None, 503;
    /// A rate limit was reached.
    RateLimited = "rate_limited", Some("http_request_denied"), 429;
    /// A policy denies the request.
    PolicyDenied = "policy_denied", Some("http_request_denied"), 403;
    /// The upstream sent what is not a valid message.
    UpstreamProtocolError = "upstream_protocol_error", Some("http_protocol_error"), 502;
    /// The downstream sent what is not a valid message.
    DownstreamProtocolError = "downstream_protocol_error", Some("http_protocol_error"), 400;
    /// The request came back to where it had been.
    LoopDetected = "loop_detected", Some("proxy_loop_detected"), 508;
    /// The downstream left before the response was complete; the status appears in logs only.
    DownstreamGone = "downstream_gone", None, 499;
    /// An injected abort; the status is that of the fault.
    FaultAbort = "fault_abort", Some("proxy_internal_response"), 503;
    /// An injected delay; the status is that of the fault.
    FaultDelay = "fault_delay", Some("proxy_internal_response"), 503;
    /// A name did not resolve.
    DnsError = "dns_error", Some("dns_error"), 503;
    /// A name did not resolve in time.
    DnsTimeout = "dns_timeout", Some("dns_timeout"), 504;
    /// The deadline that came with the request has passed.
    DeadlineExceeded = "deadline_exceeded", Some("http_response_timeout"), 504;
    /// Shed because the proxy or the service has too much to do.
    Overloaded = "overloaded", Some("destination_unavailable"), 503;
    /// A limit of size or time on the request: 408, 413, 414 or, for its head, 431.
    RequestLimit = "request_limit", Some("http_request_error"), 431;
    /// The external authorizer could not be asked.
    AuthorizationUnavailable = "authorization_unavailable", Some("http_request_denied"), 403;
    /// A fault of the proxy itself.
    InternalError = "internal_error", Some("proxy_internal_error"), 500;
    /// The upstream sent bytes that answer no request; its connection is closed, no request is harmed.
    UpstreamUnsolicited = "upstream_unsolicited", None, 502;
    /// The proxy has no configuration yet.
    NotConfigured = "not_configured", Some("proxy_configuration_error"), 503;
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Reason;

    #[test]
    fn names_are_unique_and_reasons_are_numbered_in_order() {
        let names: HashSet<_> = Reason::ALL.iter().map(|reason| reason.name()).collect();
        assert_eq!(names.len(), 29);
        let numbers: Vec<_> = Reason::ALL.iter().map(|reason| *reason as usize).collect();
        assert_eq!(numbers, (0..29).collect::<Vec<_>>());
    }

    #[test]
    fn the_reasons_of_the_first_rows_carry_their_tokens_and_statuses() {
        let row = |reason: Reason| (reason.name(), reason.proxy_status(), reason.status());
        assert_eq!(
            row(Reason::NoRoute),
            ("no_route", Some("destination_not_found"), 404)
        );
        assert_eq!(row(Reason::ConnectionTerminated).2, 502);
        assert_eq!(row(Reason::DownstreamGone), ("downstream_gone", None, 499));
    }
}
