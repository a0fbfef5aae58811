// One entry of `listeners` to a `Listener`.
import { formatHostPort, parseHostPort } from "../lib/host-port.ts";
import { nearest } from "../lib/nearest.ts";
import type { ListenerBounds } from "../snapshot/index.ts";
import type { AddressBook } from "./address-book.ts";
import { didYouMean } from "./found.ts";
import type { MeshDocument } from "./mesh.ts";
import { readDuration } from "./read-duration.ts";
import type { Listener, Mesh } from "./resources.ts";
import type { View } from "./view.ts";

type ListenerDocument = NonNullable<MeshDocument["listeners"]>[number];

export interface ListenerContext {
  view: View<MeshDocument>;
  book: AddressBook;
  services: readonly string[] | undefined;
  mesh: Mesh;
}

export function readListener(
  pointer: string,
  document: ListenerDocument,
  { view, book, services, mesh }: ListenerContext,
): Listener | undefined {
  const { name, protocol, service, errors = "brief", requestId = "replace" } = document;
  checkService(pointer, document, { view, services, mesh });
  const address = readAddress(`${pointer}/address`, document.address, view);
  if (address === undefined) return undefined;
  book.addListener(`${pointer}/address`, name, address);
  const bounds = readBounds(pointer, document, view);
  return {
    name,
    address,
    protocol,
    service,
    errors,
    requestId,
    bounds,
    origin: view.origin(pointer),
  };
}

function readBounds(
  pointer: string,
  { name, protocol, timeouts = {}, limits = {} }: ListenerDocument,
  view: View<MeshDocument>,
): ListenerBounds {
  if (protocol === "tcp") {
    for (const [group, keys] of Object.entries({ timeouts, limits })) {
      for (const key of Object.keys(keys)) {
        view.report("HED2119", {
          pointer: `${pointer}/${group}/${key}`,
          part: "key",
          message: `listener '${name}' speaks tcp, which has no requests, so ${group}.${key} would do nothing`,
          hint: "remove it",
        });
      }
    }
    return {};
  }
  const read = (key: keyof typeof timeouts): number | undefined =>
    readDuration(`${pointer}/timeouts`, key, { text: timeouts[key], view });
  const headMs = read("head");
  const idleMs = read("idle");
  const ageMs = read("age");
  const { bodyBytesPerSecond } = limits;
  return {
    ...(headMs !== undefined && { headMs }),
    ...(idleMs !== undefined && { idleMs }),
    ...(ageMs !== undefined && { ageMs }),
    ...(bodyBytesPerSecond !== undefined && { bodyBytesPerSecond }),
  };
}

function checkService(
  pointer: string,
  { name, protocol, service }: ListenerDocument,
  { view, services, mesh }: Omit<ListenerContext, "book">,
): void {
  if (services !== undefined && !services.includes(service)) {
    const meant = nearest(service, services);
    view.report("HED2101", {
      pointer: `${pointer}/service`,
      message: `listener '${name}' leads to service '${service}', which does not exist${didYouMean(meant)}`,
      hint: meant === undefined ? `add '${service}' under services` : `write '${meant}'`,
    });
  }
  const target = mesh.services.find((candidate) => candidate.name === service);
  if (target === undefined || target.protocol === protocol || view.damaged(`/services/${service}`))
    return;
  view.report("HED2113", {
    pointer: `${pointer}/protocol`,
    message: `listener '${name}' speaks ${protocol}, but service '${service}' speaks ${target.protocol}`,
    hint: `write protocol: ${target.protocol} here, or protocol: ${protocol} on the service`,
  });
}

function readAddress(pointer: string, text: string, view: View<MeshDocument>): string | undefined {
  if (text.startsWith("unix:")) {
    const hint = "write ip:port, such as 127.0.0.1:8080";
    view.report("HED2011", {
      pointer,
      message: `'${text}' as an address is not supported yet`,
      hint,
    });
    return undefined;
  }
  const parsed = parseHostPort(text);
  if (!(parsed instanceof Error) && parsed.kind === "ip")
    return formatHostPort(parsed.host, parsed.port);
  const problem = parsed instanceof Error ? parsed.message : `'${parsed.host}' is a name`;
  const bare = /^:?([0-9]{1,5})$/.exec(text)?.[1];
  const port = bare ?? (parsed instanceof Error ? undefined : String(parsed.port));
  view.report("HED2115", {
    pointer,
    message: `'${text}' is no address to listen on: ${problem}`,
    hint:
      port === undefined
        ? "write ip:port or [ip6]:port, such as 127.0.0.1:8080"
        : `write 127.0.0.1:${port} for this host alone, 0.0.0.0:${port} for every address`,
  });
  return undefined;
}
