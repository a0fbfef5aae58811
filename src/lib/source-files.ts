// Reads what a user names with -f: a file, all YAML and JSON files of a folder, or standard input. It parses nothing, so
// that who only follows files does not load what parses them.
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { MeshError } from "./mesh-error.ts";

export interface SourceFile {
  /** As the user named it. */
  path: string;
  text: string;
}

/** `target`: FILE, DIR (its own files, sorted by name; no folders below) or `-`. Throws HED2001. */
export async function readSources(
  target: string,
  stdin?: NodeJS.ReadableStream,
): Promise<SourceFile[]> {
  if (target === "-") return [{ path: "<stdin>", text: await readAll(stdin ?? process.stdin) }];
  try {
    const paths = (await stat(target)).isDirectory() ? await filesOf(target) : [target];
    return await Promise.all(
      paths.map(async (path) => ({ path, text: await readFile(path, "utf8") })),
    );
  } catch (cause) {
    if (cause instanceof MeshError) throw cause;
    throw cannotRead(target, cause);
  }
}

/** Files of a folder that are read. Throws HED2001 when there are none. */
export async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder);
  const names = entries.filter((name) => /^[^.].*\.(yaml|yml|json)$/.test(name)).sort();
  if (names.length > 0) return names.map((name) => join(folder, name));
  throw new MeshError("HED2001", `the folder '${folder}' has no .yaml, .yml or .json file`, {
    hint: "name the folder that holds the mesh file",
  });
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

/** The reason in words. */
export function whyUnreadable(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return reasons[code] ?? String(cause);
}

function cannotRead(target: string, cause: unknown): MeshError {
  return new MeshError("HED2001", `cannot read '${target}': ${whyUnreadable(cause)}`, {
    hint: "name a file or folder with -f, or - for standard input",
    cause,
  });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOENT: "it does not exist",
  ENOTDIR: "a part of the path is no folder",
};
