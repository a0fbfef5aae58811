// The mesh document to a `Mesh`: defaults filled in, references inside the document checked.
import { formatHostPort, parseHostPort } from "../lib/host-port.ts";
import type { AccessLog } from "../snapshot/index.ts";
import { isRecord } from "./documents.ts";
import { AddressBook } from "./address-book.ts";
import { pointerTo } from "../lib/json-pointer.ts";
import { readDirectResponse } from "./read-direct-response.ts";
import { readListener } from "./read-listener.ts";
import { readService } from "./read-service.ts";
import type { MeshDocument } from "./mesh.ts";
import type { Mesh } from "./resources.ts";
import type { View } from "./view.ts";

/** `services`: every name under `services`, with those whose value is wrong; undefined when they cannot be known. */
export function readMesh(view: View<MeshDocument>, services: readonly string[] | undefined): Mesh {
  const { value } = view;
  const book = new AddressBook(view);
  const context = { view, book, services, namespace: value.namespace ?? "default" };
  const mesh: Mesh = {
    name: value.mesh,
    namespace: context.namespace,
    ...(value.accessLog !== undefined && { accessLog: readAccessLog(value.accessLog) }),
    dnsServers: readServers(view),
    responses: Object.entries(value.responses ?? {}).map(([name, response]) => {
      const named = { view, name, namespace: context.namespace };
      return readDirectResponse(pointerTo("/responses", name), response, named);
    }),
    listeners: [],
    services: Object.entries(value.services).map(([name, service]) =>
      readService(name, service, context),
    ),
    origin: view.origin("/mesh", "key"),
  };
  const names = new Set<string>();
  for (const [index, document] of view.items(value.listeners)) {
    const pointer = `/listeners/${index}`;
    const { name } = document;
    if (names.has(name)) {
      view.report("HED2110", {
        pointer: `${pointer}/name`,
        message: `another listener has the name '${name}'`,
        hint: "give each listener a name of its own: metrics are told apart by it",
      });
    }
    names.add(name);
    const listener = readListener(pointer, document, { ...context, mesh });
    if (listener !== undefined) mesh.listeners.push(listener);
  }
  return mesh;
}

function readServers(view: View<MeshDocument>): string[] {
  return view.items(view.value.dns?.servers).flatMap(([index, text]) => {
    const parsed = parseHostPort(text);
    if (!(parsed instanceof Error) && parsed.kind === "ip")
      return [formatHostPort(parsed.host, parsed.port)];
    view.report("HED2115", {
      pointer: `/dns/servers/${index}`,
      message: `'${text}' is no address of a DNS server: ${parsed instanceof Error ? parsed.message : "it is a name"}`,
      hint: "write ip:port or [ip6]:port, such as 127.0.0.1:53",
    });
    return [];
  });
}

function readAccessLog(document: NonNullable<MeshDocument["accessLog"]>): AccessLog {
  const { path, format = "json", sample = "1/1" } = document;
  return { path, format, sample: Number(sample.slice("1/".length)) };
}

/** The names that references may mean, taken from the document as it was written. */
export function serviceNames(document: Record<string, unknown>): string[] | undefined {
  const { services } = document;
  return isRecord(services) ? Object.keys(services) : undefined;
}
