// Where a request ends up when a rule sends its client elsewhere, forwards it under another name, or has its own time.
import { freePorts } from "../support/free-ports.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { startRawOrigin } from "../support/start-raw-origin.ts";

scenario("a redirect names the place as the Gateway API has it", async (t) => {
  const [edge = 0] = await freePorts(1);
  await startAgent(t, { mesh: mesh(edge, 9), shards: 1 });
  const client = RawPeer.connect(t, edge);
  const ask = async (line: string, host = `a.example:${edge}`): Promise<string> => {
    client.send(`${line} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    const head = await client.received("\r\n\r\n");
    const [, status = "", location = ""] =
      /^HTTP\/1.1 (\d+) .*^location: (\S*)\r$/ims.exec(head) ?? [];
    return `${status} ${location}`;
  };

  t.equal(await ask("GET /host?a=b"), `302 http://b.example:${edge}/host?a=b`, "the port stays");
  t.equal(await ask("GET /host", "a.example"), "302 http://b.example/host");
  t.equal(await ask("GET /secure/x"), "301 https://a.example/secure/x", "a scheme has its port");
  t.equal(await ask("GET /port"), "307 http://a.example:8443/port");
  t.equal(await ask("GET /old/a/b?c"), "308 http://a.example/new/a/b?c", "elements of a prefix");
  t.equal(await ask("GET /old"), "308 http://a.example/new");
  t.equal(await ask("GET /gone/x?c"), "303 http://a.example/here?c", "the whole path");
});

scenario("a rewrite changes host and path and keeps the query", async (t) => {
  const [edge = 0] = await freePorts(1);
  const origin = await startRawOrigin(t);
  await startAgent(t, { mesh: mesh(edge, origin.port), shards: 1 });
  const client = RawPeer.connect(t, edge);
  const seen = async (line: string): Promise<string> => {
    client.send(`${line} HTTP/1.1\r\nHost: a.example\r\n\r\n`);
    const { head, upstream } = await origin.request();
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    await client.received("\r\n\r\n");
    const [, target = "", host = ""] = /^GET (\S+) .*^host: (\S*)\r$/ims.exec(head) ?? [];
    return `${host} ${target}`;
  };

  t.equal(await seen("GET /api/v1/items?page=2"), "c.example /items?page=2");
  t.equal(await seen("GET /api/v1"), "c.example /");
  t.equal(await seen("GET /api/v1?q=/x"), "c.example /?q=/x");
  t.equal(await seen("GET /full/a/b?c=d"), "a.example /one?c=d");
});

scenario("each backend of a rule changes the headers of its own share", async (t) => {
  const [edge = 0] = await freePorts(1);
  const origin = await startRawOrigin(t);
  await startAgent(t, { mesh: sharedMesh(edge, origin.port), shards: 1 });
  const client = RawPeer.connect(t, edge);

  const seen = new Set<string>();
  for (let round = 0; round < 60; round += 1) {
    client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Backend: client\r\n\r\n");
    const { head, upstream } = await origin.request();
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Backend: origin\r\n\r\n");
    const answer = await client.received("\r\n\r\n");
    const values = [head, answer].map((text) => /^x-backend: (.*)\r$/im.exec(text)?.[1]);
    seen.add(values.join(" "));
  }

  t.strictSame([...seen].sort(), ["blue blue", "client origin", "green green"]);
});

scenario(
  "a page of another origin may use what a CORS filter allows, and the proxy says so",
  async (t) => {
    const [edge = 0] = await freePorts(1);
    const origin = await startRawOrigin(t);
    await startAgent(t, { mesh: corsMesh(edge, origin.port), shards: 1 });
    const client = RawPeer.connect(t, edge);
    const ask = async (
      line: string,
      from: string,
      fields = "",
    ): Promise<Record<string, string>> => {
      client.send(`${line} HTTP/1.1\r\nHost: a\r\nOrigin: ${from}\r\n${fields}\r\n`);
      return corsFields(await client.received("\r\n\r\n"));
    };
    const preflight =
      "Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-a, x-b\r\n";

    t.strictSame(await ask("OPTIONS /named", "https://x.shop.example", preflight), {
      status: "204",
      "access-control-allow-origin": "https://x.shop.example",
      "access-control-allow-methods": "PUT",
      "access-control-allow-headers": "x-a, x-b",
      "access-control-allow-credentials": "true",
      "access-control-max-age": "600",
      vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    });
    t.strictSame(await ask("OPTIONS /named", "https://shop.example", preflight), {
      status: "204",
      vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    });
    t.strictSame(await ask("OPTIONS /public", "https://x.example", preflight), {
      status: "204",
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "*",
      "access-control-max-age": "5",
      vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    });

    const actual = ask("PUT /named", "https://x.shop.example", "Content-Length: 0\r\n");
    const { upstream } = await origin.request();
    upstream.send(
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nAccess-Control-Allow-Origin: none\r\nVary: Accept\r\n\r\n",
    );
    t.strictSame(await actual, {
      status: "200",
      "access-control-allow-origin": "https://x.shop.example",
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "X-Total",
      vary: "Accept, Origin",
    });
  },
);

scenario("a rule gives a response of its own, written in the mesh or as an object", async (t) => {
  const [edge = 0] = await freePorts(1);
  await startAgent(t, { mesh: directMesh(edge), shards: 1 });
  const get = async (path: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${edge}${path}`);
    return `${response.status} ${response.headers.get("content-type")} ${await response.text()}`;
  };

  t.equal(await get("/shop"), "503 text/html <p>Back soon</p>");
  t.equal(await get("/robots.txt"), "200 text/plain; charset=utf-8 User-agent: *\nDisallow: /\n");
  t.equal(await get("/gone"), "410 null ");
});

scenario("a rule has its own timeouts, for the request and for one attempt", async (t) => {
  const [edge = 0] = await freePorts(1);
  const origin = await startRawOrigin(t);
  await startAgent(t, { mesh: mesh(edge, origin.port), shards: 1 });
  const reasonOf = async (path: string): Promise<string> => {
    const client = RawPeer.connect(t, edge);
    client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const head = await client.received("\r\n\r\n");
    const [, status = "", error = ""] = /^HTTP\/1.1 (\d+) .*details="(\w+)"/s.exec(head) ?? [];
    return `${status} ${error}`;
  };

  t.equal(await reasonOf("/slow/request"), "504 response_timeout");
  t.equal(await reasonOf("/slow/attempt"), "504 attempt_timeout");
});

/** Status, and what a response says to pages; values of one name are joined. */
function corsFields(head: string): Record<string, string> {
  const fields: Record<string, string> = { status: head.slice(9, 12) };
  for (const [, name = "", value = ""] of head.matchAll(
    /^(vary|access-control-[^:]*): (.*)\r$/gim,
  )) {
    const key = name.toLowerCase();
    fields[key] = fields[key] === undefined ? value : `${fields[key]}, ${value}`;
  }
  return fields;
}

function corsMesh(edge: number, port: number): string {
  return `mesh: cors
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { port: 80, endpoints: ["127.0.0.1:${port}"] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: cors }
spec:
  parentRefs: [{ group: "", kind: Service, name: web }]
  rules:
    - matches: [{ path: { value: /named } }]
      filters:
        - type: CORS
          cors:
            allowOrigins: ["https://*.shop.example"]
            allowCredentials: true
            allowMethods: [PUT]
            allowHeaders: ["*"]
            exposeHeaders: [X-Total]
            maxAge: 600
      backendRefs: [{ name: web, port: 80 }]
    - matches: [{ path: { value: /public } }]
      filters: [{ type: CORS, cors: { allowOrigins: ["*"], allowMethods: ["*"] } }]
      backendRefs: [{ name: web, port: 80 }]
`;
}

function directMesh(edge: number): string {
  const answer = (path: string, name: string): string => `
    - matches: [{ path: { value: ${path} } }]
      filters: [{ type: ExtensionRef, extensionRef: { group: heddle.dev, kind: DirectResponse, name: ${name} } }]`;
  return `mesh: direct
responses:
  soon: { status: 503, contentType: text/html, body: "<p>Back soon</p>" }
  gone: { status: 410 }
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { port: 80, endpoints: ["127.0.0.1:9"] }
---
apiVersion: heddle.dev/v1alpha1
kind: DirectResponse
metadata: { name: robots }
spec:
  status: 200
  body: |
    User-agent: *
    Disallow: /
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: direct }
spec:
  parentRefs: [{ group: "", kind: Service, name: web }]
  rules:${answer("/shop", "soon")}${answer("/robots.txt", "robots")}${answer("/gone", "gone")}
`;
}

/** Three backends with one origin, of which two mark their requests and responses. */
function sharedMesh(edge: number, port: number): string {
  const filters = (name: string): string => {
    const settings = `{ set: [{ name: X-Backend, value: ${name} }] }`;
    return `filters: [{ type: RequestHeaderModifier, requestHeaderModifier: ${settings} },
          { type: ResponseHeaderModifier, responseHeaderModifier: ${settings} }]`;
  };
  return `mesh: shared
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { port: 80, endpoints: ["127.0.0.1:${port}"] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shared }
spec:
  parentRefs: [{ group: "", kind: Service, name: web }]
  rules:
    - backendRefs:
        - { name: web, port: 80, ${filters("blue")} }
        - { name: web, port: 80, ${filters("green")} }
        - { name: web, port: 80 }
`;
}

function mesh(edge: number, port: number): string {
  const redirect = (path: string, settings: string): string => `
    - matches: [{ path: { value: ${path} } }]
      filters: [{ type: RequestRedirect, requestRedirect: { ${settings} } }]`;
  const rewrite = (path: string, settings: string): string => `
    - matches: [{ path: { value: ${path} } }]
      filters: [{ type: URLRewrite, urlRewrite: { ${settings} } }]
      backendRefs: [{ name: web, port: 80 }]`;
  const limit = (path: string, settings: string): string => `
    - matches: [{ path: { value: ${path} } }]
      timeouts: { ${settings} }
      backendRefs: [{ name: web, port: 80 }]`;
  const prefix = (value: string): string =>
    `path: { type: ReplacePrefixMatch, replacePrefixMatch: ${value} }`;
  const rules = [
    redirect("/host", "hostname: b.example"),
    redirect("/secure", "scheme: https, statusCode: 301"),
    redirect("/port", "port: 8443, statusCode: 307"),
    redirect("/old", `port: 80, statusCode: 308, ${prefix("/new/")}`),
    redirect(
      "/gone",
      "port: 80, statusCode: 303, path: { type: ReplaceFullPath, replaceFullPath: /here }",
    ),
    rewrite("/api/v1", `hostname: c.example, ${prefix("/")}`),
    rewrite("/full", "path: { type: ReplaceFullPath, replaceFullPath: /one }"),
    limit("/slow/request", "request: 100ms, backendRequest: 100ms"),
    limit("/slow/attempt", "request: 10s, backendRequest: 100ms"),
  ];
  return `mesh: filters
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web, errors: full }
services:
  web: { port: 80, endpoints: ["127.0.0.1:${port}"] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: filters }
spec:
  parentRefs: [{ group: "", kind: Service, name: web }]
  rules:${rules.join("")}
`;
}
