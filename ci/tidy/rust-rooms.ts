/** Which crate of native/ may enter which, and which outside crates belong to one room only. */
import { cargoDependencies } from "./toml.ts";
import type { CargoDependency } from "./toml.ts";
import type { Finding, Rule } from "./tree.ts";

export const rustRooms: Rule = {
  name: "rust rooms enter only the rooms below them",
  check: (tree) =>
    tree.files.flatMap((path) => {
      const room = /^native\/([\w-]+)\/Cargo\.toml$/.exec(path)?.[1];
      if (room === undefined) return [];
      return cargoDependencies(tree.read(path)).flatMap((dependency) => {
        const message = objection(room, dependency);
        return message === undefined
          ? []
          : [{ path, line: dependency.line, message } satisfies Finding];
      });
    }),
};

function objection(room: string, dependency: CargoDependency): string | undefined {
  const name = dependency.name.replace(/^heddle-/, "");
  if (ROOMS.has(name)) {
    const allowed = ROOMS.get(room);
    if (allowed === undefined) return `${room} is not in the table of rooms; give it a row`;
    return allowed.includes(name) ? undefined : `${room} must not enter ${name}`;
  }
  const owners = OWNED.get(name);
  if (owners === undefined || owners.includes(room)) return undefined;
  return owners.length === 0
    ? `${name} is not used here`
    : `${name} belongs to ${owners.join(", ")}`;
}

const BELOW_DRIVER = ["decide", "proxy", "snapshot", "stats", "wire"];

const ROOMS: ReadonlyMap<string, readonly string[]> = new Map([
  ["snapshot", []],
  ["stats", []],
  ["wire", []],
  ["decide", ["snapshot", "stats"]],
  ["proxy", ["decide", "snapshot", "stats", "wire"]],
  ["driver", BELOW_DRIVER],
  ["binding", [...BELOW_DRIVER, "driver"]],
  ["hold", []],
  ["load", ["driver", "stats", "wire"]],
  ["sim", BELOW_DRIVER],
  ["fuzz", [...BELOW_DRIVER, "sim"]],
]);

const SYSTEM = ["binding", "driver", "hold", "load"];

/** Crates that only the named rooms may use; an empty list means nobody. */
const OWNED: ReadonlyMap<string, readonly string[]> = new Map([
  ["napi", ["binding"]],
  ["napi-build", ["binding"]],
  ["napi-derive", ["binding"]],
  ["napi-sys", ["binding"]],
  ["rustix", SYSTEM],
  ["libc", ["binding", "driver"]],
  ["signal-hook", ["hold"]],
  ["mio", []],
  ["tokio", []],
]);
