// The table of cases.
import type { Case } from "./case.ts";
import { instructions } from "./instructions.ts";
import { memory } from "./memory.ts";
import type { CaseName } from "./names.ts";
import { features, h1, h1x1, routes, tcp } from "./paired.ts";

export const cases: Record<CaseName, Case> = {
  h1,
  h1x1,
  tcp,
  routes,
  features,
  memory,
  instructions,
};
