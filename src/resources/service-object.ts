// A `Service` object of Kubernetes, as far as it says which endpoints of the mesh it stands for.
import type { FromSchema } from "json-schema-to-ts";

/** A document that has passed the schema. */
export type ServiceObjectDocument = FromSchema<
  typeof serviceObjectSchema,
  { keepDefaultedPropertiesOptional: true }
>;

export const serviceObjectSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  required: ["apiVersion", "kind", "metadata", "spec"],
  additionalProperties: false,
  properties: {
    apiVersion: { const: "v1" },
    kind: { const: "Service" },
    status: {},
    metadata: {
      type: "object",
      required: ["name"],
      additionalProperties: false,
      properties: {
        name: { type: "string", pattern: "^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$" },
        namespace: { type: "string", pattern: "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" },
        creationTimestamp: {},
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
      required: ["selector"],
      additionalProperties: false,
      properties: {
        selector: {
          description: "app: a service of the mesh, and labels that its endpoints have to have.",
          type: "object",
          additionalProperties: { type: "string", maxLength: 63 },
        },
        ports: {
          type: "array",
          maxItems: 1,
          items: {
            type: "object",
            required: ["port"],
            additionalProperties: false,
            properties: {
              name: { type: "string" },
              protocol: { type: "string", enum: ["TCP"] },
              port: { type: "integer", minimum: 1, maximum: 65535 },
            },
          },
        },
        type: { type: "string", enum: ["ClusterIP"] },
      },
    },
  },
} as const;
