// One entry of `listeners` to a `Listener`.
import { type Address, formatAddress, parseAddress } from "../lib/address.ts";
import { nearest } from "../lib/nearest.ts";
import { canonicalNetwork } from "../lib/network.ts";
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
  const mode = readMode(`${pointer}/mode`, document, { view, address });
  const bounds = readBounds(pointer, document, view);
  const proxies = readProxies(`${pointer}/proxyProtocol/trust`, document, view);
  return {
    name,
    address: formatAddress(address),
    ...(mode !== undefined && { mode }),
    protocol,
    service,
    errors,
    requestId,
    proxies,
    bounds,
    origin: view.origin(pointer),
  };
}

function readProxies(
  pointer: string,
  { proxyProtocol }: ListenerDocument,
  view: View<MeshDocument>,
): string[] {
  return view.items(proxyProtocol?.trust).flatMap(([index, text]) => {
    const network = canonicalNetwork(text);
    if (network !== undefined) return [network];
    view.report("HED2115", {
      pointer: `${pointer}/${index}`,
      message: `'${text}' is neither an IP address nor a network`,
      hint: "write ip or ip/prefix, such as 10.0.0.0/8",
    });
    return [];
  });
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

function readAddress(pointer: string, text: string, view: View<MeshDocument>): Address | undefined {
  const parsed = parseAddress(text);
  if (!(parsed instanceof Error) && parsed.kind !== "name") return parsed;
  const problem = parsed instanceof Error ? parsed.message : `'${parsed.host}' is a name`;
  const bare = /^:?([0-9]{1,5})$/.exec(text)?.[1];
  const port = bare ?? (parsed instanceof Error ? undefined : String(parsed.port));
  view.report("HED2115", {
    pointer,
    message: `'${text}' is no address to listen on: ${problem}`,
    hint:
      port === undefined
        ? "write ip:port, [ip6]:port or unix:/path, such as 127.0.0.1:8080"
        : `write 127.0.0.1:${port} for this host alone, 0.0.0.0:${port} for every address`,
  });
  return undefined;
}

function readMode(
  pointer: string,
  { name, mode }: ListenerDocument,
  { view, address }: { view: View<MeshDocument>; address: Address },
): number | undefined {
  if (mode === undefined) return undefined;
  if (address.kind === "unix") return Number.parseInt(mode, 8);
  view.report("HED2140", {
    pointer,
    part: "key",
    message: `listener '${name}' has a mode, but its address is no file`,
    hint: "remove 'mode', or write address: unix:/path",
  });
  return undefined;
}
