// One version of the changing mesh: its file, and by which ports each kind of request may be answered in it.
import type { RequestKind } from "../support/start-load.ts";

export interface MeshPorts {
  edge: number;
  /** Endpoints of the services `one` and `two`, in turn. */
  one: readonly number[];
  two: readonly number[];
}

export interface MeshVersion {
  text: string;
  /** What the origin sees in `x-stamp`; changes with each version of the configuration part. */
  stamp: string;
  /** By kind of request, in the order of `requestKinds`. */
  answeredBy: readonly ReadonlySet<number>[];
}

/** What the client sends in turn: a plain read, a read of the beta group, a write. */
export const requestKinds: readonly RequestKind[] = [
  { path: "/items?page=1" },
  { path: "/items/7", head: "x-group: beta\r\n" },
  { path: "/orders", bodyBytes: 700 },
];

/** What changes from version to version. */
interface Choice {
  stamp: number;
  weights: [one: number, two: number];
  betaRule: boolean;
  one: number[];
  two: number[];
}

/** Version `index` of a series in which endpoints, weights, rules and filters change in turn. */
export function meshVersion(index: number, ports: MeshPorts): MeshVersion {
  const choice = choose(index, ports);
  const byWeight = new Set([
    ...(choice.weights[0] > 0 ? choice.one : []),
    ...(choice.weights[1] > 0 ? choice.two : []),
  ]);
  const beta = choice.betaRule ? new Set(choice.two) : byWeight;
  return {
    text: meshText(choice, ports.edge),
    stamp: String(choice.stamp),
    answeredBy: [byWeight, beta, byWeight],
  };
}

/** Every second change is one of endpoints alone: it leaves stamp, weights and rules as they are. */
function choose(index: number, { one, two }: MeshPorts): Choice {
  const configuration = Math.floor(index / 2);
  const step = Math.ceil(index / 2);
  return {
    stamp: configuration,
    weights: WEIGHTS[configuration % WEIGHTS.length] ?? [1, 1],
    betaRule: configuration % 3 !== 0,
    one: one.filter((_, place) => place !== step % one.length),
    two: two.slice(0, 1 + (step % two.length)),
  };
}

function meshText({ stamp, weights, betaRule, one, two }: Choice, edge: number): string {
  const list = (ports: readonly number[]): string =>
    ports.map((port) => `"127.0.0.1:${port}"`).join(", ");
  const filter = `filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x-stamp, value: "${stamp}" }] } }]`;
  const beta = `
    - matches: [{ headers: [{ name: x-group, value: beta }] }]
      ${filter}
      backendRefs: [{ name: two, port: 80 }]`;
  return `mesh: changing
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: shop }
services:
  shop: { port: 80, endpoints: [${list(one)}] }
  one: { port: 80, endpoints: [${list(one)}] }
  two: { port: 80, endpoints: [${list(two)}] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: shop }]
  rules:${betaRule ? beta : ""}
    - ${filter}
      backendRefs:
        - { name: one, port: 80, weight: ${weights[0]} }
        - { name: two, port: 80, weight: ${weights[1]} }
`;
}

const WEIGHTS: readonly [number, number][] = [
  [50, 50],
  [90, 10],
  [0, 1],
  [1, 3],
  [1, 0],
];
