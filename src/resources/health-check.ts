// How users ask for tests of a service's endpoints.

export const healthCheckSchema = {
  description: "Tests of the endpoints; those that fail get no traffic while half of them pass.",
  type: "object",
  additionalProperties: false,
  properties: {
    protocol: {
      description:
        "http (a request) or tcp (a connection); by default what the service speaks, and http where a path is set.",
      type: "string",
      enum: ["http", "tcp"],
    },
    path: {
      description: "Path of the request; / by default.",
      type: "string",
      pattern: "^/[\\x21-\\x7e]*$",
    },
    host: {
      description: "Host of the request; the name of the service by default.",
      type: "string",
      pattern: "^[A-Za-z0-9.:\\[\\]-]{1,255}$",
    },
    statuses: {
      description: "Statuses that pass, such as 200 or 200-299; 200-299 by default.",
      type: "array",
      minItems: 1,
      maxItems: 32,
      items: { type: "string", pattern: "^[2-5][0-9]{2}(-[2-5][0-9]{2})?$" },
    },
    interval: {
      description: "Time between two tests, give or take a tenth; 10s by default.",
      type: "string",
      pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
    },
    timeout: {
      description: "Time for one test; 1s by default.",
      type: "string",
      pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
    },
    rise: {
      description: "Passed tests in a row after which an endpoint is used again.",
      type: "integer",
      minimum: 1,
      maximum: 100,
      default: 2,
    },
    fall: {
      description: "Failed tests in a row after which an endpoint is used no more.",
      type: "integer",
      minimum: 1,
      maximum: 100,
      default: 3,
    },
  },
} as const;
