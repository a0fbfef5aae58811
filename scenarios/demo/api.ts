// The demo's middle, run as two replicas: asks store, and shows which version the mesh's route asked for.
import { serveJson } from "./answer.ts";
import { callUpstream } from "./call.ts";

serveJson(async (request) => ({
  service: "api",
  port: Number(process.env["PORT"]),
  version: request.headers["x-api-version"] ?? "not set",
  store: await callUpstream("store", {}),
}));
