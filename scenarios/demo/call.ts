// Calls an upstream service through the mesh and reads its JSON answer.
import { Agent, request } from "node:http";

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

/** `upstream` is the name as in mesh.yaml; its address comes from HEDDLE_UPSTREAM_<NAME>. */
export function callUpstream(upstream: string, headers: Record<string, string>): Promise<unknown> {
  const address = process.env[`HEDDLE_UPSTREAM_${upstream.toUpperCase()}`] ?? "";
  return new Promise((resolve, reject) => {
    const call = request(new URL("/", address), { agent, headers, timeout: 2_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${upstream} answered ${response.statusCode}`));
      });
    });
    call.on("timeout", () => call.destroy(new Error(`${upstream} took too long`)));
    call.on("error", reject);
    call.end();
  });
}
