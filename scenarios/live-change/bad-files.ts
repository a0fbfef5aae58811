// Files that an editor may leave behind for a moment, with the place where the mistake is.

export interface BadFile {
  text: string;
  /** What the agent has to say: the code and `mesh.yaml:line:column`. */
  code: string;
  at: string;
}

/** Each is made from a good file by one mistake. */
export function badFiles(good: string): BadFile[] {
  return [
    {
      text: good.replace("service: shop }", "service: shpo }"),
      code: "HED2101",
      ...placeOf(good, "shop }"),
    },
    {
      text: good.replace("name: one, port", "name: none, port"),
      code: "HED2104",
      ...placeOf(good, "one, port"),
    },
    { text: good.replace("services:", "servces:"), code: "HED2010", ...placeOf(good, "services:") },
    {
      text: good.replace("endpoints: [", "endpoints: [oops"),
      code: "HED2115",
      ...placeOf(good, '"127.0.0.1:', 2),
    },
    {
      text: good.replace("kind: HTTPRoute", "kind: HTTPRoue"),
      code: "HED2005",
      ...placeOf(good, "HTTPRoute"),
    },
  ];
}

/** Line and column of the `nth` time that `piece` stands in the text. */
function placeOf(text: string, piece: string, nth = 1): { at: string } {
  const offset = text.split(piece).slice(0, nth).join(piece).length;
  const before = text.slice(0, offset).split("\n");
  return { at: `mesh.yaml:${before.length}:${(before.at(-1)?.length ?? 0) + 1}` };
}
