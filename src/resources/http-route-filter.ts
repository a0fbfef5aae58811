// The filters of an HTTPRoute as far as heddle serves them: those of a rule, and the fewer ones of a single backendRef.
// `as typeof`: declarations are made file by file, so a schema says the type of what it takes over from a constant.

/** A header name or another token (RFC 9110 section 5.6.2). */
export const tokenPattern = "^[A-Za-z0-9!#$%&'*+\\-.^_`|~]{1,256}$";

const headerField = {
  type: "object",
  required: ["name", "value"],
  additionalProperties: false,
  properties: {
    name: { type: "string", pattern: tokenPattern as typeof tokenPattern },
    value: {
      type: "string",
      maxLength: 4096,
      pattern: "^[^\\x00-\\x20\\x7f]([^\\x00-\\x08\\x0a-\\x1f\\x7f]*[^\\x00-\\x20\\x7f])?$",
    },
  },
} as const;

/** `HTTPHeaderFilter`. */
const headerModifier = {
  type: "object",
  additionalProperties: false,
  properties: {
    set: { type: "array", maxItems: 16, items: headerField as typeof headerField },
    add: { type: "array", maxItems: 16, items: headerField as typeof headerField },
    remove: {
      type: "array",
      maxItems: 16,
      items: { type: "string", pattern: tokenPattern as typeof tokenPattern },
    },
  },
} as const;

/** `HTTPPathModifier`. */
const pathModifier = {
  type: "object",
  required: ["type"],
  additionalProperties: false,
  properties: {
    type: { type: "string", enum: ["ReplaceFullPath", "ReplacePrefixMatch"] },
    replaceFullPath: { type: "string", maxLength: 1024 },
    replacePrefixMatch: { type: "string", maxLength: 1024 },
  },
} as const;

/** `HTTPCORSFilter`. */
const cors = {
  type: "object",
  additionalProperties: false,
  properties: {
    allowOrigins: {
      type: "array",
      maxItems: 64,
      items: {
        type: "string",
        maxLength: 253,
        pattern: "^(\\*|https?://(\\*|(\\*\\.)?([A-Za-z0-9-]+\\.)*[A-Za-z0-9-]+)(:[0-9]{1,5})?)$",
      },
    },
    allowCredentials: { type: "boolean", default: false },
    allowMethods: {
      type: "array",
      maxItems: 9,
      items: {
        type: "string",
        enum: ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "*"],
      },
    },
    allowHeaders: {
      type: "array",
      maxItems: 64,
      items: { type: "string", pattern: tokenPattern as typeof tokenPattern },
    },
    exposeHeaders: {
      type: "array",
      maxItems: 64,
      items: { type: "string", pattern: tokenPattern as typeof tokenPattern },
    },
    maxAge: { type: "integer", minimum: 1, maximum: 2147483647, default: 5 },
  },
} as const;

const hostname = { type: "string", pattern: "^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$" } as const;

/** One backend's filters apply to the requests that it gets, after those of the rule. */
export const backendFilterSchema = {
  type: "object",
  required: ["type"],
  additionalProperties: false,
  properties: {
    type: { type: "string", enum: ["RequestHeaderModifier", "ResponseHeaderModifier"] },
    requestHeaderModifier: headerModifier as typeof headerModifier,
    responseHeaderModifier: headerModifier as typeof headerModifier,
  },
} as const;

export const ruleFilterSchema = {
  type: "object",
  required: ["type"],
  additionalProperties: false,
  properties: {
    type: {
      type: "string",
      enum: [
        "RequestHeaderModifier",
        "ResponseHeaderModifier",
        "RequestRedirect",
        "URLRewrite",
        "CORS",
        "ExtensionRef",
      ],
    },
    requestRedirect: {
      type: "object",
      additionalProperties: false,
      properties: {
        scheme: { type: "string", enum: ["http", "https"] },
        hostname: hostname as typeof hostname,
        port: { type: "integer", minimum: 1, maximum: 65535 },
        path: pathModifier as typeof pathModifier,
        statusCode: { type: "integer", enum: [301, 302, 303, 307, 308], default: 302 },
      },
    },
    urlRewrite: {
      type: "object",
      additionalProperties: false,
      properties: {
        hostname: hostname as typeof hostname,
        path: pathModifier as typeof pathModifier,
      },
    },
    cors: cors as typeof cors,
    extensionRef: {
      type: "object",
      required: ["group", "kind", "name"],
      additionalProperties: false,
      properties: {
        group: { type: "string", enum: ["heddle.dev"] },
        kind: { type: "string", enum: ["DirectResponse"] },
        name: { type: "string" },
      },
    },
    requestHeaderModifier: headerModifier as typeof headerModifier,
    responseHeaderModifier: headerModifier as typeof headerModifier,
  },
} as const;
