// Sends one request through a listener and says what came back, for the checks of `heddle dev`.
import { request, type Agent } from "node:http";
import { connect } from "node:net";
import type { Listener } from "./workloads.ts";

export interface ProbeResult {
  ok: boolean;
  /** Status, or what went wrong. */
  outcome: string;
  durationMs: number;
}

export function probe(listener: Listener): Promise<ProbeResult> {
  return listener.protocol === "http" ? probeHttp(listener.address) : probeTcp(listener.address);
}

/** An answer that the proxy did not have to make itself, below 500. */
export function probeHttp(address: string, agent?: Agent): Promise<ProbeResult> {
  const startMs = performance.now();
  return new Promise((resolve) => {
    const fail = (outcome: string): void =>
      resolve({ ok: false, outcome, durationMs: performance.now() - startMs });
    const headers = { "user-agent": probeAgent };
    const options = { headers, timeout: timeoutMs, ...(agent === undefined ? {} : { agent }) };
    const call = request(`http://${address}/`, options, (response) => {
      response.on("error", (error) => fail(error.message));
      let body = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        if (body.length < bodyCharactersMax) body += part;
      });
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        // So begins every answer of the proxy's own.
        const own = /^heddle: .*/.exec(body)?.[0];
        const outcome = own === undefined ? String(status) : `${status} (${own})`;
        resolve({
          ok: own === undefined && status < 500,
          outcome,
          durationMs: performance.now() - startMs,
        });
      });
    });
    call.on("timeout", () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    call.on("error", (error) => fail(error.message));
    call.end();
  });
}

/** A connection that is still open a moment after it was accepted: the relay reached its upstream. */
function probeTcp(address: string): Promise<ProbeResult> {
  const startMs = performance.now();
  const { hostname, port } = new URL(`tcp://${address}`);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replaceAll(/[[\]]/g, ""), port: Number(port) });
    const answer = (ok: boolean, outcome: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ok, outcome, durationMs: performance.now() - startMs });
    };
    const timer = setTimeout(() => answer(socket.readyState === "open", "open"), openMs);
    socket.on("error", (error) => answer(false, error.message));
    socket.on("close", () => answer(false, "closed at once"));
    socket.on("end", () => answer(false, "closed at once"));
    socket.resume();
  });
}

/** Marks requests that no user sent. */
export const probeAgent = "heddle-dev";
/** Enough to see who answered. */
const bodyCharactersMax = 1_000;
const timeoutMs = 5_000;
const openMs = 250;
