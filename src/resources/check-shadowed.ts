// Rules that can never apply. Precedence picks the most specific match, so that only one thing hides a match for sure:
// the same condition in a rule that wins every tie against it.
import { type Diagnostic, diagnose } from "./diagnostic.ts";
import type { HttpRoute, HttpRouteMatch, HttpRouteRule, ValueMatch } from "./resources.ts";

/** `routes` are in tie-break order. A rule is reported once, whatever number of services it is attached to. */
export function checkShadowed(routes: readonly HttpRoute[]): Diagnostic[] {
  const winners = new Map<string, Winner>();
  return routes.flatMap((route) =>
    route.rules.flatMap((rule, index) => {
      const winner = { route, rule, ruleNumber: index + 1 };
      const hidden = rule.matches.map((match) => hiddenBy(match, winner, winners));
      return describe(winner, hidden);
    }),
  );
}

interface Winner {
  route: HttpRoute;
  rule: HttpRouteRule;
  ruleNumber: number;
}

/** The rule that hides the match for every parent of the route; enters the match where nothing hides it. */
function hiddenBy(
  match: HttpRouteMatch,
  own: Winner,
  winners: Map<string, Winner>,
): Winner | undefined {
  const keys = own.route.parentRefs.map(({ namespace, name }) =>
    JSON.stringify([namespace, name, conditionOf(match)]),
  );
  const earlier = keys.map((key) => winners.get(key));
  for (const key of keys) if (!winners.has(key)) winners.set(key, own);
  return earlier.length > 0 && earlier.every((winner) => winner !== undefined)
    ? earlier[0]
    : undefined;
}

function describe(own: Winner, hidden: readonly (Winner | undefined)[]): Diagnostic[] {
  const { rule, ruleNumber } = own;
  const [first] = hidden;
  const hint = "remove it, or make its condition differ from that of the earlier rule";
  if (first !== undefined && hidden.every((winner) => winner !== undefined)) {
    const message = `rule ${ruleNumber} can never match: shadowed by ${nameOf(first, own)} (${wordsOf(rule.matches[0])})`;
    return [diagnose(rule.origin, "HED2210", { message, hint })];
  }
  return rule.matches.flatMap((match, index) => {
    const winner = hidden[index];
    if (winner === undefined) return [];
    const message = `match ${index + 1} of rule ${ruleNumber} never decides: ${nameOf(winner, own)} has the same condition (${wordsOf(match)})`;
    return [diagnose(match.origin, "HED2210", { message, hint })];
  });
}

function nameOf(winner: Winner, own: Winner): string {
  if (winner.rule === own.rule) return "an earlier match of the rule";
  const rule = `rule ${winner.ruleNumber}`;
  return winner.route === own.route ? rule : `${rule} of route '${winner.route.name}'`;
}

/** Equal for matches that the same requests satisfy. */
function conditionOf({ path, method, headers, queryParams }: HttpRouteMatch): string {
  const sorted = (values: readonly ValueMatch[]): string[] =>
    values.map(({ type, name, value }) => JSON.stringify([type, name, value])).sort();
  return JSON.stringify([
    path.type,
    path.value,
    method ?? "",
    sorted(headers),
    sorted(queryParams),
  ]);
}

function wordsOf(match: HttpRouteMatch | undefined): string {
  if (match === undefined) return "";
  const { path, method, headers, queryParams } = match;
  const words = [method, pathWords[path.type], path.value];
  const named = headers.map(({ type, name, value }) => `${name}${signs[type]} ${value}`);
  const asked = queryParams.map(({ type, name, value }) => `?${name}${signs[type]} ${value}`);
  return [...words, ...named, ...asked].filter((word) => word !== undefined).join(" ");
}

const pathWords = { Exact: "path", PathPrefix: "prefix", RegularExpression: "pattern" } as const;
const signs = { Exact: ":", RegularExpression: " ~" } as const;
