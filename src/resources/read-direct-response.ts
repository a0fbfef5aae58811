// A DirectResponse, in its own document or in the short form, to one that a rule can give.
import { type Diagnostic, diagnose } from "./diagnostic.ts";
import type { DirectResponseDocument } from "./direct-response.ts";
import type { SourceDocument } from "./documents.ts";
import { directResponseKind } from "./kinds.ts";
import type { DirectResponse } from "./resources.ts";
import { validated } from "./validated.ts";
import type { View } from "./view.ts";

/** Those of documents, beside those that the mesh has. */
export function readDirectResponses(
  documents: readonly SourceDocument[],
  mesh: { namespace: string; responses: readonly DirectResponse[] },
): { responses: DirectResponse[]; diagnostics: Diagnostic[] } {
  const responses = [...mesh.responses];
  const diagnostics: Diagnostic[] = [];
  for (const document of documents) {
    const { view, diagnostics: found } = validated(document, directResponseKind);
    diagnostics.push(...found);
    if (view === undefined) continue;
    const { metadata, spec } = view.value;
    const { name, namespace = mesh.namespace } = metadata;
    const read = readDirectResponse("/spec", spec, { view, name, namespace });
    diagnostics.push(...view.diagnostics);
    const first = responses.find((one) => one.name === name && one.namespace === namespace);
    if (first === undefined || view.damaged("/metadata")) {
      responses.push(read);
      continue;
    }
    const { file, line } = first.origin.position;
    const message = `another DirectResponse of namespace '${namespace}' has the name '${name}' (${file}:${line})`;
    const hint = "give it another name, or remove one of them";
    diagnostics.push(diagnose(view.origin("/metadata/name"), "HED2008", { message, hint }));
  }
  return { responses, diagnostics };
}

/** `pointer` is where its settings stand; the name and the namespace are known to the caller. */
export function readDirectResponse(
  pointer: string,
  document: DirectResponseDocument["spec"],
  { view, name, namespace }: { view: View<unknown>; name: string; namespace: string },
): DirectResponse {
  const { status, contentType = "text/plain; charset=utf-8", body = "" } = document;
  const bytes = Buffer.byteLength(body);
  if (bytes > bodyBytesMax) {
    const message = `the body has ${bytes} bytes; at most ${bodyBytesMax} are held`;
    const hint = "make it shorter, or let a service answer";
    view.report("HED2016", { pointer: `${pointer}/body`, message, hint });
  } else if (bytes > 0 && bodiless.includes(status)) {
    const message = `a response of status ${status} has no body`;
    view.report("HED2136", { pointer: `${pointer}/body`, message, hint: "remove it" });
  }
  return {
    name,
    namespace,
    status,
    ...(bytes > 0 && { contentType }),
    body,
    origin: view.origin(pointer),
  };
}

/** Every shard holds it and copies it for each answer; the data plane has the same limit. */
const bodyBytesMax = 4096;
/** RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5. */
const bodiless: readonly number[] = [204, 205, 304];
