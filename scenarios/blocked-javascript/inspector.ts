// A small client of Node's inspector: runs an expression in the main thread of another process.
import { once } from "node:events";
import { WebSocket } from "undici";
import { until } from "../support/until.ts";
import type { Running } from "../support/start-process.ts";

export interface Inspector {
  /** Resolves with the value when the expression has been evaluated. */
  evaluate(expression: string): Promise<unknown>;
  close(): void;
}

/** For a process that was started with `--inspect=127.0.0.1:0`. */
export async function attachInspector(running: Running): Promise<Inspector> {
  const address = await until(
    "the inspector listens",
    () => /ws:\/\/\S+/.exec(running.stderr)?.[0],
  );
  const socket = new WebSocket(address);
  await once(socket, "open");
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.addEventListener("message", ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  let id = 0;
  return {
    evaluate: async (expression) => {
      id += 1;
      const params = { expression, returnByValue: true };
      socket.send(JSON.stringify({ id, method: "Runtime.evaluate", params }));
      const { result } = await new Promise<Answer>((resolve) => waiting.set(id, resolve));
      if (result?.exceptionDetails !== undefined) throw new Error(JSON.stringify(result));
      return result?.result?.value;
    },
    close: () => socket.close(),
  };
}

interface Answer {
  id: number;
  result?: { result?: { value?: unknown }; exceptionDetails?: unknown };
}
