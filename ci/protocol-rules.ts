// The rules of HTTP/1.x and of forwarding that the data plane keeps, each in a line. A test is named for the rule that it
// proves: `h1_03_...`, `p2_...`, `d5_...`.

export interface ProtocolRule {
  id: string;
  rule: string;
}

export const protocolRules: readonly ProtocolRule[] = [
  { id: "D1", rule: "what goes on is written anew from validated parts" },
  { id: "D2", rule: "one framing: none, a length or chunks" },
  { id: "D4", rule: "a message is judged the same however its bytes were split" },
  { id: "D5", rule: "a connection that saw something ambiguous is not used again" },
  { id: "D6", rule: "routing and the next hop see the same fields" },
  { id: "D7", rule: "an upstream is used again only after a clean exchange" },
  { id: "H1-01", rule: "no Transfer-Encoding with Content-Length" },
  { id: "H1-02", rule: "Transfer-Encoding is one `chunked`, never in HTTP/1.0" },
  { id: "H1-03", rule: "Content-Length is one plain number" },
  { id: "H1-04", rule: "chunk sizes and their ends are exact" },
  { id: "H1-05", rule: "chunk extensions follow their grammar, are limited and dropped" },
  { id: "H1-06", rule: "lines end with CRLF; one empty line may stand before a request" },
  { id: "H1-07", rule: "a field name is a token before its colon; no folded lines" },
  { id: "H1-08", rule: "no control characters in values, only ASCII where it frames or routes" },
  { id: "H1-09", rule: "method, version and status line have their exact form" },
  { id: "H1-10", rule: "each form of the target for its methods; no fragment" },
  { id: "H1-11", rule: "Host is one name or address with an optional port" },
  { id: "H1-12", rule: "a body without meaning only when framed, in HTTP/1.1; no TRACE" },
  { id: "H1-13", rule: "a request without framing has no body" },
  { id: "H1-14", rule: "responses without body; the ends of bodies; truncation shows" },
  { id: "H1-15", rule: "hop-by-hop fields stay on their hop; Connection names no others" },
  { id: "H1-16", rule: "trailers are checked, limited and filtered" },
  { id: "H1-17", rule: "Expect is 100-continue, forwarded, and answered here after a second" },
  { id: "H1-18", rule: "informational responses: eight, to HTTP/1.1; 101 only if asked" },
  { id: "H1-19", rule: "Upgrade to WebSocket alone; bytes are held until 101" },
  { id: "H1-20", rule: "an early response bounds what is read of the body" },
  { id: "H1-21", rule: "an ended client is answered, one that ends in its request is not" },
  { id: "H1-22", rule: "pipelined requests: in order, one at a time upstream" },
  { id: "H1-23", rule: "CONNECT is 405" },
  { id: "H1-24", rule: "bytes of an upstream outside an exchange close it" },
  { id: "H1-25", rule: "no lookalikes of protected names" },
  { id: "P-1", rule: "a path is made normal once" },
  { id: "P-2", rule: "the path that is matched is the one forwarded" },
  { id: "P-4", rule: "fields of identity and of proxies are dropped at the edge" },
  { id: "P-5", rule: "the edge writes the forwarding fields" },
  { id: "P-6", rule: "loops end: Via, Max-Forwards" },
  { id: "P-7", rule: "metric labels come from the configuration and are limited" },
];
