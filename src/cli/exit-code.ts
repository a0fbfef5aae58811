// The exit codes of all commands; they are part of the interface.

export const exitCode = {
  ok: 0,
  failure: 1,
  usage: 2,
  notReachable: 3,
  foundErrors: 4,
  refused: 5,
  internal: 70,
  badConfiguration: 78,
} as const;

export const exitMeanings: Readonly<Record<number, string>> = {
  0: "success",
  1: "failure",
  2: "the command line is wrong",
  3: "no agent is reachable",
  4: "errors were found",
  5: "the data plane refused the configuration",
  70: "internal failure",
  78: "bad configuration: do not start again before it is changed",
  130: "ended by SIGINT",
  143: "ended by SIGTERM",
};
