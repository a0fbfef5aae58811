// SRV records (RFC 2782): a name that stands for a set of hosts, each with a port and a weight.

/** `srv:_http._tcp.api.internal`. */
export interface SrvName {
  kind: "srv";
  /** In lower case, without the scheme. */
  name: string;
}

export interface SrvRecord {
  priority: number;
  weight: number;
  port: number;
  /** DNS name of the host, in lower case. */
  target: string;
}

export const srvScheme = "srv:";

/** Reads `srv:` and a name; an `Error` value says in words what is wrong with it. */
export function parseSrvName(text: string): SrvName | Error {
  const name = text.slice(srvScheme.length).toLowerCase();
  return form.test(name) && name.length <= nameLengthMax
    ? { kind: "srv", name }
    : new Error("an SRV name has the form _service._proto.name");
}

/** As a zone file writes the data of a record. */
export function formatSrvRecord({ priority, weight, port, target }: SrvRecord): string {
  return `${priority} ${weight} ${port} ${target}`;
}

export function parseSrvRecord(text: string): SrvRecord {
  const [priority, weight, port, target = ""] = text.split(" ");
  return { priority: Number(priority), weight: Number(weight), port: Number(port), target };
}

/**
 * Those that are to be used: of the lowest priority. A weight of 0 is to have a very small chance, so it counts as 1, and
 * where all are 0 all are equal.
 */
export function preferred(records: readonly SrvRecord[]): SrvRecord[] {
  const lowest = Math.min(...records.map(({ priority }) => priority));
  return records
    .filter(({ priority }) => priority === lowest)
    .map((record) => ({ ...record, weight: Math.max(record.weight, 1) }));
}

const form = /^_[a-z0-9-]{1,62}\._[a-z0-9-]{1,62}(\.(?!-)[a-z0-9_-]{1,63}(?<!-))+\.?$/;
const nameLengthMax = 253;
