// From files to resources: every mistake of every file is collected, and resources come out only where none is an error.
import { type Known, checkReferences } from "./check-references.ts";
import { checkShadowed } from "./check-shadowed.ts";
import { type Diagnostic, diagnose, sortDiagnostics } from "./diagnostic.ts";
import type { SourceFile } from "../lib/source-files.ts";
import { type SourceDocument, readDocuments } from "./documents.ts";
import { classify, httpRouteKind, meshKind } from "./kinds.ts";
import { readDirectResponses } from "./read-direct-response.ts";
import { readHttpRoute } from "./read-http-route.ts";
import { readMesh, serviceNames } from "./read-mesh.ts";
import { readServiceObjects } from "./read-service-object.ts";
import type { HttpRoute, Mesh, Resources } from "./resources.ts";
import type { ReadRoute } from "./route-status.ts";
import { inTieBreakOrder } from "./tie-break.ts";
import { validated } from "./validated.ts";

export interface Parsed {
  /** Undefined when a diagnostic is an error. */
  resources: Resources | undefined;
  /** Every route that could be read, right or wrong, in the order of the files. */
  routes: ReadRoute[];
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
  const written = meshDocument && serviceNames(meshDocument.value);
  const ownMesh = meshDocument && parseMesh(meshDocument, written, diagnostics);
  const objects = ownMesh && readServiceObjects(sorted.service, ownMesh);
  diagnostics.push(...(objects?.diagnostics ?? []));
  const direct = ownMesh && readDirectResponses(sorted.directResponse, ownMesh);
  diagnostics.push(...(direct?.diagnostics ?? []));
  const mesh = ownMesh && {
    ...ownMesh,
    responses: direct?.responses ?? [],
    services: [...ownMesh.services, ...(objects?.services ?? [])],
  };
  const names = written && [...written, ...(objects?.names ?? [])];
  const known = mesh && names && { mesh, names };
  const {
    read: readRoutes,
    routes,
    sound,
    lost,
  } = parseRoutes(sorted.httpRoute, mesh?.namespace ?? "default", known);
  diagnostics.push(...lost, ...readRoutes.flatMap((route) => route.diagnostics));
  diagnostics.push(...checkShadowed(sound));
  const failed = mesh === undefined || diagnostics.some(({ severity }) => severity === "error");
  return {
    resources: failed ? undefined : { mesh, routes },
    routes: readRoutes,
    diagnostics: sortDiagnostics(diagnostics),
  };
}

function sortedByKind(
  documents: readonly SourceDocument[],
  diagnostics: Diagnostic[],
): Record<"mesh" | "httpRoute" | "service" | "directResponse", SourceDocument[]> {
  const result: ReturnType<typeof sortedByKind> = {
    mesh: [],
    httpRoute: [],
    service: [],
    directResponse: [],
  };
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

interface ParsedRoutes {
  read: ReadRoute[];
  /** Those that apply, in tie-break order. */
  routes: HttpRoute[];
  /** Of those the ones that the schema refused nothing of: what a damaged route would match cannot be told. */
  sound: HttpRoute[];
  /** About documents of which nothing was usable. */
  lost: Diagnostic[];
}

function parseRoutes(
  documents: readonly SourceDocument[],
  namespace: string,
  known: Known | undefined,
): ParsedRoutes {
  const read: ReadRoute[] = [];
  const lost: Diagnostic[] = [];
  const first = new Map<string, HttpRoute>();
  const damaged = new Set<HttpRoute>();
  for (const document of documents) {
    const { view, diagnostics: found } = validated(document, httpRouteKind);
    if (view === undefined) {
      lost.push(...found);
      continue;
    }
    const route = readHttpRoute(view, namespace);
    const diagnostics = [...found, ...view.diagnostics];
    if (view.damaged("")) damaged.add(route);
    const key = `${route.namespace}/${route.name}`;
    const other = first.get(key);
    if (other !== undefined && !view.damaged("/metadata")) diagnostics.push(sameName(route, other));
    else {
      first.set(key, route);
      // The services that a route for a Gateway refers to need not be here.
      if (known !== undefined && isForMesh(route))
        diagnostics.push(...checkReferences(route, known));
    }
    read.push({ route, diagnostics });
  }
  const routes = inTieBreakOrder([...first.values()].filter(applies));
  return { read, routes, sound: routes.filter((route) => !damaged.has(route)), lost };
}

function isForMesh({ parents }: HttpRoute): boolean {
  return parents.some(({ kind }) => kind === "Service");
}

function applies({ parentRefs }: HttpRoute): boolean {
  return parentRefs.length > 0;
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
