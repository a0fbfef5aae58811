// The table of commands: everything that help, completion and the parser know about them. Adding a command adds a row.
import type { Command, Option } from "./command.ts";

const file: Option = {
  name: "file",
  short: "f",
  value: "FILE|DIR|-",
  summary: "configuration (default ./mesh.yaml)",
  files: true,
};
const shards: Option = {
  name: "shards",
  value: "N",
  summary: "forwarding threads (default: the CPUs this process may use)",
};
const memoryLimit: Option = {
  name: "memory-limit",
  value: "SIZE",
  summary: "memory of the process, such as 512MiB (default: that of its control group)",
};
const drainTimeout: Option = {
  name: "drain-timeout",
  value: "DURATION",
  summary: "time to finish what runs (default 30s)",
};
const metricsPort: Option = {
  name: "metrics-port",
  value: "PORT",
  summary: "Prometheus on loopback (default 15020)",
};
const healthPort: Option = {
  name: "health-port",
  value: "PORT",
  summary: "/live and /ready on loopback (default 15021)",
};

function output(...choices: string[]): Option {
  return {
    name: "output",
    short: "o",
    value: choices.join("|"),
    summary: `form (default ${choices[0]})`,
    choices,
  };
}

export const commands: readonly Command[] = [
  {
    name: "dev",
    group: "start",
    summary: "run a mesh with its services on this machine; without a file, a demo",
    operands: { usage: "", countMax: 0 },
    options: [
      file,
      { name: "once", summary: "prove that every edge works, print the numbers, and end" },
      shards,
      metricsPort,
      healthPort,
    ],
    examples: [
      { line: "heddle dev", does: "the demo: three services, their traffic, a live table" },
      {
        line: "heddle dev --once",
        does: "start, check every edge, print the graph and the table, end",
      },
      {
        line: "heddle dev -f mesh.yaml",
        does: "your mesh: starts each `run` command and restarts it when it ends",
      },
    ],
    exitCodes: { 1: "with --once: something did not work", 5: "", 78: "" },
    load: () => import("./dev.ts"),
  },
  {
    name: "run",
    group: "start",
    summary: "forward traffic as the files say, until a signal",
    operands: { usage: "", countMax: 0 },
    options: [
      file,
      shards,
      {
        name: "reuse-port",
        summary: "bind although another process serves the same ports (restart without a gap)",
      },
      {
        name: "hold",
        summary: "keep the ports open and start again when the process dies (SIGUSR2: replace it)",
      },
      {
        name: "state",
        value: "DIR",
        summary: "where the last good configuration is kept (default .heddle beside it)",
        files: true,
      },
      memoryLimit,
      drainTimeout,
      metricsPort,
      healthPort,
    ],
    examples: [
      { line: "heddle run -f mesh.yaml", does: "follow one file" },
      {
        line: "heddle run -f config/ --shards 2",
        does: "follow all YAML and JSON files of a folder with two threads",
      },
      { line: "heddle run --hold", does: "survive a crash: nobody is refused meanwhile" },
      { line: "heddle run -f - < mesh.yaml", does: "read the configuration once from stdin" },
    ],
    exitCodes: { 5: "", 70: "", 78: "", 130: "on the second SIGINT", 143: "on the second SIGTERM" },
    load: () => import("./run.ts"),
  },
  {
    name: "stat",
    group: "see",
    summary: "success, rate and latency of each service",
    operands: { usage: "", countMax: 0 },
    options: [
      { name: "watch", short: "w", summary: "again and again, until a signal" },
      {
        name: "window",
        short: "t",
        value: "DURATION",
        summary: "time to measure over (default 1s)",
      },
      output("table", "wide", "json"),
    ],
    examples: [
      { line: "heddle stat", does: "one second of the agent that runs in this folder" },
      { line: "heddle stat --watch -t 5s", does: "a new table every five seconds" },
      { line: "heddle stat -o json", does: "for programs" },
    ],
    exitCodes: { 3: "" },
    load: () => import("./stat.ts"),
  },
  {
    name: "get routes",
    group: "see",
    summary: "list the routes of the files with their Gateway API conditions",
    operands: { usage: "[FILE|DIR|-]", countMax: 1, files: true },
    options: [file, output("table", "wide", "yaml", "json")],
    examples: [
      { line: "heddle get routes", does: "a row for each parent of each route in ./mesh.yaml" },
      { line: "heddle get routes -o wide", does: "with the place and the reason why not" },
      {
        line: "heddle get routes config/ -o yaml",
        does: "whole objects with status.parents, as a controller writes it",
      },
    ],
    exitCodes: { 4: "" },
    load: () => import("./get-routes.ts"),
  },
  {
    name: "lint",
    group: "change",
    summary: "say what is wrong in configuration files, all at once",
    operands: { usage: "[FILE|DIR|-]", countMax: 1, files: true },
    options: [file, output("table", "json")],
    examples: [
      { line: "heddle lint", does: "check ./mesh.yaml" },
      { line: "heddle lint config/", does: "check all YAML and JSON files of a folder" },
      { line: "heddle lint -o json - < mesh.yaml", does: "check stdin, for programs" },
    ],
    exitCodes: { 4: "" },
    load: () => import("./lint.ts"),
  },
  {
    name: "explain",
    group: "see",
    summary: "say what a code or an error means, where to look and how to end it",
    operands: { usage: "[CODE|ERROR]", countMax: 1 },
    options: [output("table", "json")],
    examples: [
      { line: "heddle explain", does: "all codes, a line each" },
      { line: "heddle explain HED1204", does: "one code" },
      { line: "heddle explain no_route -o json", does: "an error by its name, for programs" },
    ],
    exitCodes: {},
    load: () => import("./explain.ts"),
  },
  {
    name: "limits",
    group: "see",
    summary: "print the limits in force, and what connections cost in memory",
    operands: { usage: "", countMax: 0 },
    options: [
      { ...file, summary: "configuration whose own limits are shown too" },
      { name: "connections", value: "N", summary: "how many to work the memory out for" },
      memoryLimit,
      output("table", "json"),
    ],
    examples: [
      { line: "heddle limits", does: "every limit, who sets it, how it is counted" },
      { line: "heddle limits -f mesh.yaml", does: "with what listeners and services set" },
      {
        line: "heddle limits --connections 4000 --memory-limit 128MiB",
        does: "what 4,000 connections need, and what is given up when",
      },
    ],
    exitCodes: { 4: "" },
    load: () => import("./limits.ts"),
  },
  {
    name: "config view",
    group: "change",
    summary: "print the configuration",
    operands: { usage: "", countMax: 0 },
    options: [
      file,
      { name: "resolved", summary: "with all defaults and references worked out" },
      output("yaml", "json"),
    ],
    examples: [
      { line: "heddle config view", does: "the files as they are read" },
      { line: "heddle config view --resolved", does: "what the data plane would get" },
      {
        line: "heddle config view --resolved -f config/ -o json",
        does: "the same of a folder, for programs",
      },
    ],
    exitCodes: { 4: "" },
    load: () => import("./config-view.ts"),
  },
  {
    name: "version",
    group: "meta",
    summary: "print the version",
    operands: { usage: "", countMax: 0 },
    options: [output("table", "json")],
    examples: [
      { line: "heddle version", does: "one line" },
      { line: "heddle version -o json", does: "with Node's version and the platform" },
      { line: "heddle --version", does: "the number alone" },
    ],
    exitCodes: {},
    load: () => import("./version.ts"),
  },
  {
    name: "completion",
    group: "meta",
    summary: "print a completion script for a shell",
    operands: {
      usage: "bash|zsh|fish|powershell",
      countMax: 1,
      choices: ["bash", "zsh", "fish", "powershell"],
    },
    options: [],
    examples: [
      { line: "source <(heddle completion bash)", does: "for this bash" },
      { line: "heddle completion zsh > ~/.zfunc/_heddle", does: "for zsh, with ~/.zfunc in fpath" },
      { line: "heddle completion fish > ~/.config/fish/completions/heddle.fish", does: "for fish" },
    ],
    exitCodes: {},
    load: () => import("./completion.ts"),
  },
  {
    name: "help",
    group: "meta",
    summary: "explain a command",
    operands: { usage: "[COMMAND]", countMax: 2 },
    options: [],
    examples: [
      { line: "heddle help", does: "all commands" },
      { line: "heddle help run", does: "one command" },
      { line: "heddle help config view", does: "a command of two words" },
    ],
    exitCodes: {},
    load: () => import("./help.ts"),
  },
];

/** Understood by every command. */
export const globalOptions: readonly Option[] = [
  { name: "help", short: "h", summary: "explain the command" },
  {
    name: "color",
    value: "auto|always|never",
    summary: "colour (default auto)",
    choices: ["auto", "always", "never"],
  },
];
