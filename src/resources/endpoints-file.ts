// A file of endpoints: a list that a program writes and heddle follows, beside the files that people write.
import type { FromSchema } from "json-schema-to-ts";
import { endpointSchema } from "./endpoint.ts";

/** A document that has passed the schema. */
export type EndpointsFileDocument = FromSchema<
  typeof endpointsFileSchema,
  { keepDefaultedPropertiesOptional: true }
>;

export const endpointsFileSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "heddle endpoints of a service",
  type: "object",
  required: ["endpoints"],
  additionalProperties: false,
  properties: {
    endpoints: {
      description: "The endpoints of the service; an empty list means that it has none.",
      type: "array",
      maxItems: 10_000,
      items: endpointSchema as typeof endpointSchema,
    },
  },
} as const;
