// HTTPRoute of the Gateway API, v1 and v1beta1, as far as heddle serves it. What else upstream's type has is listed in
// `unsupported.ts` and refused by name. The schema is the source of the TypeScript type and of the validator.
import type { FromSchema } from "json-schema-to-ts";
import { backendFilterSchema, ruleFilterSchema, tokenPattern } from "./http-route-filter.ts";

/** A document that has passed the schema. */
export type HttpRouteDocument = FromSchema<
  typeof httpRouteSchema,
  { keepDefaultedPropertiesOptional: true }
>;

export const httpRouteSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  required: ["apiVersion", "kind", "metadata", "spec"],
  additionalProperties: false,
  properties: {
    apiVersion: { enum: ["gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"] },
    kind: { const: "HTTPRoute" },
    status: {},
    metadata: {
      type: "object",
      required: ["name"],
      additionalProperties: false,
      properties: {
        name: { type: "string", pattern: "^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$" },
        namespace: { type: "string", pattern: "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" },
        creationTimestamp: { type: ["string", "null"] },
        labels: { type: "object" },
        annotations: { type: "object" },
        deletionGracePeriodSeconds: {},
        deletionTimestamp: {},
        finalizers: {},
        generateName: {},
        generation: {},
        managedFields: {},
        ownerReferences: {},
        resourceVersion: {},
        selfLink: {},
        uid: {},
      },
    },
    spec: {
      type: "object",
      additionalProperties: false,
      properties: {
        parentRefs: {
          type: "array",
          maxItems: 32,
          items: {
            type: "object",
            required: ["name"],
            additionalProperties: false,
            properties: {
              group: { type: "string" },
              kind: { type: "string" },
              name: { type: "string" },
              namespace: { type: "string" },
              sectionName: { type: "string" },
              port: { type: "integer", minimum: 1, maximum: 65535 },
            },
          },
        },
        hostnames: { type: "array", maxItems: 16, items: { type: "string" } },
        rules: {
          type: "array",
          minItems: 1,
          maxItems: 16,
          items: {
            type: "object",
            additionalProperties: false,
            properties: {
              name: { type: "string", pattern: "^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$" },
              matches: {
                type: "array",
                maxItems: 64,
                items: {
                  type: "object",
                  additionalProperties: false,
                  properties: {
                    path: {
                      type: "object",
                      additionalProperties: false,
                      properties: {
                        type: {
                          type: "string",
                          enum: ["Exact", "PathPrefix", "RegularExpression"],
                          default: "PathPrefix",
                        },
                        value: { type: "string", maxLength: 1024, default: "/" },
                      },
                    },
                    method: {
                      type: "string",
                      enum: [
                        "GET",
                        "HEAD",
                        "POST",
                        "PUT",
                        "DELETE",
                        "CONNECT",
                        "OPTIONS",
                        "TRACE",
                        "PATCH",
                      ],
                    },
                    headers: {
                      type: "array",
                      maxItems: 16,
                      items: {
                        type: "object",
                        required: ["name", "value"],
                        additionalProperties: false,
                        properties: {
                          type: {
                            type: "string",
                            enum: ["Exact", "RegularExpression"],
                            default: "Exact",
                          },
                          name: {
                            type: "string",
                            pattern: tokenPattern as typeof tokenPattern,
                          },
                          value: {
                            type: "string",
                            maxLength: 4096,
                            pattern:
                              "^[^\\x00-\\x20\\x7f]([^\\x00-\\x08\\x0a-\\x1f\\x7f]*[^\\x00-\\x20\\x7f])?$",
                          },
                        },
                      },
                    },
                    queryParams: {
                      type: "array",
                      maxItems: 16,
                      items: {
                        type: "object",
                        required: ["name", "value"],
                        additionalProperties: false,
                        properties: {
                          type: {
                            type: "string",
                            enum: ["Exact", "RegularExpression"],
                            default: "Exact",
                          },
                          name: {
                            type: "string",
                            pattern: tokenPattern as typeof tokenPattern,
                          },
                          value: { type: "string", maxLength: 1024, pattern: "." },
                        },
                      },
                    },
                  },
                },
              },
              filters: {
                type: "array",
                maxItems: 16,
                items: ruleFilterSchema as typeof ruleFilterSchema,
              },
              timeouts: {
                type: "object",
                additionalProperties: false,
                properties: {
                  request: { type: "string", pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$" },
                  backendRequest: { type: "string", pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$" },
                },
              },
              backendRefs: {
                type: "array",
                maxItems: 16,
                items: {
                  type: "object",
                  required: ["name"],
                  additionalProperties: false,
                  properties: {
                    group: { type: "string", enum: [""], default: "" },
                    kind: { type: "string", enum: ["Service"], default: "Service" },
                    name: { type: "string" },
                    namespace: { type: "string" },
                    port: { type: "integer", minimum: 1, maximum: 65535 },
                    weight: { type: "integer", minimum: 0, maximum: 1000000, default: 1 },
                    filters: {
                      type: "array",
                      maxItems: 16,
                      items: backendFilterSchema as typeof backendFilterSchema,
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
} as const;
