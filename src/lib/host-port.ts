// Addresses as text: `ip:port`, `[ip6]:port` and `name:port`, read strictly and written in one canonical form.

export interface HostPort {
  /** Canonical IP address without brackets, or a DNS name in lower case. */
  host: string;
  port: number;
  kind: "ip" | "name";
}

/** Reads an address; an `Error` value says in words what is wrong with it. */
export function parseHostPort(text: string): HostPort | Error {
  const split = /^(?:\[(?<six>[^\]]*)\]|(?<host>[^:]*)):(?<port>[^:]*)$/.exec(text)?.groups;
  if (split === undefined)
    return new Error(text.includes(":") ? "an IPv6 address needs brackets" : "the port is missing");
  const port = parsePort(split["port"] ?? "");
  if (port === undefined) return new Error(`'${split["port"]}' is not a port from 1 to 65535`);
  if (split["six"] !== undefined) {
    const host = canonicalIp(split["six"]);
    return host?.includes(":")
      ? { host, port, kind: "ip" }
      : new Error(`'${split["six"]}' is not an IPv6 address`);
  }
  const host = split["host"] ?? "";
  if (host === "") return new Error("the host is missing");
  if (/^[0-9.]+$/.test(host)) {
    return canonicalIp(host) === undefined
      ? new Error(`'${host}' is not an IPv4 address`)
      : { host, port, kind: "ip" };
  }
  return dnsName.test(host) && host.length <= dnsNameLengthMax
    ? { host: host.toLowerCase(), port, kind: "name" }
    : new Error(`'${host}' is neither an IP address nor a DNS name`);
}

/** `ip:port`, with brackets around an IPv6 address. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The one way to write an IP address; undefined when the text is none. */
export function canonicalIp(text: string): string | undefined {
  if (text.includes(":")) {
    return URL.canParse(`http://[${text}]/`)
      ? new URL(`http://[${text}]/`).hostname.slice(1, -1)
      : undefined;
  }
  const parts = text.split(".");
  return parts.length === 4 &&
    parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255)
    ? text
    : undefined;
}

function parsePort(text: string): number | undefined {
  const port = /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** Labels of letters, digits and inner hyphens; underscores occur in the names of real hosts. */
const dnsName = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?$/;
/** RFC 1035 section 2.3.4. */
const dnsNameLengthMax = 253;
