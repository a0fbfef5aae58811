// The path of a redirect or rewrite (Gateway API, `HTTPPathModifier`): in place of the whole, or of the prefix that the
// rule matches, which therefore has exactly one match.
import type { FilterContext } from "./read-filters.ts";
import type { HttpRouteDocument } from "./http-route.ts";
import { pathProblem } from "./read-match.ts";
import type { PathChange } from "./resources.ts";

type RuleDocument = NonNullable<HttpRouteDocument["spec"]["rules"]>[number];
type FilterDocument = NonNullable<RuleDocument["filters"]>[number];
type PathDocument = NonNullable<NonNullable<FilterDocument["urlRewrite"]>["path"]>;

export function readPathChange(
  pointer: string,
  document: PathDocument,
  { view, matches }: FilterContext,
): PathChange | undefined {
  const { type } = document;
  if (view.damaged(`${pointer}/type`)) return undefined;
  const [field, other] = fields[type];
  const value = document[field];
  if (value === undefined || document[other] !== undefined) {
    const message = `a path of type ${type} has '${field}' and nothing else`;
    view.report("HED2118", { pointer, message, hint: `write ${field}: /path` });
    return undefined;
  }
  const problem =
    value === "" && type === "ReplacePrefixMatch" ? undefined : pathProblem(type, value);
  if (problem !== undefined) {
    const message = `the path "${value}" ${problem.message}`;
    view.report("HED2117", { pointer: `${pointer}/${field}`, message, hint: problem.hint });
    return undefined;
  }
  if (type === "ReplaceFullPath") return { type, value };
  const [match, ...others] = matches;
  if (match?.path.type !== "PathPrefix" || others.length > 0) {
    view.report("HED2132", {
      pointer: `${pointer}/type`,
      message: "ReplacePrefixMatch needs a rule with exactly one match, of type PathPrefix",
      hint: "write ReplaceFullPath, or give each prefix a rule of its own",
    });
    return undefined;
  }
  return { type, matched: match.path.value, value: value.replace(/\/$/, "") };
}

const fields = {
  ReplaceFullPath: ["replaceFullPath", "replacePrefixMatch"],
  ReplacePrefixMatch: ["replacePrefixMatch", "replaceFullPath"],
} as const;
