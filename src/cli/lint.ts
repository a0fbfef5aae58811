// `heddle lint`: everything that is wrong in the files, with place, cause and way out.
import { compile, edgesOf } from "../compile/index.ts";
import {
  formatDiagnostics,
  parseResources,
  readSources,
  sortDiagnostics,
  withEndpointFiles,
  type Diagnostic,
  type SourceFile,
} from "../resources/index.ts";
import type { Invocation } from "./command.ts";
import { exitCode } from "./exit-code.ts";

export async function run({ values, operands, terminal }: Invocation): Promise<number> {
  const files = await readSources(operands[0] ?? values["file"] ?? "mesh.yaml", process.stdin);
  const diagnostics = await diagnose(files);
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = diagnostics.filter(({ severity }) => severity === "warn").length;
  if (values["output"] === "json") {
    terminal.out(
      `${JSON.stringify({ schemaVersion: 1, errors, warnings, diagnostics }, null, 2)}\n`,
    );
  } else {
    if (diagnostics.length > 0) terminal.out(`${formatDiagnostics(diagnostics)}\n`);
    terminal.say(
      `${count(errors, "error")}, ${count(warnings, "warning")} in ${count(files.length, "file")}`,
    );
  }
  return errors > 0 ? exitCode.foundErrors : exitCode.ok;
}

/** Of reading and of compiling; the ports of the edges make no difference to what is wrong. */
async function diagnose(files: readonly SourceFile[]): Promise<Diagnostic[]> {
  const parsed = parseResources(files);
  if (parsed.resources === undefined) return parsed.diagnostics;
  const { resources, diagnostics: ofLists } = await withEndpointFiles(parsed.resources);
  const diagnostics = sortDiagnostics([...parsed.diagnostics, ...ofLists]);
  if (resources === undefined) return diagnostics;
  const ports = new Map(
    edgesOf(resources).map(({ source, target }, index) => [`${source}->${target}`, index + 1]),
  );
  const result = compile({
    resources,
    ports,
    addresses: new Map(),
    version: 1,
    endpointsVersion: 1,
  });
  return [...diagnostics, ...result.diagnostics];
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
