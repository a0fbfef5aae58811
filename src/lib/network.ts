// Which hosts are meant: one IP address, or all that begin with the same bits. The same rules stand in
// native/snapshot/src/network.rs.
import { canonicalIp } from "./host-port.ts";

/** `ip` or `ip/prefix` in one canonical form; undefined when the text is none. */
export function canonicalNetwork(text: string): string | undefined {
  const { ip = "", prefix } =
    /^(?<ip>[^/]*)(\/(?<prefix>0|[1-9][0-9]{0,2}))?$/.exec(text)?.groups ?? {};
  const host = canonicalIp(ip);
  if (host === undefined) return undefined;
  if (prefix === undefined) return host;
  return Number(prefix) <= (host.includes(":") ? 128 : 32) ? `${host}/${prefix}` : undefined;
}
