// One entry of `services` to a `Service`.
import { dirname, isAbsolute, join } from "node:path";
import { pointerTo } from "../lib/json-pointer.ts";
import { nearest } from "../lib/nearest.ts";
import type { Timeouts } from "../snapshot/index.ts";
import type { AddressBook } from "./address-book.ts";
import { didYouMean } from "./found.ts";
import type { MeshDocument } from "./mesh.ts";
import { readDuration } from "./read-duration.ts";
import { readEndpoint } from "./read-endpoint.ts";
import { readHealthCheck } from "./read-health-check.ts";
import { readTime } from "./read-time.ts";
import type { Service } from "./resources.ts";
import type { View } from "./view.ts";

type ServiceDocument = MeshDocument["services"][string];

export interface ServiceContext {
  view: View<MeshDocument>;
  book: AddressBook;
  services: readonly string[] | undefined;
  namespace: string;
}

export function readService(
  name: string,
  document: ServiceDocument,
  context: ServiceContext,
): Service {
  const { view, namespace } = context;
  const pointer = pointerTo("/services", name);
  const { port, run, protocol = "http" } = document;
  checkEndpointSources(pointer, name, { document, view });
  return {
    name,
    namespace,
    protocol,
    ...(port !== undefined && { port }),
    ...(run !== undefined && { run }),
    replicas: readPorts(pointer, name, { document, context }),
    upstreams: readUpstreams(pointer, name, { document, context }),
    endpoints: view
      .items(document.endpoints)
      .flatMap(
        ([index, endpoint]) => readEndpoint(`${pointer}/endpoints/${index}`, endpoint, view) ?? [],
      ),
    ...readEndpointsFile(`${pointer}/endpointsFile`, document, view),
    balancer: document.balancer ?? "peakEwma",
    warmUpMs: readTime(
      `${pointer}/warmUp`,
      { text: document.warmUp, name: "warmUp", otherwiseMs: 0, minMs: warmUpMsMin },
      view,
    ),
    ...(document.healthCheck !== undefined && {
      healthCheck: readHealthCheck(`${pointer}/healthCheck`, document.healthCheck, {
        view,
        name,
        speaks: protocol,
      }),
    }),
    timeouts: readTimeouts(`${pointer}/timeouts`, document, view),
    origin: view.origin(pointer, "key"),
  };
}

function checkEndpointSources(
  pointer: string,
  name: string,
  { document, view }: { document: ServiceDocument; view: View<MeshDocument> },
): void {
  const { port, run, replicas } = document;
  const elsewhere = hasEndpointsElsewhere(document);
  if (port === undefined && replicas === undefined && !elsewhere) {
    view.report("HED2107", {
      pointer,
      part: "key",
      message: `service '${name}' has neither port nor replicas nor endpoints`,
      hint: "add port: for a program on this host, endpoints: for addresses elsewhere, or endpointsFile:",
    });
  }
  if (run !== undefined && elsewhere) {
    view.report("HED2108", {
      pointer: `${pointer}/run`,
      part: "key",
      message: `service '${name}' has a command to run and endpoints that heddle does not run`,
      hint: "remove 'run', or write the ports of the program as port or replicas instead of endpoints",
    });
  }
}

function hasEndpointsElsewhere({ endpoints, endpointsFile }: ServiceDocument): boolean {
  return endpoints !== undefined || endpointsFile !== undefined;
}

function readEndpointsFile(
  pointer: string,
  { endpointsFile }: ServiceDocument,
  view: View<MeshDocument>,
): Pick<Service, "endpointsFile"> {
  if (endpointsFile === undefined) return {};
  const origin = view.origin(pointer);
  const path = isAbsolute(endpointsFile)
    ? endpointsFile
    : join(dirname(origin.position.file), endpointsFile);
  return { endpointsFile: { path, origin } };
}

interface Parts {
  document: ServiceDocument;
  context: ServiceContext;
}

/** Enters the local ports in the book and returns those of the replicas. */
function readPorts(
  pointer: string,
  name: string,
  { document, context: { view, book } }: Parts,
): number[] {
  const replicas = view.items(document.replicas);
  for (const [index, port] of replicas) book.addProgram(`${pointer}/replicas/${index}`, name, port);
  // With replicas or endpoints the port is what callers name; nothing listens on it here.
  const { port } = document;
  if (port !== undefined && document.replicas === undefined && !hasEndpointsElsewhere(document)) {
    book.addProgram(`${pointer}/port`, name, port);
  }
  return replicas.map(([, replica]) => replica);
}

function readUpstreams(
  pointer: string,
  name: string,
  { document, context: { view, services } }: Parts,
): Service["upstreams"] {
  const seen = new Set<string>();
  const upstreams: Service["upstreams"] = [];
  for (const [index, service] of view.items(document.upstreams)) {
    const at = `${pointer}/upstreams/${index}`;
    if (seen.has(service)) {
      const message = `service '${name}' lists the upstream '${service}' twice`;
      view.report("HED2120", { pointer: at, message, hint: "remove one of them" });
    } else if (service === name) {
      const message = `service '${name}' is its own upstream`;
      view.report("HED2109", {
        pointer: at,
        message,
        hint: "remove it: a program reaches itself without a mesh",
      });
    } else if (services !== undefined && !services.includes(service)) {
      const meant = nearest(
        service,
        services.filter((candidate) => candidate !== name),
      );
      view.report("HED2102", {
        pointer: at,
        message: `service '${name}' calls upstream '${service}', which does not exist${didYouMean(meant)}`,
        hint: meant === undefined ? `add '${service}' under services` : `write '${meant}'`,
      });
    } else {
      upstreams.push({ service, origin: view.origin(at) });
    }
    seen.add(service);
  }
  return upstreams;
}

function readTimeouts(
  pointer: string,
  document: ServiceDocument,
  view: View<MeshDocument>,
): Timeouts {
  const { timeouts = {}, protocol = "http" } = document;
  const read = (key: keyof typeof timeouts): number | undefined =>
    readDuration(pointer, key, { text: timeouts[key], view });
  const connectMs =
    read("connect") ??
    (hasEndpointsElsewhere(document)
      ? defaultTimeouts.connectElsewhereMs
      : defaultTimeouts.connectMs);
  const requestMs = read("request") ?? (protocol === "tcp" ? 0 : defaultTimeouts.requestMs);
  const idleMs = read("idle");
  const streamIdleMs = read("streamIdle");
  const ofRequests = { request: requestMs, idle: idleMs };
  for (const [key, ms] of Object.entries(ofRequests)) {
    if (protocol !== "tcp" || (ms ?? 0) === 0) continue;
    view.report("HED2119", {
      pointer: `${pointer}/${key}`,
      part: "key",
      message: `a service that speaks tcp has no requests, so timeouts.${key} would do nothing`,
      hint: "remove it",
    });
  }
  return {
    connectMs,
    requestMs,
    ...(idleMs !== undefined && { idleMs }),
    ...(streamIdleMs !== undefined && { streamIdleMs }),
  };
}

/** Less is over before it was noticed. */
const warmUpMsMin = 1_000;

/** Of a service that says nothing else. Endpoints elsewhere are those that heddle does not run. */
export const defaultTimeouts = {
  connectMs: 1_000,
  connectElsewhereMs: 5_000,
  requestMs: 15_000,
} as const;
