// Runs compile tasks in a short-lived thread with a heap limit of its own. A thread that runs out of memory or time is
// ended alone, and the user gets a diagnostic as for any other mistake in the files.
import { fileURLToPath } from "node:url";
import type { Diagnostic } from "../resources/index.ts";
import { Piscina } from "../shard/index.ts";
import type { CompileJob, CompileOutcome } from "./compile-task.ts";

export interface Compiler {
  run(job: CompileJob): Promise<CompileOutcome>;
  close(): Promise<void>;
}

export interface CompilerLimits {
  heapMb: number;
  timeoutMs: number;
}

export function createCompiler(limits: CompilerLimits = defaultLimits): Compiler {
  const pool = new Piscina({
    filename: fileURLToPath(new URL("compile-task.js", import.meta.url)),
    name: "compileSources",
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: idleTimeoutMs,
    concurrentTasksPerWorker: 1,
    atomics: "disabled",
    recordTiming: false,
    trackUnmanagedFds: false,
    resourceLimits: { maxOldGenerationSizeMb: limits.heapMb },
  });
  // A thread that dies between tasks has nobody to tell; the next task starts another.
  pool.on("error", () => undefined);
  return {
    run: async (job) => {
      try {
        return (await pool.run(job, {
          signal: AbortSignal.timeout(limits.timeoutMs),
        })) as CompileOutcome;
      } catch (error) {
        return { kind: "refused", diagnostics: [failure(error as NodeJS.ErrnoException, limits)] };
      }
    },
    close: () => pool.destroy(),
  };
}

function failure(error: NodeJS.ErrnoException, limits: CompilerLimits): Diagnostic {
  const resource = "configuration";
  const common = { severity: "error", resource, path: "" } as const;
  if (error.code === "ERR_WORKER_OUT_OF_MEMORY") {
    const message = `compiling the configuration took more than ${limits.heapMb} MB of memory`;
    return {
      ...common,
      code: "HED2951",
      message,
      hint: "look for aliases that multiply, or split the files",
    };
  }
  if (error.name === "AbortError") {
    const message = `compiling the configuration took longer than ${limits.timeoutMs} ms`;
    return {
      ...common,
      code: "HED2952",
      message,
      hint: "look for aliases that multiply, or split the files",
    };
  }
  return {
    ...common,
    code: "HED2953",
    message: error.message,
    hint: "check that the files exist and can be read",
  };
}

/** Ten thousand routes take about a tenth of the memory and a hundredth of the time. */
const defaultLimits: CompilerLimits = { heapMb: 512, timeoutMs: 60_000 };
/** Long enough for the second job of a change, short enough that a quiet mesh does not keep the thread. */
const idleTimeoutMs = 250;
