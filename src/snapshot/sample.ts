// A small snapshot for tests: every table has a row, and everything holds.
import type { Snapshot } from "./generated/Snapshot.ts";

export function sample(): Snapshot {
  const edit = { set: [{ name: "x-a", value: "1" }], add: [], remove: ["x-b"] };
  return {
    version: 3,
    mesh: "shop",
    listeners: [
      { name: "edge", address: "127.0.0.1:8080", protocol: "http", service: 0, origin: 0 },
      {
        name: "web->db",
        address: "[::1]:15101",
        protocol: "tcp",
        source: "web",
        service: 1,
        origin: 1,
      },
    ],
    services: [
      {
        name: "web",
        namespace: "default",
        protocol: "http",
        balancer: "peakEwma",
        timeouts: { connectMs: 1000, requestMs: 15000 },
        rules: [0],
        origin: 1,
      },
      {
        name: "db",
        namespace: "default",
        protocol: "tcp",
        balancer: "roundRobin",
        timeouts: { connectMs: 5000, requestMs: 0 },
        rules: [],
        origin: 1,
      },
    ],
    rules: [
      {
        route: "default/pay",
        matches: [
          {
            path: { kind: "exact", value: "/ü" },
            method: "GET",
            headers: [{ kind: "exact", name: "x", value: "y" }],
            queryParams: [{ kind: "regex", name: "q", value: "[0-9]+" }],
          },
          { path: { kind: "prefix", value: "/pay" }, headers: [] },
        ],
        requestHeaders: edit,
        responseHeaders: { set: [], add: [], remove: [] },
        backends: [
          { weight: 9, target: { kind: "service", service: 0 } },
          { weight: 1, target: { kind: "invalid", reason: "no service 'pay'" } },
        ],
        origin: 1,
      },
    ],
    endpoints: { version: 7, services: [[{ address: "127.0.0.1:9001" }], []] },
    origins: [
      { file: "mesh.yaml", line: 3, resource: "listener/edge" },
      { file: "mesh.yaml", line: 5, resource: "service/web" },
    ],
  };
}
