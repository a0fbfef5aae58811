// Loads piscina through `require`: by `import`, Node first compiles a parser for the exports of CommonJS modules, which
// costs a proxy about 0.6 MB of private memory for as long as it lives.
import { createRequire } from "node:module";
import type { Piscina as PiscinaClass } from "piscina";

export type Piscina = PiscinaClass;

export const Piscina: typeof PiscinaClass = (
  createRequire(import.meta.url)("piscina") as { Piscina: typeof PiscinaClass }
).Piscina;
