// The kinds of document: which heddle reads, which it knows and does not serve yet, and how to tell them apart.
import { pointerKeys } from "../lib/json-pointer.ts";
import { nearest } from "../lib/nearest.ts";
import type { Code } from "./codes.ts";
import { isRecord } from "./documents.ts";
import { type EndpointsFileDocument, endpointsFileSchema } from "./endpoints-file.ts";
import { didYouMean } from "./found.ts";
import { validate as validateEndpointsFile } from "./generated/endpoints-file.ts";
import { validate as validateDirectResponse } from "./generated/direct-response.ts";
import { validate as validateHttpRoute } from "./generated/http-route.ts";
import { validate as validateMesh } from "./generated/mesh.ts";
import { validate as validateServiceObject } from "./generated/service-object.ts";
import { type DirectResponseDocument, directResponseSchema } from "./direct-response.ts";
import { type HttpRouteDocument, httpRouteSchema } from "./http-route.ts";
import { type MeshDocument, meshSchema } from "./mesh.ts";
import { type ServiceObjectDocument, serviceObjectSchema } from "./service-object.ts";
import type { Validator } from "./schema-error.ts";
import {
  type Unsupported,
  unsupportedInHttpRoute,
  unsupportedInMesh,
  unsupportedInServiceObject,
} from "./unsupported.ts";

export interface Kind<T> {
  schema: unknown;
  validate: Validator<T>;
  unsupported: readonly Unsupported[];
  /** `kind/name` of the resource that a pointer into a document lies in. */
  resourceAt(document: Record<string, unknown>, pointer: string): string;
}

export const meshKind: Kind<MeshDocument> = {
  schema: meshSchema,
  validate: validateMesh,
  unsupported: unsupportedInMesh,
  resourceAt(document, pointer) {
    const [table, key] = pointerKeys(pointer);
    if (table === "services" && key !== undefined) return `service/${key}`;
    if (table !== "listeners" || key === undefined)
      return `mesh/${nameOr(document["mesh"], "unnamed")}`;
    const listener: unknown = Array.isArray(document["listeners"])
      ? document["listeners"][Number(key)]
      : undefined;
    return `listener/${nameOr(isRecord(listener) ? listener["name"] : undefined, key)}`;
  },
};

export const httpRouteKind: Kind<HttpRouteDocument> = {
  schema: httpRouteSchema,
  validate: validateHttpRoute,
  unsupported: unsupportedInHttpRoute,
  resourceAt(document) {
    const { metadata } = document;
    return `httproute/${nameOr(isRecord(metadata) ? metadata["name"] : undefined, "unnamed")}`;
  },
};

export const serviceObjectKind: Kind<ServiceObjectDocument> = {
  schema: serviceObjectSchema,
  validate: validateServiceObject,
  unsupported: unsupportedInServiceObject,
  resourceAt(document) {
    const { metadata } = document;
    return `service/${nameOr(isRecord(metadata) ? metadata["name"] : undefined, "unnamed")}`;
  },
};

export const directResponseKind: Kind<DirectResponseDocument> = {
  schema: directResponseSchema,
  validate: validateDirectResponse,
  unsupported: [],
  resourceAt(document) {
    const { metadata } = document;
    return `directresponse/${nameOr(isRecord(metadata) ? metadata["name"] : undefined, "unnamed")}`;
  },
};

/** Not a document of the configuration: services name its file. */
export const endpointsFileKind: Kind<EndpointsFileDocument> = {
  schema: endpointsFileSchema,
  validate: validateEndpointsFile,
  unsupported: [],
  resourceAt: () => "endpoints",
};

/** What a document is; for one that is not read, why. */
export type Classified =
  | { is: "mesh" | "httpRoute" | "service" | "directResponse" }
  | { is: "refused"; code: Code; pointer: string; message: string; hint: string };

export function classify(document: Record<string, unknown>): Classified {
  const { apiVersion, kind } = document;
  if (apiVersion === undefined && kind === undefined) return classifyKindless(document);
  const lacking =
    typeof kind !== "string" ? "kind" : typeof apiVersion !== "string" ? "apiVersion" : undefined;
  if (lacking !== undefined) {
    const message = `an object needs apiVersion and kind as texts; ${lacking} is none`;
    return refused("HED2012", { pointer: "", message, hint: `add '${lacking}'` });
  }
  return classifyObject(String(apiVersion), String(kind));
}

function classifyKindless(document: Record<string, unknown>): Classified {
  if (["mesh", "services", "listeners"].some((key) => key in document)) return { is: "mesh" };
  if ("endpoints" in document) {
    return refused("HED2004", {
      pointer: "",
      message: "a list of endpoints is no part of the configuration, only services name it",
      hint: "move the file to a folder of its own and name it as 'endpointsFile' of the service",
    });
  }
  return refused("HED2004", {
    pointer: "",
    message: "the document is neither a mesh nor an object with apiVersion and kind",
    hint: "write 'mesh: NAME' and 'services:', or apiVersion, kind, metadata and spec",
  });
}

function classifyObject(apiVersion: string, kind: string): Classified {
  if (kind === "DirectResponse" && apiVersion === "heddle.dev/v1alpha1")
    return { is: "directResponse" };
  if (kind === "HTTPRoute" && httpRouteVersions.includes(apiVersion)) return { is: "httpRoute" };
  if (kind === "Service" && apiVersion === "v1") return { is: "service" };
  const [group = "", version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  const kinds =
    group === gatewayGroup ? ["HTTPRoute", ...(knownKinds[group] ?? [])] : knownKinds[group];
  if (kinds === undefined) {
    const groups = Object.keys(knownKinds).filter((known) => known !== "");
    const meant = nearest(group, groups);
    const message = `unknown apiVersion '${apiVersion}' of kind ${kind}${didYouMean(meant && `${meant}/${version}`)}`;
    const hint =
      meant === undefined
        ? `heddle reads ${httpRouteVersions[0]} HTTPRoute`
        : `write '${meant}/${version}'`;
    return refused("HED2005", { pointer: "/apiVersion", message, hint });
  }
  if (kinds.includes(kind)) {
    const message = `${kind} of ${apiVersion} is not supported yet`;
    const hint =
      kind === "HTTPRoute"
        ? `write apiVersion: ${httpRouteVersions[0]}`
        : "move the object out of these files";
    return refused("HED2011", {
      pointer: kind === "HTTPRoute" ? "/apiVersion" : "/kind",
      message,
      hint,
    });
  }
  const meant = nearest(kind, kinds);
  const message = `unknown kind '${kind}' of ${apiVersion}${didYouMean(meant)}`;
  const hint = meant === undefined ? "move the object out of these files" : `write '${meant}'`;
  return refused("HED2005", { pointer: "/kind", message, hint });
}

function refused(
  code: Code,
  words: { pointer: string; message: string; hint: string },
): Classified {
  return { is: "refused", code, ...words };
}

function nameOr(name: unknown, otherwise: string): string {
  return typeof name === "string" && name !== "" ? name : otherwise;
}

const gatewayGroup = "gateway.networking.k8s.io";
const httpRouteVersions: readonly string[] = [`${gatewayGroup}/v1`, `${gatewayGroup}/v1beta1`];

/** Kinds that have a place in the design, by API group; heddle serves HTTPRoute and Service of them. */
const knownKinds: Readonly<Record<string, readonly string[]>> = {
  "": ["Service"],
  [gatewayGroup]: [
    "BackendTLSPolicy",
    "Gateway",
    "GatewayClass",
    "GRPCRoute",
    "ListenerSet",
    "ReferenceGrant",
    "TCPRoute",
    "TLSRoute",
    "UDPRoute",
  ],
  "gateway.networking.x-k8s.io": ["XBackend", "XBackendTrafficPolicy", "XListenerSet", "XMesh"],
  "heddle.dev": [
    "Canary",
    "DirectResponse",
    "Policy",
    "PriceList",
    "Resilience",
    "Scenario",
    "SLO",
    "Workload",
  ],
  "access.smi-spec.io": ["TrafficTarget"],
  "specs.smi-spec.io": ["HTTPRouteGroup", "TCPRoute", "UDPRoute"],
  "split.smi-spec.io": ["TrafficSplit"],
};
