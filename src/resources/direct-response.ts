// DirectResponse, a kind of heddle's own: a response that a rule gives without asking anybody. Rules refer to it with an
// ExtensionRef filter; `responses` of the mesh is its short form.
import type { FromSchema } from "json-schema-to-ts";

/** A document that has passed the schema. */
export type DirectResponseDocument = FromSchema<
  typeof directResponseSchema,
  { keepDefaultedPropertiesOptional: true }
>;

export const responseSchema = {
  type: "object",
  required: ["status"],
  additionalProperties: false,
  properties: {
    status: {
      description: "200 to 599.",
      type: "integer",
      minimum: 200,
      maximum: 599,
    },
    contentType: {
      description: "Content-Type of the body.",
      type: "string",
      maxLength: 256,
      pattern: "^[^\\x00-\\x20\\x7f]([^\\x00-\\x08\\x0a-\\x1f\\x7f]*[^\\x00-\\x20\\x7f])?$",
      default: "text/plain; charset=utf-8",
    },
    body: {
      description: "At most 4096 bytes; none by default.",
      type: "string",
      default: "",
    },
  },
} as const;

export const directResponseSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  required: ["apiVersion", "kind", "metadata", "spec"],
  additionalProperties: false,
  properties: {
    apiVersion: { enum: ["heddle.dev/v1alpha1"] },
    kind: { const: "DirectResponse" },
    metadata: {
      type: "object",
      required: ["name"],
      additionalProperties: false,
      properties: {
        name: { type: "string", pattern: "^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$" },
        namespace: { type: "string", pattern: "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" },
        labels: { type: "object" },
        annotations: { type: "object" },
      },
    },
    spec: responseSchema as typeof responseSchema,
  },
} as const;
