//! The rows of the vocabulary. A new reason is one row here and `npm run generate`.

use super::Spelling;

macro_rules! reasons {
    ($($variant:ident {
        $name:literal, $code:literal, $statuses:expr, $proxy_status:expr, $flag:expr, $grpc:expr,
        means: $means:literal,
        look: $look:literal,
        fix: $fix:literal,
    })*) => {
        /// Why a proxy answered in place of the upstream, or gave a request up.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Reason {
            $(#[doc = $means] $variant,)*
        }

        impl Reason {
            /// Every reason, in order of declaration; `Reason::ALL[reason as usize] == reason`.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its row.
            #[inline]
            pub const fn spelling(self) -> &'static Spelling {
                &SPELLINGS[self as usize]
            }
        }

        static SPELLINGS: [Spelling; Reason::ALL.len()] = [$(Spelling {
            name: $name,
            code: $code,
            statuses: &$statuses,
            proxy_status: $proxy_status,
            flag: $flag,
            grpc_status: $grpc,
            means: $means,
            look: $look,
            fix: $fix,
        },)*];
    };
}

// Name, code, statuses, `Proxy-Status` error, Envoy's flag, gRPC status; then what a person is told.
reasons! {
    NoRoute {
        "no_route", "HED1201", [404], Some("destination_not_found"), Some("NR"), Some(12),
        means: "No route matches the request.",
        look: "`heddle config view --resolved`: the rules of the listener's service, and the request's method, path and headers.",
        fix: "Add a rule that matches, or one with the path prefix / for everything else.",
    }
    NoHealthyEndpoint {
        "no_healthy_endpoint", "HED1203", [503], Some("destination_unavailable"), Some("UH"), Some(14),
        means: "The service has no endpoint that may be used.",
        look: "`heddle stat` and the service's port, replicas or endpoints; a name that does not resolve is a warning of the agent.",
        fix: "Start the program, correct its addresses, or give a backend of the rule a weight above 0.",
    }
    ConnectionRefused {
        "connection_refused", "HED1204", [503], Some("connection_refused"), Some("UF"), Some(14),
        means: "The endpoint refused the connection.",
        look: "The address in next-hop: `ss -ltn` on its host shows whether something listens there.",
        fix: "Start the program, or correct port, replicas or endpoints of the service.",
    }
    ConnectionTimeout {
        "connection_timeout", "HED1205", [504], Some("connection_timeout"), Some("UF"), Some(14),
        means: "The connection to the endpoint was not established in time.",
        look: "The address in next-hop: a host that is down, a packet filter, or a program that does not accept.",
        fix: "Make the address reachable, or raise timeouts.connect of the service.",
    }
    ConnectionTerminated {
        "connection_terminated", "HED1301", [502, 503], Some("connection_terminated"), Some("UC"), Some(14),
        means: "The upstream closed the connection before its response was complete.",
        look: "The log of the program at next-hop at that time: a crash, a restart, or a keep-alive timeout of its own.",
        fix: "Let the program finish what runs before it ends, and keep idle connections longer than 55 s.",
    }
    TlsProtocolError {
        "tls_protocol_error", "HED1206", [502], Some("tls_protocol_error"), Some("UF"), Some(14),
        means: "TLS with the endpoint failed.",
        look: "Whether the endpoint speaks TLS, and which versions and certificates it offers.",
        fix: "Correct the protocol of the service or the TLS settings of the endpoint.",
    }
    TlsCertificateError {
        "tls_certificate_error", "HED1207", [502], Some("tls_certificate_error"), Some("UF"), Some(14),
        means: "The endpoint proved another identity than the expected one.",
        look: "The reason in details, and the certificate that the endpoint shows.",
        fix: "Give the endpoint a certificate of the expected identity; never switch the check off.",
    }
    ResponseTimeout {
        "response_timeout", "HED1302", [504], Some("http_response_timeout"), Some("UT"), Some(14),
        means: "The response was not complete in time.",
        look: "Latency of the service in `heddle stat`, and what the program waits for.",
        fix: "Make the program faster, or raise timeouts.request of the service.",
    }
    StreamIdle {
        "stream_idle", "HED1308", [504], Some("http_response_timeout"), Some("SI"), Some(14),
        means: "Nothing moved in either direction of the request and its response, or of the relayed connection, for too long.",
        look: "Whether the program still works on the request, and whether its caller still reads; a relayed connection that one side has closed gets a minute.",
        fix: "Let the program send something now and then, or raise timeouts.streamIdle of the service.",
    }
    AttemptTimeout {
        "attempt_timeout", "HED1303", [504], Some("http_response_timeout"), Some("UT"), Some(14),
        means: "One attempt took longer than an attempt may.",
        look: "Latency of the service in `heddle stat`, and whether one endpoint alone is slow.",
        fix: "Make the program faster, or raise timeouts.backendRequest of the rule.",
    }
    PoolOverflow {
        "pool_overflow", "HED1208", [503], Some("connection_limit_reached"), Some("UO"), Some(14),
        means: "The connections to the endpoint, or the requests that wait for one, are as many as may be.",
        look: "`heddle_connections` and the latency of the service: slow answers hold connections.",
        fix: "Add replicas, or make the program answer faster.",
    }
    BreakerOpen {
        "breaker_open", "HED1209", [503], Some("connection_limit_reached"), Some("UO"), Some(14),
        means: "The circuit breaker of the service is open.",
        look: "What made it open: errors and latency of the service just before.",
        fix: "Cure the service; the breaker closes by itself.",
    }
    RetriesExhausted {
        "retries_exhausted", "HED1306", [503], None, Some("URX"), Some(14),
        means: "Every allowed attempt failed.",
        look: "`Proxy-Status` names the error of the last attempt.",
        fix: "Cure that error; more attempts only add load.",
    }
    RateLimited {
        "rate_limited", "HED1402", [429], Some("http_request_denied"), Some("RL"), Some(14),
        means: "A rate limit was reached.",
        look: "Which caller sends so much, and the limit that is configured.",
        fix: "Send less, after the time in Retry-After where there is one, or raise the limit.",
    }
    PolicyDenied {
        "policy_denied", "HED1401", [403], Some("http_request_denied"), Some("UAEX"), Some(7),
        means: "A policy denies the request.",
        look: "The policy of the destination and who the caller is.",
        fix: "Allow the caller, if it ought to be allowed.",
    }
    UpstreamProtocolError {
        "upstream_protocol_error", "HED1305", [502], Some("http_protocol_error"), Some("UPE"), Some(14),
        means: "The upstream sent what is not a valid response.",
        look: "Whether the endpoint at next-hop speaks HTTP/1.1 on this port, and without TLS.",
        fix: "Correct the protocol or port of the service, or the program's response.",
    }
    DownstreamProtocolError {
        "downstream_protocol_error", "HED1101", [400, 405, 417, 501, 505], Some("http_protocol_error"), Some("DPE"), Some(13),
        means: "The request breaks a rule of HTTP.",
        look: "The rule is named in details; RFC 9112 and RFC 9110 explain it.",
        fix: "Correct the client; there is no switch for leniency.",
    }
    LoopDetected {
        "loop_detected", "HED1104", [508], Some("proxy_loop_detected"), None, Some(2),
        means: "The request came back to where it had been.",
        look: "The Via fields of the request, and where the routes and endpoints of the service lead.",
        fix: "Point the endpoints at the program, not at a listener of the mesh.",
    }
    DownstreamGone {
        "downstream_gone", "HED1103", [499], None, Some("DC"), None,
        means: "The client left before the response was complete.",
        look: "The time-out of the client against the latency of the service in `heddle stat`.",
        fix: "Make the service faster or the client more patient; a person who closed a page is no fault.",
    }
    FaultAbort {
        "fault_abort", "HED1405", [503], Some("proxy_internal_response"), Some("FI"), None,
        means: "A fault that is injected on purpose ended the request.",
        look: "The fault in the configuration; its status is the one that was sent.",
        fix: "Remove the fault when the experiment is over.",
    }
    FaultDelay {
        "fault_delay", "HED1406", [503], Some("proxy_internal_response"), Some("DI"), None,
        means: "A delay that is injected on purpose ended the request.",
        look: "The fault in the configuration.",
        fix: "Remove the fault when the experiment is over.",
    }
    DnsError {
        "dns_error", "HED1210", [503], Some("dns_error"), Some("DF"), Some(14),
        means: "The name of the endpoint does not resolve.",
        look: "`getent hosts NAME` on the host of the agent.",
        fix: "Correct the name or the DNS server.",
    }
    DnsTimeout {
        "dns_timeout", "HED1211", [504], Some("dns_timeout"), Some("DF"), Some(14),
        means: "The name of the endpoint did not resolve in time.",
        look: "The DNS server of the agent's host.",
        fix: "Make the DNS server reachable.",
    }
    DeadlineExceeded {
        "deadline_exceeded", "HED1304", [504], Some("http_response_timeout"), Some("UT"), Some(4),
        means: "The deadline of the request, or of the draining proxy, has passed.",
        look: "The deadline that the caller set, or the drain timeout of the agent that was ended.",
        fix: "Give the request, or the drain, more time.",
    }
    Overloaded {
        "overloaded", "HED1404", [503], Some("destination_unavailable"), Some("OM"), Some(14),
        means: "The proxy has no descriptor, port or memory left for the request.",
        look: "`ulimit -n` of the agent, its open connections in `heddle_connections`, and its memory.",
        fix: "Raise the limit, or spread the load over more agents.",
    }
    RequestLimit {
        "request_limit", "HED1102", [431, 408, 413, 414], Some("http_request_error"), None, Some(2),
        means: "The request exceeds a limit of size or time.",
        look: "The limit is named in details.",
        fix: "Send a smaller head or target, or send it faster.",
    }
    ClientTooSlow {
        "client_too_slow", "HED1105", [408], Some("http_request_error"), None, Some(2),
        means: "The client held an exchange up while others needed its connection to the endpoint.",
        look: "heddle_limits_reached_total{limit=\"made_room\"}, and who sends bodies or takes responses slowly.",
        fix: "Let the client send and read faster, or add replicas.",
    }
    AuthorizationUnavailable {
        "authorization_unavailable", "HED1403", [403], Some("http_request_denied"), Some("UAEX"), Some(7),
        means: "The external authorizer could not be asked.",
        look: "Whether the authorizer runs and is reachable from the agent.",
        fix: "Make it reachable; requests are denied until it is.",
    }
    InternalError {
        "internal_error", "HED1901", [500], Some("proxy_internal_error"), None, Some(2),
        means: "The proxy cannot carry the request out: its rule leads to a backend that does not exist, or the proxy is at fault.",
        look: "`heddle lint`: a backend that names nothing is a warning.",
        fix: "Correct the backendRef; if there is none to correct, report a bug with the request id.",
    }
    UpstreamUnsolicited {
        "upstream_unsolicited", "HED1307", [502], None, None, None,
        means: "The upstream sent bytes that answer no request; its connection is closed, no request is harmed.",
        look: "A response that is longer than its Content-Length, or a message before closing.",
        fix: "Correct the length that the program declares.",
    }
    NotConfigured {
        "not_configured", "HED1902", [503], Some("proxy_configuration_error"), None, Some(14),
        means: "The listener of the connection is no longer configured.",
        look: "Whether the listener was removed or moved a moment ago.",
        fix: "Connect again, to an address that is configured.",
    }
}
