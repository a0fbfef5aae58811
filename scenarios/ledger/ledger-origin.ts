// The origin of a ledger: writes down each request that arrives, answers as the request asks, and echoes id and hash.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Test } from "tap";
import { bodyOf, hashOf } from "./body.ts";
import { valueOf, type Arrival, type Field } from "./record.ts";
import { readAnswerPlan, type AnswerPlan } from "./tagged-request.ts";

export interface LedgerOrigin {
  readonly port: number;
  readonly arrivals: readonly Arrival[];
  /** Requests that run at the moment. */
  readonly running: number;
  /** Ends connections that carry no request, as an origin that goes away does. */
  closeIdle(): void;
}

/** On `port`, or one that the kernel gives. `delayMs` is added to what each request asks for. */
export async function startLedgerOrigin(
  t: Test,
  { port = 0, delayMs = 0 }: { port?: number; delayMs?: number } = {},
): Promise<LedgerOrigin> {
  const arrivals: Arrival[] = [];
  let running = 0;
  const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
    const { arrival, plan } = note(request, arrivals);
    running += 1;
    response.once("close", () => (running -= 1));
    void wholeBody(request).then((body) => {
      if (body === undefined) return;
      arrival.bodyHash = hashOf(body);
      arrival.answer.fields = [...arrival.answer.fields, ["X-Ledger-Body", arrival.bodyHash]];
      const send = (): void => answer(response, arrival, plan);
      const waitMs = plan.delayMs + delayMs;
      if (waitMs === 0) send();
      else setTimeout(send, waitMs);
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    port: (server.address() as AddressInfo).port,
    arrivals,
    get running() {
      return running;
    },
    closeIdle: () => server.closeIdleConnections(),
  };
}

function note(
  request: IncomingMessage,
  arrivals: Arrival[],
): { arrival: Arrival; plan: AnswerPlan } {
  const fields = fieldsOf(request.rawHeaders);
  const id = valueOf(fields, "x-ledger-id") ?? "";
  const plan = readAnswerPlan(valueOf(fields, "x-answer") ?? "");
  const { hash } = answerBody(id, request.method === "HEAD" ? 0 : plan.bytes);
  const arrival: Arrival = {
    id,
    attempt: 1 + arrivals.filter((each) => each.id === id).length,
    method: request.method ?? "",
    target: request.url ?? "",
    fields,
    bodyHash: undefined,
    answer: { status: 200, fields: answerFields(id), bodyHash: hash },
  };
  arrivals.push(arrival);
  return { arrival, plan };
}

/** Undefined when it is cut short. */
async function wholeBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  try {
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  } catch {
    return undefined;
  }
  return request.complete ? Buffer.concat(parts) : undefined;
}

function answer(response: ServerResponse, { id, answer }: Arrival, plan: AnswerPlan): void {
  const { body } = answerBody(id, plan.bytes);
  const framing: Field[] = plan.framing === "length" ? [["Content-Length", `${body.length}`]] : [];
  response.sendDate = false;
  // Without chunks and without a length the end of the connection ends the body.
  response.useChunkedEncodingByDefault = plan.framing === "chunked";
  response.writeHead(answer.status, [...answer.fields, ...framing].flat());
  response.end(body);
}

function answerFields(id: string): Field[] {
  return [
    ["X-Ledger-Id", id],
    ["Set-Cookie", "a=1; Path=/"],
    ["Set-Cookie", "b=2"],
    ["X-Order", "one, two"],
    ["x-order", "three"],
  ];
}

/** The last body is kept: it is wanted twice, and large ones are the same for all who have no id. */
function answerBody(id: string, bytes: number): AnswerBody {
  if (last.id !== id || last.body.length !== bytes) {
    const body = bodyOf(id, bytes);
    last = { id, body, hash: hashOf(body) };
  }
  return last;
}

function fieldsOf(raw: readonly string[]): Field[] {
  return raw.flatMap((name, index): Field[] =>
    index % 2 === 0 ? [[name, raw[index + 1] ?? ""]] : [],
  );
}

interface AnswerBody {
  id: string;
  body: Buffer;
  hash: string;
}

let last: AnswerBody = { id: "", body: Buffer.alloc(0), hash: hashOf(Buffer.alloc(0)) };
