/**
 * Turns the type definitions that napi-derive notes, a JSON object a line, into the text of a declaration file.
 * Knows functions, constants, type aliases and plain-object interfaces: what our boundary consists of.
 */

interface Definition {
  kind: string;
  name: string;
  js_doc?: string;
  def: string;
}

export function declarationsOf(notes: string): string {
  const items = notes
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as Definition)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((definition) => `${doc(definition)}${declaration(definition)}\n`);
  return [HEADER, ...items].join("\n");
}

function declaration(definition: Definition): string {
  switch (definition.kind) {
    case "fn":
    case "const":
      return `export declare ${definition.def};`;
    case "interface":
      return `export interface ${definition.name} {\n${indented(definition.def)}\n}`;
    case "type":
      return `export type ${definition.name} = ${definition.def};`;
    default:
      throw new Error(`the boundary has no ${definition.kind} (${definition.name})`);
  }
}

function doc(definition: Definition): string {
  return (definition.js_doc ?? "").replaceAll(/ +$/gm, "");
}

function indented(body: string): string {
  return body
    .split("\n")
    .map((line) => (line.trim() === "" ? "" : `  ${line.trim()}`))
    .join("\n");
}

const HEADER = "// Generated from native/binding by ci/generated. Do not edit.\n";
