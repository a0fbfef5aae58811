// The demo's front: asks api, and hands on the group that the caller belongs to.
import { serveJson } from "./answer.ts";
import { callUpstream } from "./call.ts";

serveJson(async (request) => {
  const group = request.headers["x-user-group"];
  return {
    service: "web",
    api: await callUpstream("api", typeof group === "string" ? { "x-user-group": group } : {}),
  };
});
