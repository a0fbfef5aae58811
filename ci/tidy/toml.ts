/** Reads just enough of a Cargo.toml to name its dependencies: tables and `name = ...` keys, one a line. */

export interface CargoDependency {
  /** The key; with `package = "..."` the crate's own name may differ. */
  name: string;
  line: number;
  /** What stands right of the equals sign. */
  value: string;
  table: string;
}

export function cargoDependencies(text: string): CargoDependency[] {
  const found: CargoDependency[] = [];
  let table = "";
  for (const [index, line] of text.split("\n").entries()) {
    const header = /^\[([^\]]+)\]/.exec(line);
    const key = /^([\w-]+)(?:\.workspace)? *= *(.*)$/.exec(line);
    const named = /dependencies\.([\w-]+)$/.exec(header?.[1] ?? "");
    if (header !== null) table = header[1] ?? "";
    if (named?.[1] !== undefined) {
      found.push({ name: named[1], line: index + 1, value: "", table });
    } else if (key?.[1] !== undefined && table.endsWith("dependencies")) {
      found.push({ name: key[1], line: index + 1, value: key[2] ?? "", table });
    }
  }
  return found;
}
