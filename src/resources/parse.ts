// From files to resources: every mistake of every file is collected, and resources come out only where none is an error.
import { checkReferences } from "./check-references.ts";
import { checkShadowed } from "./check-shadowed.ts";
import { type Diagnostic, diagnose, sortDiagnostics } from "./diagnostic.ts";
import type { SourceFile } from "../lib/source-files.ts";
import { type SourceDocument, readDocuments } from "./documents.ts";
import { classify, httpRouteKind, meshKind } from "./kinds.ts";
import { readHttpRoute } from "./read-http-route.ts";
import { readMesh, serviceNames } from "./read-mesh.ts";
import type { HttpRoute, Mesh, Resources } from "./resources.ts";
import { inTieBreakOrder } from "./tie-break.ts";
import { validated } from "./validated.ts";

export interface Parsed {
  /** Undefined when a diagnostic is an error. */
  resources: Resources | undefined;
  diagnostics: Diagnostic[];
}

export function parseResources(files: readonly SourceFile[]): Parsed {
  const read = files.map((file) => readDocuments(file));
  const diagnostics = read.flatMap((result) => result.diagnostics);
  const sorted = sortedByKind(
    read.flatMap((result) => result.documents),
    diagnostics,
  );
  const incomplete =
    read.some((result) => result.incomplete) || diagnostics.some(({ code }) => code === "HED2004");
  const [meshDocument, ...others] = sorted.mesh;
  if (meshDocument === undefined && !incomplete)
    diagnostics.push(noMesh(files[0]?.path ?? "mesh.yaml"));
  for (const other of others) diagnostics.push(secondMesh(other, meshDocument));
  const names = meshDocument && serviceNames(meshDocument.value);
  const mesh = meshDocument && parseMesh(meshDocument, names, diagnostics);
  const { routes, sound } = parseRoutes(
    sorted.httpRoute,
    mesh?.namespace ?? "default",
    diagnostics,
  );
  if (mesh !== undefined && names !== undefined) {
    diagnostics.push(...routes.flatMap((route) => checkReferences(route, { mesh, names })));
  }
  diagnostics.push(...checkShadowed(sound));
  const failed = mesh === undefined || diagnostics.some(({ severity }) => severity === "error");
  return {
    resources: failed ? undefined : { mesh, routes },
    diagnostics: sortDiagnostics(diagnostics),
  };
}

function sortedByKind(
  documents: readonly SourceDocument[],
  diagnostics: Diagnostic[],
): Record<"mesh" | "httpRoute", SourceDocument[]> {
  const result = { mesh: [] as SourceDocument[], httpRoute: [] as SourceDocument[] };
  for (const document of documents) {
    const classified = classify(document.value);
    if (classified.is === "refused") {
      const { code, pointer, message, hint } = classified;
      const origin = {
        resource: "document",
        path: pointer,
        position: document.locate(pointer, "value"),
      };
      diagnostics.push(diagnose(origin, code, { message, hint }));
    } else {
      result[classified.is].push(document);
    }
  }
  return result;
}

function parseMesh(
  document: SourceDocument,
  names: readonly string[] | undefined,
  diagnostics: Diagnostic[],
): Mesh | undefined {
  const { view, diagnostics: found } = validated(document, meshKind);
  const mesh = view && readMesh(view, names);
  diagnostics.push(...found, ...(view?.diagnostics ?? []));
  return mesh;
}

function parseRoutes(
  documents: readonly SourceDocument[],
  namespace: string,
  diagnostics: Diagnostic[],
): { routes: HttpRoute[]; sound: HttpRoute[] } {
  const routes = new Map<string, HttpRoute>();
  // What a damaged route would match cannot be told from what is left of it.
  const damaged = new Set<HttpRoute>();
  for (const document of documents) {
    const { view, diagnostics: found } = validated(document, httpRouteKind);
    const route = view && readHttpRoute(view, namespace);
    diagnostics.push(...found, ...(view?.diagnostics ?? []));
    if (route === undefined) continue;
    if (view?.damaged("") === true) damaged.add(route);
    const key = `${route.namespace}/${route.name}`;
    const first = routes.get(key);
    if (first !== undefined && !view?.damaged("/metadata"))
      diagnostics.push(sameName(route, first));
    else routes.set(key, route);
  }
  const ordered = inTieBreakOrder([...routes.values()]);
  return { routes: ordered, sound: ordered.filter((route) => !damaged.has(route)) };
}

function sameName(route: HttpRoute, first: HttpRoute): Diagnostic {
  const { file, line } = first.origin.position;
  const message = `another HTTPRoute of namespace '${route.namespace}' has the name '${route.name}' (${file}:${line})`;
  return diagnose(route.origin, "HED2008", {
    message,
    hint: "give it another name, or merge the two",
  });
}

function secondMesh(other: SourceDocument, first: SourceDocument | undefined): Diagnostic {
  const { file, line } = first?.locate("", "value") ?? { file: "", line: 0 };
  const origin = { resource: "mesh", path: "", position: other.locate("", "value") };
  const message = `a second mesh; the first is at ${file}:${line}`;
  return diagnose(origin, "HED2007", {
    message,
    hint: "keep one of them: a configuration describes one mesh",
  });
}

function noMesh(file: string): Diagnostic {
  const origin = { resource: "mesh", path: "", position: { file, line: 1, column: 1 } };
  const message = "no document describes the mesh";
  return diagnose(origin, "HED2006", {
    message,
    hint: "add a document with 'mesh: NAME' and 'services:'",
  });
}
