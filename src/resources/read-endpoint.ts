// One entry of a list of endpoints to an `Endpoint`.
import type { FromSchema } from "json-schema-to-ts";
import { parseAddress } from "../lib/address.ts";
import { parseSrvName, srvScheme } from "../lib/srv.ts";
import type { endpointSchema } from "./endpoint.ts";
import type { Endpoint } from "./resources.ts";
import type { View } from "./view.ts";

type EndpointDocument = FromSchema<
  typeof endpointSchema,
  { keepDefaultedPropertiesOptional: true }
>;

/** Undefined where its address is none, which is reported. */
export function readEndpoint(
  pointer: string,
  document: EndpointDocument,
  view: View<unknown>,
): Endpoint | undefined {
  const {
    address: text,
    weight = 1,
    labels = {},
  } = typeof document === "string" ? { address: document } : document;
  const at = typeof document === "string" ? pointer : `${pointer}/address`;
  const parsed = text.startsWith(srvScheme) ? parseSrvName(text) : parseAddress(text);
  if (!(parsed instanceof Error)) return { ...parsed, weight, labels };
  view.report("HED2115", {
    pointer: at,
    message: `'${text}' is no endpoint: ${parsed.message}`,
    hint: "write ip:port, [ip6]:port, name:port, srv:name or unix:/path, such as db.internal:5432",
  });
  return undefined;
}
