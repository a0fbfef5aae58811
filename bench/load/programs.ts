// The native programs of a benchmark, built when needed.
import { join } from "node:path";
import { cacheFolder, projectRoot } from "../project.ts";
import { runCommand } from "../process/command.ts";

export interface LoadPrograms {
  load: string;
  upstream: string;
  relay: string;
}

export async function buildLoadPrograms(): Promise<LoadPrograms> {
  const built = await cargoBuild(["-p", "heddle-load", "--bins"]);
  const path = (name: string): string => {
    const found = built.get(name);
    if (found === undefined) throw new Error(`cargo built no program ${name}`);
    return found;
  };
  return {
    load: path("heddle-load"),
    upstream: path("heddle-upstream"),
    relay: path("heddle-relay"),
  };
}

/** Builds in release form; gives the path of each program by its name. */
export async function cargoBuild(what: readonly string[]): Promise<Map<string, string>> {
  const manifest = join(projectRoot, "native", "Cargo.toml");
  const args = ["build", "--release", "--message-format", "json", "--manifest-path", manifest];
  const target = process.env["HEDDLE_TARGET_DIR"] ?? join(cacheFolder, "target");
  const env = { CARGO_TARGET_DIR: target };
  const { stdout } = await runCommand({ file: "cargo", args: [...args, ...what] }, env);
  const messages = stdout.trim().split("\n").map(parseMessage);
  return new Map(messages.flatMap(({ name, path }) => (path ? [[name, path] as const] : [])));
}

function parseMessage(line: string): { name: string; path: string | undefined } {
  const message = JSON.parse(line) as { target?: { name: string }; executable?: string | null };
  return { name: message.target?.name ?? "", path: message.executable ?? undefined };
}
