// A document against the schema of its kind: what is refused becomes diagnostics, what is left becomes a view.
import { pointerTo } from "../lib/json-pointer.ts";
import { type Diagnostic, diagnose } from "./diagnostic.ts";
import type { SourceDocument } from "./documents.ts";
import { type Finding, explain } from "./explain.ts";
import type { Kind } from "./kinds.ts";
import { prune } from "./prune.ts";
import { type Places, View } from "./view.ts";

export interface Validated<T> {
  /** Absent when nothing of the document is usable. */
  view: View<T> | undefined;
  diagnostics: Diagnostic[];
}

export function validated<T>(document: SourceDocument, kind: Kind<T>): Validated<T> {
  const { schema, validate, unsupported } = kind;
  const errors = validate(document.value) ? [] : (validate.errors ?? []);
  const context = { schema, unsupported, value: document.value };
  const findings = withoutEchoes(errors.flatMap((error) => explain(error, context) ?? []));
  const places: Places = {
    locate: (pointer, part) => document.locate(pointer, part),
    resourceAt: (pointer) => kind.resourceAt(document.value, pointer),
  };
  const diagnostics = findings.map(({ pointer, part, code, message, hint }) => {
    const position = document.locate(pointer, part);
    return diagnose({ resource: places.resourceAt(pointer), path: pointer, position }, code, {
      message,
      hint,
    });
  });
  const pruned = prune(document.value, kind);
  const damage = findings.map((finding) => finding.damage ?? finding.pointer);
  return { view: pruned && new View(pruned, places, damage), diagnostics };
}

/** Where a `type` is not supported, the settings of that type are not worth a line of their own. */
function withoutEchoes(findings: readonly Finding[]): Finding[] {
  const refusedTypes = new Set(
    findings.filter(({ code }) => code === "HED2011").map(({ pointer }) => pointer),
  );
  return findings.filter(({ code, part, pointer }) => {
    const parent = pointer.slice(0, pointer.lastIndexOf("/"));
    return !(code === "HED2011" && part === "key" && refusedTypes.has(pointerTo(parent, "type")));
  });
}
