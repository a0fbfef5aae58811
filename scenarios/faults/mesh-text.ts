// The mesh of a fault scenario: one HTTP listener, one service.

export interface MeshOptions {
  /** Keys of the service beside its endpoints, as YAML. */
  service?: string;
  /** Further listeners and services, as YAML lines. */
  listeners?: string;
  services?: string;
}

export function meshText(
  edge: number,
  endpoints: readonly number[],
  { service = "", listeners = "", services = "" }: MeshOptions = {},
): string {
  const list = endpoints.map((port) => `"127.0.0.1:${port}"`).join(", ");
  return `mesh: faults
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web, errors: full }
${listeners}services:
  web: { endpoints: [${list}]${service === "" ? "" : `, ${service}`} }
${services}`;
}
