// What a proxy may do to the header of a message that no filter touches (RFC 9110 section 7.6): fields of the hop go,
// few come, everything else stays as it was, in its order.
import type { Field } from "./record.ts";

/** Fields that end with their hop, those that Connection names included. */
export function endToEnd(fields: readonly Field[]): Field[] {
  const named = fields
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) => value.split(",").map((option) => option.trim().toLowerCase()));
  const gone = new Set([...HOP_BY_HOP, ...FRAMING, ...named]);
  return fields
    .map(([name, value]): Field => [name.toLowerCase(), value])
    .filter(([name]) => !gone.has(name));
}

/** What is wrong with `received`, given what was `sent`; undefined when nothing is. */
export function headerDifference(
  sent: readonly Field[],
  received: readonly Field[],
): string | undefined {
  const meant = sortedByName(endToEnd(sent));
  const known = new Set(meant.map(([name]) => name));
  const got = sortedByName(endToEnd(received)).filter(
    ([name]) => known.has(name) || !ADDED_BY_PROXIES.has(name),
  );
  const lines = (fields: readonly Field[]): string[] =>
    fields.map(([name, value]) => `${name}: ${value}`);
  const [wanted, found] = [lines(meant), lines(got)];
  const index = Math.max(wanted.length, found.length);
  for (let at = 0; at < index; at += 1) {
    if (wanted[at] === found[at]) continue;
    return `expected ${JSON.stringify(wanted[at])}, found ${JSON.stringify(found[at])}`;
  }
  return undefined;
}

/** The order between fields of different names means nothing, that of lines of one name does: the sort is stable. */
function sortedByName(fields: readonly Field[]): Field[] {
  return [...fields].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}

const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-authentication-info",
  "te",
  "upgrade",
  "http2-settings",
];
/** Each hop frames the body anew. */
const FRAMING = ["content-length", "transfer-encoding"];
const ADDED_BY_PROXIES = new Set([
  "via",
  "x-request-id",
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-host",
]);
