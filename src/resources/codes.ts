// Every code of a configuration mistake with its severity and one line of meaning. Codes are API: they are never
// reused, and tests compare them.

export type Severity = "error" | "warn" | "info";
export type Code =
  | "HED2001"
  | "HED2002"
  | "HED2003"
  | "HED2004"
  | "HED2005"
  | "HED2006"
  | "HED2007"
  | "HED2008"
  | "HED2009"
  | "HED2010"
  | "HED2011"
  | "HED2012"
  | "HED2013"
  | "HED2014"
  | "HED2015"
  | "HED2016"
  | "HED2017"
  | "HED2101"
  | "HED2102"
  | "HED2103"
  | "HED2104"
  | "HED2105"
  | "HED2106"
  | "HED2107"
  | "HED2108"
  | "HED2109"
  | "HED2110"
  | "HED2111"
  | "HED2112"
  | "HED2113"
  | "HED2114"
  | "HED2115"
  | "HED2116"
  | "HED2117"
  | "HED2118"
  | "HED2119"
  | "HED2120"
  | "HED2121"
  | "HED2122"
  | "HED2131"
  | "HED2132"
  | "HED2133"
  | "HED2134"
  | "HED2135"
  | "HED2136"
  | "HED2140"
  | "HED2201"
  | "HED2202"
  | "HED2203"
  | "HED2204"
  | "HED2205"
  | "HED2206"
  | "HED2210"
  | "HED2901"
  | "HED2902";

/** What `heddle explain` says of a code: the mistake as such, not the single case of it. */
export interface CodeRow {
  severity: Severity;
  meaning: string;
}

export const codes: Readonly<Record<Code, CodeRow>> = {
  HED2001: error("A configuration file or folder cannot be read."),
  HED2002: error("A file is not well-formed YAML or JSON."),
  HED2003: error("A map has the same key twice."),
  HED2004: error("A document is neither a mesh nor an object with apiVersion and kind."),
  HED2005: error("An apiVersion or kind is not known."),
  HED2006: error("No document describes the mesh."),
  HED2007: error("More than one document describes a mesh."),
  HED2008: error("Two objects have the same kind, namespace and name."),
  HED2009: warn("A YAML tag has no meaning here and was ignored."),
  HED2010: error("A field is not known."),
  HED2011: error("A field, value or kind is known but not supported yet."),
  HED2012: error("A field that is needed is missing."),
  HED2013: error("A value has the wrong type."),
  HED2014: error("A value is not one of those allowed."),
  HED2015: error("A text does not have the form it needs."),
  HED2016: error("A number, text or list is too large or too small."),
  HED2017: error("A file of endpoints is not one list of endpoints."),
  HED2101: error("A listener leads to a service that does not exist."),
  HED2102: error("A service calls an upstream that does not exist."),
  HED2103: error("A route is attached to a service that does not exist."),
  HED2104: error("A route sends requests to a service that does not exist."),
  HED2105: error("A backendRef names a port that the service does not have."),
  HED2106: error("A parentRef names a port that the service does not have."),
  HED2107: error("A service has no endpoint."),
  HED2108: error("A service has a command and endpoints that heddle does not run."),
  HED2109: error("A service is its own upstream."),
  HED2110: error("Two listeners have the same name."),
  HED2111: error("Two listeners, or a listener and a service, need the same address."),
  HED2112: error("Two services, or two replicas, need the same port of this host."),
  HED2113: error("A listener speaks another protocol than its service."),
  HED2114: error("A route for HTTP refers to a service that speaks tcp."),
  HED2115: error("An address does not have the form it needs."),
  HED2116: error("A rule changes a header that belongs to the connection or frames the message."),
  HED2117: error("A path match does not have the form it needs."),
  HED2118: error("A filter and its settings do not belong together, or a filter is repeated."),
  HED2119: error("A bound on requests is set where tcp is spoken, which has none."),
  HED2120: error("The same name is listed twice."),
  HED2121: error("A setting of a health check belongs to another kind of it."),
  HED2122: error("A Service object does not select endpoints of a service of the mesh."),
  HED2131: error("A regular expression is not well formed, or cannot be matched in linear time."),
  HED2132: error("A redirect or rewrite does not fit the rest of its rule."),
  HED2133: error("A timeout of one attempt is longer than that of the whole request."),
  HED2134: error("A list of a CORS filter has a * where it cannot stand."),
  HED2135: error("A filter refers to a DirectResponse that does not exist."),
  HED2136: error("A response has a body that its status does not allow."),
  HED2140: error("A mode is set on an address that is no file."),
  HED2201: warn("No backend of a rule gets a request: the weights add up to 0."),
  HED2202: info("Hostnames of a route that is attached to a service are ignored."),
  HED2203: warn("A header is named twice in one place; the first counts."),
  HED2204: warn("A DNS name has no address yet."),
  HED2205: warn("A route does not apply: it has no parent, or one that is no part of a mesh."),
  HED2206: warn("A Service object selects no endpoint."),
  HED2210: warn(
    "A rule, or a match of it, can never apply: an earlier one has the same condition.",
  ),
  HED2901: error("The data plane refused a snapshot that is malformed."),
  HED2902: error("The data plane refused a snapshot that does not hold together."),
};

function error(meaning: string): CodeRow {
  return { severity: "error", meaning };
}

function warn(meaning: string): CodeRow {
  return { severity: "warn", meaning };
}

function info(meaning: string): CodeRow {
  return { severity: "info", meaning };
}
