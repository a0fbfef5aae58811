// `heddle config view`: the files as they were read, or, resolved, what they mean with every default filled in and
// each resource's place.
import { parseAllDocuments, stringify } from "yaml";
import {
  formatDiagnostics,
  parseResources,
  readSources,
  resolved,
  type SourceFile,
} from "../resources/index.ts";
import type { Invocation } from "./command.ts";
import { exitCode } from "./exit-code.ts";

export async function run({ values, switches, terminal }: Invocation): Promise<number> {
  const files = await readSources(values["file"] ?? "mesh.yaml", process.stdin);
  const asJson = values["output"] === "json";
  if (!switches.has("resolved")) {
    terminal.out(asJson ? json(documents(files)) : files.map(({ text }) => text).join("---\n"));
    return exitCode.ok;
  }
  const { resources, diagnostics } = parseResources(files);
  if (diagnostics.length > 0) terminal.say(formatDiagnostics(diagnostics));
  if (resources === undefined) return exitCode.foundErrors;
  const shown = { schemaVersion: 1, ...(resolved(resources) as object) };
  terminal.out(asJson ? json(shown) : stringify(shown, { aliasDuplicateObjects: false }));
  return exitCode.ok;
}

function documents(files: readonly SourceFile[]): unknown[] {
  return files.flatMap(({ text }) =>
    parseAllDocuments(text).map((document): unknown => document.toJS({ maxAliasCount: 100 })),
  );
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
