// Every way in which the proxy itself ends a request, with its spellings: the name (Rust, TypeScript, logs), the
// `Proxy-Status` error of RFC 9209, Envoy's response flag, and the HTTP statuses it may come with.

export interface ErrorSpelling {
  name: string;
  /** Absent where no response can be sent any more. */
  proxyStatus: string | undefined;
  /** `-` where Envoy has no flag. */
  flag: string;
  /** Empty where the configuration chooses it. */
  statuses: readonly number[];
}

export const errorVocabulary: readonly ErrorSpelling[] = [
  row("no_route", "destination_not_found", "NR", [404]),
  row("no_healthy_endpoint", "destination_unavailable", "UH", [503]),
  row("connection_refused", "connection_refused", "UF", [503]),
  row("connection_timeout", "connection_timeout", "UF", [504]),
  row("connection_terminated", "connection_terminated", "UC", [502, 503]),
  row("tls_protocol_error", "tls_protocol_error", "UF", [502]),
  row("tls_certificate_error", "tls_certificate_error", "UF", [502]),
  row("response_timeout", "http_response_timeout", "UT", [504]),
  row("attempt_timeout", "http_response_timeout", "UT", [504]),
  row("pool_overflow", "connection_limit_reached", "UO", [503]),
  row("breaker_open", "connection_limit_reached", "UO", [503]),
  row("retries_exhausted", "connection_terminated", "URX", [503]),
  row("rate_limited", "http_request_denied", "RL", [429]),
  row("policy_denied", "http_request_denied", "UAEX", [403]),
  row("upstream_protocol_error", "http_protocol_error", "UPE", [502]),
  row("downstream_protocol_error", "http_protocol_error", "DPE", [400]),
  row("loop_detected", "proxy_loop_detected", "-", [508]),
  row("downstream_gone", undefined, "DC", [499]),
  row("fault_abort", "proxy_internal_response", "FI", []),
  row("fault_delay", "proxy_internal_response", "DI", []),
  row("dns_error", "dns_error", "DF", [503]),
  row("dns_timeout", "dns_timeout", "DF", [504]),
  row("deadline_exceeded", "http_response_timeout", "UT", [504]),
  row("overloaded", "destination_unavailable", "OM", [503]),
  row("request_limit", "http_request_error", "-", [408, 413, 414, 431]),
  row("authorization_unavailable", "http_request_denied", "UAEX", [403]),
  row("internal_error", "proxy_internal_error", "-", [500]),
  row("not_configured", "proxy_configuration_error", "-", [503]),
];

/** Envoy's flag for an error name; `-` when the upstream answered, as Envoy writes it. */
export function responseFlag(error: string | undefined): string {
  if (error === undefined) return "-";
  return errorVocabulary.find((spelling) => spelling.name === error)?.flag ?? "-";
}

function row(
  name: string,
  proxyStatus: string | undefined,
  flag: string,
  statuses: number[],
): ErrorSpelling {
  return { name, proxyStatus, flag, statuses };
}
