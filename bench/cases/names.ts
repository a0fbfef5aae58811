// The cases that can be run.

export const caseNames = [
  "h1",
  "h1x1",
  "tcp",
  "routes",
  "features",
  "memory",
  "instructions",
] as const;

export type CaseName = (typeof caseNames)[number];
