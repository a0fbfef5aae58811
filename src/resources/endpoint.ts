// An endpoint as users write it, in the mesh file and in files of endpoints: an address, or an address with what is to
// be known of it.

export const endpointSchema = {
  type: ["string", "object"],
  required: ["address"],
  additionalProperties: false,
  properties: {
    address: {
      description:
        "ip:port, [ip6]:port, name:port (DNS), srv:_service._proto.name (SRV records) or unix:/path.",
      type: "string",
      examples: ["10.0.0.5:9100"],
    },
    weight: {
      description: "Share of the traffic beside the weights of the others; 0 gets nothing new.",
      type: "integer",
      minimum: 0,
      maximum: 1000,
      default: 1,
    },
    labels: {
      description: "What tells it from others, such as version or zone.",
      type: "object",
      propertyNames: { pattern: "^([A-Za-z0-9]([-A-Za-z0-9_./]{0,251}[A-Za-z0-9])?)$" },
      additionalProperties: { type: "string", maxLength: 63 },
    },
  },
  examples: ["db.internal:5432"],
} as const;
