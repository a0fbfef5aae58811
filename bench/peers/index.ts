// The table of proxies that can be measured.
import { envoy } from "./envoy/envoy.ts";
import { haproxy } from "./haproxy/haproxy.ts";
import { heddle } from "./heddle/heddle.ts";
import { js } from "./js/js.ts";
import { nginx } from "./nginx/nginx.ts";
import type { Peer } from "./peer.ts";
import { relay } from "./relay/relay.ts";

export const peers: ReadonlyMap<string, Peer> = new Map(
  [heddle, haproxy, nginx, envoy, relay, js].map((peer) => [peer.name, peer]),
);
