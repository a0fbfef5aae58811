// The short form of a mesh: one document that names the doors, the services and who calls whom. The schema is the
// source; its TypeScript type, the validator and the JSON Schema for editors are derived from it.
import type { FromSchema } from "json-schema-to-ts";
import { responseSchema } from "./direct-response.ts";
import { endpointSchema } from "./endpoint.ts";
import { healthCheckSchema } from "./health-check.ts";

/** A document that has passed the schema. */
export type MeshDocument = FromSchema<typeof meshSchema, { keepDefaultedPropertiesOptional: true }>;

export const meshSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "heddle mesh, short form",
  type: "object",
  required: ["mesh", "services"],
  additionalProperties: false,
  properties: {
    mesh: {
      description: "Name of the mesh.",
      type: "string",
      pattern: "^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$",
    },
    namespace: {
      description: "Namespace of the services, as routes name it.",
      type: "string",
      pattern: "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
      default: "default",
    },
    dns: {
      description: "How names of endpoints are resolved.",
      type: "object",
      additionalProperties: false,
      properties: {
        servers: {
          description:
            "Servers to ask, as ip:port or [ip6]:port; those of this machine by default.",
          type: "array",
          minItems: 1,
          maxItems: 8,
          items: { type: "string", examples: ["127.0.0.1:8600"] },
        },
      },
    },
    accessLog: {
      description:
        "A log with a line for each exchange and each tcp connection; without it there is none.",
      type: "object",
      required: ["path"],
      additionalProperties: false,
      properties: {
        path: {
          description: "File that lines are appended to, from the folder that heddle runs in.",
          type: "string",
          pattern: "^[^\\u0000]+$",
        },
        format: {
          description: "json (Istio's keys), envoy (Istio's default text) or apache (combined).",
          type: "string",
          enum: ["json", "envoy", "apache"],
          default: "json",
        },
        sample: {
          description: "Share of the exchanges that is logged, such as 1/100; failures all are.",
          type: "string",
          pattern: "^1/[1-9][0-9]{0,8}$",
          default: "1/1",
        },
      },
    },
    responses: {
      description: "Responses that rules of routes give without asking anybody, by name.",
      type: "object",
      propertyNames: { pattern: "^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$" },
      additionalProperties: responseSchema as typeof responseSchema,
    },
    listeners: {
      description: "Doors for callers outside the mesh.",
      type: "array",
      items: {
        type: "object",
        required: ["name", "address", "protocol", "service"],
        additionalProperties: false,
        properties: {
          name: {
            description: "Name in metrics and messages.",
            type: "string",
            pattern: "^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$",
          },
          address: {
            description:
              "Where it listens: ip:port, [ip6]:port, or unix:/path for a socket in the file system.",
            type: "string",
            examples: ["127.0.0.1:8080", "unix:/run/shop/edge.sock"],
          },
          mode: {
            description:
              'Permission bits of a unix: address, such as "0660"; by default the owner alone may connect.',
            type: "string",
            pattern: "^0[0-7]{3}$",
          },
          proxyProtocol: {
            description:
              "Each connection begins with a PROXY header (version 1 or 2), which says whose it is; others are refused.",
            type: "object",
            required: ["trust"],
            additionalProperties: false,
            properties: {
              trust: {
                description:
                  "Balancers that may connect, as ip or ip/prefix; at a unix: address its mode says who may.",
                type: "array",
                minItems: 1,
                maxItems: 64,
                items: { type: "string", examples: ["10.0.0.0/8"] },
              },
            },
          },
          protocol: {
            description: "http (HTTP/1.1) or tcp (opaque bytes); the same as that of the service.",
            type: "string",
            enum: ["http", "tcp"],
          },
          service: {
            description: "The service it leads to; routes attached to that service apply.",
            type: "string",
          },
          errors: {
            description:
              "What answers of heddle's own tell: brief (the status) or full (cause and endpoint, with Proxy-Status).",
            type: "string",
            enum: ["brief", "full"],
            default: "brief",
          },
          requestId: {
            description:
              "What becomes of a caller's x-request-id: replace, or keep where it is at most 128 token characters.",
            type: "string",
            enum: ["replace", "keep"],
            default: "replace",
          },
          timeouts: {
            description:
              "Time limits on HTTP callers such as 500ms or 1m30s (GEP-2257); 0s switches one off.",
            type: "object",
            additionalProperties: false,
            properties: {
              head: {
                description: "From the first byte of a request head to its last; 10s by default.",
                type: "string",
                pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
              },
              idle: {
                description: "Life of a connection without a request; 60s by default.",
                type: "string",
                pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
              },
              age: {
                description:
                  "Age at which a connection is told to close, give or take a tenth; 1h by default.",
                type: "string",
                pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
              },
            },
          },
          limits: {
            description: "Other bounds on HTTP callers.",
            type: "object",
            additionalProperties: false,
            properties: {
              bodyBytesPerSecond: {
                description:
                  "Rate that a request body has to bring after a grace of 10s; 1024 by default, 0 for none.",
                type: "integer",
                minimum: 0,
                maximum: 1_000_000_000,
              },
            },
          },
        },
      },
    },
    services: {
      description: "The services of the mesh by name.",
      type: "object",
      propertyNames: { pattern: "^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$" },
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        properties: {
          port: {
            description:
              "Port of the service; without replicas or endpoints its one endpoint is 127.0.0.1:port.",
            type: "integer",
            minimum: 1,
            maximum: 65535,
          },
          run: {
            description: "Command that heddle dev starts, watches and restarts, with PORT set.",
            type: "string",
            pattern: "\\S",
          },
          replicas: {
            description: "Ports on this host, one for each copy of the program.",
            type: "array",
            minItems: 1,
            items: { type: "integer", minimum: 1, maximum: 65535 },
          },
          endpoints: {
            description:
              "Addresses that heddle does not run: ip:port, [ip6]:port, name:port (DNS) or unix:/path, or each with weight and labels.",
            type: "array",
            minItems: 1,
            items: endpointSchema as typeof endpointSchema,
          },
          endpointsFile: {
            description:
              "File with a list of endpoints that is followed, from the folder of this file.",
            type: "string",
            pattern: "^[^\\u0000]+$",
          },
          upstreams: {
            description: "Services that this one calls; each gets an outbound listener.",
            type: "array",
            items: { type: "string" },
          },
          protocol: {
            description: "What the endpoints speak: http (HTTP/1.1) or tcp (opaque bytes).",
            type: "string",
            enum: ["http", "tcp"],
            default: "http",
          },
          balancer: {
            description: "How an endpoint is picked.",
            type: "string",
            enum: ["peakEwma", "roundRobin", "leastRequest"],
            default: "peakEwma",
          },
          warmUp: {
            description:
              "Time in which the share of an endpoint that is new, or passes its tests again, grows from a tenth to the whole; none by default.",
            type: "string",
            pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
          },
          healthCheck: healthCheckSchema as typeof healthCheckSchema,
          timeouts: {
            description: "Time limits such as 500ms or 1m30s (GEP-2257); 0s switches one off.",
            type: "object",
            additionalProperties: false,
            properties: {
              connect: {
                description: "Until connected; 1s by default, 5s where endpoints are named.",
                type: "string",
                pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
              },
              request: {
                description:
                  "From the request head to the last byte of the response; 15s by default.",
                type: "string",
                pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
              },
              streamIdle: {
                description:
                  "While nothing moves in either direction of a request and its response, or of a tcp connection; 5m by default, 1h with tcp.",
                type: "string",
                pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
              },
              idle: {
                description:
                  "Life of an unused connection to an endpoint; 55s by default, less if the endpoint announces less.",
                type: "string",
                pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
              },
            },
          },
        },
      },
    },
  },
} as const;
