// Sends one hostile request with a good one behind it, and says what became of both.
import { connect } from "node:net";
import type { CaptureOrigin, Captured } from "./capture-origin.ts";
import type { HostileCase } from "./corpus.ts";

export interface CaseResult {
  hostile: HostileCase;
  /** Statuses of all final answers, in their order. */
  statuses: number[];
  /** The case as it went on to the origin; empty when it was refused. */
  captured: readonly Captured[];
  /** What the proxy did that it must not do. */
  violations: string[];
}

export async function sendCase(
  edge: number,
  origin: CaptureOrigin,
  hostile: HostileCase,
): Promise<CaseResult> {
  const next = `${hostile.id}-next`;
  const follower = `GET /next HTTP/1.1\r\nHost: a.example\r\nX-Case: ${next}\r\nConnection: close\r\n\r\n`;
  const answer = await exchange(edge, hostile.text + follower);
  const statuses = [...answer.text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)]
    .map(([, status]) => Number(status))
    .filter((status) => status >= 200);
  const captured = origin.capturedOf(hostile.id);
  const isAccepted = captured.some(({ message }) => message !== undefined);
  const followers = origin.capturedOf(next).length;
  const violations = [
    ...captured.flatMap(({ broken }) => (broken === undefined ? [] : [`emitted ${broken}`])),
    ...(captured.length > 1 ? ["was sent on twice"] : []),
    ...(answer.ended ? [] : ["was neither answered nor closed"]),
    ...(isAccepted ? acceptedViolations(hostile, followers) : []),
    ...(isAccepted ? [] : refusedViolations(hostile, { statuses, followers, text: answer.text })),
  ];
  return { hostile, statuses, captured, violations };
}

function acceptedViolations({ expect, text }: HostileCase, followers: number): string[] {
  const violations: string[] = [];
  if (expect === "refused") violations.push("was accepted");
  if (followers !== 1 && text.includes("HTTP/1.1\r\n"))
    violations.push(`was followed by ${followers} requests in place of one`);
  return violations;
}

function refusedViolations(
  { expect }: HostileCase,
  { statuses, followers, text }: { statuses: number[]; followers: number; text: string },
): string[] {
  const violations: string[] = [];
  const [status = 0] = statuses;
  if (expect === "accepted")
    violations.push(`was refused with ${text.split("\r\n\r\n")[1]?.trim()}`);
  if (followers > 0) violations.push("what stood behind a refused request was answered");
  // Behind a head that was good nothing may be left to say: then the connection is broken.
  if (statuses.length > 1 || (statuses.length === 1 && (status < 400 || status === 502)))
    violations.push(`was answered with ${statuses.join(", ")}`);
  return violations;
}

/** Everything that comes until the other end closes. */
function exchange(port: number, text: string): Promise<{ text: string; ended: boolean }> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.write(text, "latin1"));
    let received = "";
    const finish = (ended: boolean): void => {
      socket.destroy();
      resolve({ text: received, ended });
    };
    socket.setEncoding("latin1");
    socket.setTimeout(ANSWER_MS_MAX, () => finish(false));
    socket.on("data", (part: string) => (received += part));
    socket.once("end", () => finish(true));
    socket.once("error", () => finish(true));
  });
}

const ANSWER_MS_MAX = 5_000;
