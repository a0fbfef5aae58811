// Fills the readable configuration of a peer: `{{port}}` and its like become values.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../project.ts";

/** Writes bench/peers/`template` with its values into a folder; gives the new file's path. */
export async function writeConfiguration(
  template: string,
  values: object,
  folder: string,
): Promise<string> {
  const text = await readFile(join(projectRoot, "bench", "peers", template), "utf8");
  const path = join(folder, template.replaceAll("/", "-"));
  await writeFile(path, fill(text, new Map(Object.entries(values))));
  return path;
}

/** Replaces each `{{name}}`; throws for a name without value. */
export function fill(text: string, values: ReadonlyMap<string, unknown>): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    if (!values.has(name)) throw new Error(`no value for {{${name}}}`);
    return String(values.get(name));
  });
}
