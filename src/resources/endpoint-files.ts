// The endpoints that services have in files of their own. Such a file is written by a program and may be wrong, or gone,
// for a moment: then what it said when it was right stays, and the mistake is reported beside it.
import { readFile } from "node:fs/promises";
import { type SourceFile, whyUnreadable } from "../lib/source-files.ts";
import { type Diagnostic, diagnose } from "./diagnostic.ts";
import { readDocuments } from "./documents.ts";
import { endpointsFileKind } from "./kinds.ts";
import { readEndpoint } from "./read-endpoint.ts";
import type { Endpoint, Resources, Service } from "./resources.ts";
import { validated } from "./validated.ts";

export interface WithEndpointFiles {
  /** Undefined when a file is wrong and nothing is known from before. */
  resources: Resources | undefined;
  /** Of files that are wrong and have nothing to stand in for them. */
  diagnostics: Diagnostic[];
  /** The same of those that have. */
  kept: Diagnostic[];
  /** What the endpoints were taken from: files as they are, or as they were when they were right. */
  files: SourceFile[];
  /** All paths that services name, to be followed. */
  paths: string[];
}

/** Adds the endpoints in files to those of the services; `earlier` are files as they were when they were right. */
export async function withEndpointFiles(
  resources: Resources,
  earlier: readonly SourceFile[] = [],
): Promise<WithEndpointFiles> {
  const result: WithEndpointFiles = { resources, diagnostics: [], kept: [], files: [], paths: [] };
  const lists = new Map<string, Endpoint[]>();
  for (const { endpointsFile } of resources.mesh.services) {
    if (endpointsFile === undefined || lists.has(endpointsFile.path)) continue;
    const { path } = endpointsFile;
    result.paths.push(path);
    const now = await readNow(endpointsFile);
    const before = earlier.find((file) => file.path === path);
    const used = now.list === undefined && before !== undefined ? readList(before) : now;
    (used === now ? result.diagnostics : result.kept).push(...now.diagnostics);
    lists.set(path, used.list ?? []);
    if (used.list === undefined) result.resources = undefined;
    else if (used.file !== undefined) result.files.push(used.file);
  }
  if (result.resources !== undefined) result.resources = merged(resources, lists);
  return result;
}

interface List {
  /** Undefined when the file is wrong. */
  list: Endpoint[] | undefined;
  diagnostics: Diagnostic[];
  file?: SourceFile;
}

async function readNow({ path, origin }: NonNullable<Service["endpointsFile"]>): Promise<List> {
  try {
    return readList({ path, text: await readFile(path, "utf8") });
  } catch (cause) {
    const message = `cannot read '${path}': ${whyUnreadable(cause)}`;
    const hint = "write the path from the folder of this file, or let the file be made first";
    return { list: undefined, diagnostics: [diagnose(origin, "HED2001", { message, hint })] };
  }
}

/** A file of which a part is wrong is not used in part: it is mostly a file that is still being written. */
function readList(file: SourceFile): List {
  const { documents, diagnostics } = readDocuments(file, "write 'endpoints:' with a list below it");
  const [document, second] = documents;
  const resource = `endpoints/${file.path}`;
  if (document === undefined) {
    const origin = { resource, path: "", position: { file: file.path, line: 1, column: 1 } };
    const words = {
      message: "the file has no list of endpoints",
      hint: "write 'endpoints: []' where there are none",
    };
    const none = diagnostics.length > 0 ? [] : [diagnose(origin, "HED2017", words)];
    return { list: undefined, diagnostics: [...diagnostics, ...none] };
  }
  const { view, diagnostics: found } = validated(document, endpointsFileKind);
  const list = (view?.items(view.value.endpoints) ?? []).flatMap(
    ([index, endpoint]) => (view && readEndpoint(`/endpoints/${index}`, endpoint, view)) ?? [],
  );
  diagnostics.push(...found, ...(view?.diagnostics ?? []));
  if (second !== undefined) {
    const origin = { resource, path: "", position: second.locate("", "value") };
    const words = {
      message: "a second document in a file of endpoints",
      hint: "write one list for a service, or a file for each",
    };
    diagnostics.push(diagnose(origin, "HED2017", words));
  }
  const wrong = diagnostics.some(({ severity }) => severity === "error");
  return { list: wrong ? undefined : list, diagnostics, file };
}

function merged(
  { mesh, routes }: Resources,
  lists: ReadonlyMap<string, readonly Endpoint[]>,
): Resources {
  const services = mesh.services.map((service) => {
    const more = lists.get(service.endpointsFile?.path ?? "") ?? [];
    return more.length === 0 ? service : { ...service, endpoints: [...service.endpoints, ...more] };
  });
  return { mesh: { ...mesh, services }, routes };
}
