// `heddle get routes`: the routes of the files with their Gateway API conditions, as a controller would write them into
// `status.parents`. Nothing needs to run: what an agent would take is what these files say.
import { stringify } from "yaml";
import {
  parseResources,
  readSources,
  resolvedRoute,
  routeStatus,
  type ReadRoute,
} from "../resources/index.ts";
import type { Invocation } from "./command.ts";
import { exitCode } from "./exit-code.ts";
import { leftTable } from "./left-table.ts";

export async function run({ values, operands, terminal }: Invocation): Promise<number> {
  const files = await readSources(operands[0] ?? values["file"] ?? "mesh.yaml", process.stdin);
  const { routes, resources } = parseResources(files);
  const output = values["output"] ?? "table";
  if (output === "json" || output === "yaml") {
    const shown = { schemaVersion: 1, routes: routes.map(routeObject) };
    terminal.out(
      output === "json"
        ? `${JSON.stringify(shown, null, 2)}\n`
        : stringify(shown, { aliasDuplicateObjects: false }),
    );
  } else {
    const rows = routes.flatMap((route) => parentRows(route, output === "wide"));
    terminal.out(leftTable([output === "wide" ? wideHeads : heads, ...rows], terminal));
  }
  if (resources !== undefined) return exitCode.ok;
  terminal.say("nothing of these files would be applied: `heddle lint` says what is wrong in them");
  return exitCode.foundErrors;
}

function routeObject(read: ReadRoute): unknown {
  return { ...resolvedRoute(read.route), status: { parents: routeStatus(read) } };
}

/** A row for each parent. */
function parentRows(read: ReadRoute, wide: boolean): string[][] {
  const { name, namespace, origin } = read.route;
  const place = `${origin.position.file}:${origin.position.line}`;
  const parents = routeStatus(read);
  if (parents.length === 0)
    return [[namespace, name, "-", "-", "-", ...(wide ? [place, "-"] : [])]];
  return parents.map(({ parentRef, conditions }) => {
    const parent = `${parentRef.kind}/${parentRef.name}${parentRef.port === undefined ? "" : `:${parentRef.port}`}`;
    const [accepted = "-", resolvedRefs = "-"] = conditions.map(({ status, reason }) =>
      status === "True" ? status : reason,
    );
    const message = conditions.find(({ status }) => status === "False")?.message ?? "-";
    return [namespace, name, parent, accepted, resolvedRefs, ...(wide ? [place, message] : [])];
  });
}

const heads = ["NAMESPACE", "NAME", "PARENT", "ACCEPTED", "RESOLVEDREFS"];
const wideHeads = [...heads, "ORIGIN", "MESSAGE"];
