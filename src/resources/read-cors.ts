// A CORS filter (Gateway API, `HTTPCORSFilter`), its origins in the form in which browsers send them.
import type { HttpRouteDocument } from "./http-route.ts";
import type { Cors } from "./resources.ts";
import type { View } from "./view.ts";

type RuleDocument = NonNullable<HttpRouteDocument["spec"]["rules"]>[number];
type CorsDocument = NonNullable<NonNullable<RuleDocument["filters"]>[number]["cors"]>;

export function readCors(
  pointer: string,
  document: CorsDocument,
  view: View<HttpRouteDocument>,
): Cors {
  const { allowOrigins = [], allowCredentials = false, maxAge = 5 } = document;
  for (const list of lists) checkWildcard(`${pointer}/${list}`, document[list], view);
  if (allowCredentials && document.exposeHeaders?.includes("*") === true) {
    view.report("HED2134", {
      pointer: `${pointer}/exposeHeaders`,
      message: "exposeHeaders cannot be * where allowCredentials is true",
      hint: "name the headers",
    });
  }
  return {
    allowOrigins: allowOrigins.map(inOneForm),
    allowCredentials,
    allowMethods: [...(document.allowMethods ?? [])],
    allowHeaders: [...(document.allowHeaders ?? [])],
    exposeHeaders: [...(document.exposeHeaders ?? [])],
    maxAge,
  };
}

function checkWildcard(
  pointer: string,
  list: readonly string[] | undefined,
  view: View<HttpRouteDocument>,
): void {
  if (list === undefined || list.length < 2 || !list.includes("*")) return;
  const message = `${pointer.slice(pointer.lastIndexOf("/") + 1)} has * beside other values`;
  view.report("HED2134", { pointer, message, hint: "write * alone, or remove it" });
}

function inOneForm(origin: string): string {
  const lower = origin.toLowerCase();
  return lower.replace(/^(http:.*):80$|^(https:.*):443$/, "$1$2");
}

const lists = ["allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders"] as const;
