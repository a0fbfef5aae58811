// The bare epoll relay: the floor under every proxy on this machine. It validates nothing.
import { buildLoadPrograms } from "../../load/programs.ts";
import type { Peer } from "../peer.ts";
import { UnavailableError } from "../peer.ts";

export const relay: Peer = {
  name: "relay",
  install: () => Promise.resolve(),
  version: () => Promise.resolve("floor, no proxy"),
  configure: async ({ protocol, port, upstreamPort, threads }) => {
    if (threads > 1) throw new UnavailableError("the relay has one thread only");
    const { relay: file } = await buildLoadPrograms();
    const upstream = `127.0.0.1:${upstreamPort}`;
    return { file, args: ["--mode", protocol, "--port", String(port), "--upstream", upstream] };
  },
  errors: () => Promise.resolve({}),
};
