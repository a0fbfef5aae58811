// Where something listens: an IP address or DNS name with a port, or `unix:/path`. The same rules for paths stand in
// native/snapshot/src/address.rs.
import { formatHostPort, type HostPort, parseHostPort } from "./host-port.ts";

export type Address = HostPort | UnixAddress;

/** A stream socket in the file system. */
export interface UnixAddress {
  kind: "unix";
  /** Absolute, of printable ASCII. */
  path: string;
}

/** Reads an address; an `Error` value says in words what is wrong with it. */
export function parseAddress(text: string): Address | Error {
  if (!text.startsWith(unixScheme)) return parseHostPort(text);
  const path = text.slice(unixScheme.length);
  if (!path.startsWith("/") || path.endsWith("/"))
    return new Error("a socket needs the absolute path of a file");
  if (path.length > unixPathLengthMax)
    return new Error(
      `the path is longer than the ${unixPathLengthMax} bytes of a socket's address`,
    );
  return /^[!#-[\]-~]+$/.test(path)
    ? { kind: "unix", path }
    : new Error("the path holds a space, a quote, a backslash or a character beyond ASCII");
}

export function formatAddress(address: Address): string {
  return address.kind === "unix"
    ? `${unixScheme}${address.path}`
    : formatHostPort(address.host, address.port);
}

const unixScheme = "unix:";
/** The kernel's field has 108 bytes, of which the last is 0 (unix(7)). */
const unixPathLengthMax = 107;
