// Talks with a program of a scenario over the channel that Node gives to a child process.
import { once } from "node:events";
import type { Running } from "./start-process.ts";

/** Rejects when the process ends before it has said something. */
export function nextMessage({ child, ended }: Running): Promise<unknown> {
  const message = once(child, "message").then(([value]: unknown[]) => value);
  const failed = ended.then((how) => Promise.reject(new Error(`the program ended with ${how}`)));
  return Promise.race([message, failed]);
}
