// What the upstream types and the full design have and heddle does not serve yet. Such a field or value is refused by
// name, because ignoring it would change the meaning of the file; it is never mistaken for a typing error.
import { pointerKeys } from "../lib/json-pointer.ts";

/** `*` in `path` stands for any one key. Without `values` the field itself is meant. */
export interface Unsupported {
  path: string;
  values?: readonly string[];
  /** A way to do without it, where there is one. */
  instead?: string;
}

export const unsupportedInMesh: readonly Unsupported[] = [
  { path: "/policy" },
  { path: "/services/*/slo" },
  { path: "/services/*/protocol", values: ["http2", "grpc"], instead: "write http or tcp" },
  {
    path: "/listeners/*/protocol",
    values: ["tls", "http2", "grpc"],
    instead: "write http, or tcp to relay the bytes as they are",
  },
];

export const unsupportedInHttpRoute: readonly Unsupported[] = [
  { path: "/spec/useDefaultGateways" },
  { path: "/spec/rules/*/retry" },
  { path: "/spec/rules/*/sessionPersistence" },
  {
    path: "/spec/rules/*/filters/*/type",
    values: ["RequestMirror", "ExternalAuth"],
  },
  { path: "/spec/rules/*/filters/*/requestMirror" },
  { path: "/spec/rules/*/filters/*/externalAuth" },
  {
    path: "/spec/rules/*/backendRefs/*/filters/*/type",
    values: [
      "RequestRedirect",
      "URLRewrite",
      "RequestMirror",
      "CORS",
      "ExternalAuth",
      "ExtensionRef",
    ],
    instead: "put the filter on the rule, or give the backend a rule of its own",
  },
  { path: "/spec/rules/*/backendRefs/*/filters/*/requestRedirect" },
  { path: "/spec/rules/*/backendRefs/*/filters/*/urlRewrite" },
  { path: "/spec/rules/*/backendRefs/*/filters/*/requestMirror" },
  { path: "/spec/rules/*/backendRefs/*/filters/*/cors" },
  { path: "/spec/rules/*/backendRefs/*/filters/*/externalAuth" },
  { path: "/spec/rules/*/backendRefs/*/filters/*/extensionRef" },
  {
    path: "/spec/rules/*/backendRefs/*/kind",
    values: ["ServiceImport", "Backend", "XBackend"],
    instead: "refer to a Service",
  },
];

export const unsupportedInServiceObject: readonly Unsupported[] = [
  ...[
    "allocateLoadBalancerNodePorts",
    "clusterIP",
    "clusterIPs",
    "externalIPs",
    "externalName",
    "externalTrafficPolicy",
    "healthCheckNodePort",
    "internalTrafficPolicy",
    "ipFamilies",
    "ipFamilyPolicy",
    "loadBalancerClass",
    "loadBalancerIP",
    "loadBalancerSourceRanges",
    "publishNotReadyAddresses",
    "sessionAffinity",
    "sessionAffinityConfig",
    "trafficDistribution",
  ].map((field) => ({ path: `/spec/${field}` })),
  { path: "/spec/type", values: ["ExternalName", "LoadBalancer", "NodePort"] },
  { path: "/spec/ports/*/protocol", values: ["UDP", "SCTP"] },
  {
    path: "/spec/ports/*/targetPort",
    instead: "remove it: the endpoints of the mesh file have ports of their own",
  },
  { path: "/spec/ports/*/nodePort" },
  {
    path: "/spec/ports/*/appProtocol",
    instead: "remove it: the service of the mesh file says what is spoken",
  },
];

/** The row for a field, or for a value of a field. */
export function unsupported(
  rows: readonly Unsupported[],
  pointer: string,
  value?: unknown,
): Unsupported | undefined {
  const keys = pointerKeys(pointer);
  return rows.find((row) => {
    const pattern = pointerKeys(row.path);
    const same =
      pattern.length === keys.length &&
      pattern.every((key, index) => key === "*" || key === keys[index]);
    return (
      same &&
      (value === undefined
        ? row.values === undefined
        : row.values?.some((known) => known === value))
    );
  });
}
