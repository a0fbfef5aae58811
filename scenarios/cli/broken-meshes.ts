// Ten mesh files with mistakes that people make, and what `heddle lint` says about each, word for word.

export interface BrokenMesh {
  /** The mistake, as a sentence. */
  name: string;
  text: string;
  /** Standard output. */
  said: string;
}

export const brokenMeshes: readonly BrokenMesh[] = [
  {
    name: "a listener leads to a service that is spelled differently, another speaks a different protocol",
    text: `mesh: shop
listeners:
  - { name: edge, address: "127.0.0.1:8080", protocol: http, service: wbe }
  - { name: sql, address: "127.0.0.1:7000", protocol: tcp, service: web }
services:
  web: { port: 9001 }
`,
    said: `mesh.yaml:3:71  error HED2101  listener 'edge' leads to service 'wbe', which does not exist (did you mean web?)
    fix: write 'web'
mesh.yaml:4:55  error HED2113  listener 'sql' speaks tcp, but service 'web' speaks http
    fix: write protocol: http here, or protocol: tcp on the service
`,
  },
  {
    name: "a key is not known",
    text: `mesh: shop
services:
  web:
    prot: 9001
    port: 9001
`,
    said: `mesh.yaml:4:5  error HED2010  unknown field 'prot' in services.web (did you mean port?)
    fix: write 'port'
`,
  },
  {
    name: "a value has the wrong type, and another is out of range",
    text: `mesh: shop
services:
  web: { port: "9001" }
  api: { port: 99999 }
`,
    said: `mesh.yaml:3:16  error HED2013  services.web.port must be a whole number, found the text "9001"
    fix: write 9001 without quotes
mesh.yaml:4:16  error HED2016  services.api.port must be at most 65535, found 99999
    fix: write a number at most 65535
`,
  },
  {
    name: "indentation breaks the file",
    text: `mesh: shop
services:
  web:
    port: 9001
   upstreams: [api]
`,
    said: `mesh.yaml:5:1  error HED2002  not valid YAML: all mapping items must start at the same column
    fix: indent the lines of one block by the same number of spaces; close every bracket
`,
  },
  {
    name: "a key stands there twice",
    text: `mesh: shop
services:
  web: { port: 9001 }
  web: { port: 9002 }
`,
    said: `mesh.yaml:4:3  error HED2003  the key 'web' stands twice in one map
    fix: keep one of them
`,
  },
  {
    name: "upstreams are wrong in three ways",
    text: `mesh: shop
services:
  web: { port: 9001, upstreams: [web, aip, api, api] }
  api: { port: 9100 }
`,
    said: `mesh.yaml:3:34  error HED2109  service 'web' is its own upstream
    fix: remove it: a program reaches itself without a mesh
mesh.yaml:3:39  error HED2102  service 'web' calls upstream 'aip', which does not exist (did you mean api?)
    fix: write 'api'
mesh.yaml:3:49  error HED2120  service 'web' lists the upstream 'api' twice
    fix: remove one of them
`,
  },
  {
    name: "two programs need the same port, and one of them is a listener's",
    text: `mesh: shop
listeners:
  - { name: edge, address: "127.0.0.1:9001", protocol: http, service: web }
services:
  web: { port: 9001 }
  api: { port: 9100, replicas: [9101, 9101] }
`,
    said: `mesh.yaml:3:28  error HED2111  address 127.0.0.1:9001 is already taken by service 'web'
    fix: give each listener, service and replica an address of its own
mesh.yaml:6:39  error HED2112  port 9101 is already taken by service 'api'
    fix: give each listener, service and replica an address of its own
`,
  },
  {
    name: "a route names services and fields that do not exist",
    text: `mesh: shop
services:
  web: { port: 9001 }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: pay }
spec:
  parentRefs: [{ group: "", kind: Service, name: web }]
  rules:
    - matches: [{ path: { type: RegularExpression, value: "/pay/(.*" } }]
      backendRefs: [{ name: pay-v2, port: 80 }]
    - retry: { attempts: 2 }
      backendRefs: [{ name: web, port: 9002 }]
`,
    said: `mesh.yaml:11:59  error HED2131  the pattern "/pay/(.*" has a '(' without ')' (character 6)
    fix: write \\( for a parenthesis
mesh.yaml:12:29  error HED2104  route 'pay' backend 'pay-v2' does not exist
    fix: add 'pay-v2' under services of the mesh
mesh.yaml:13:7  error HED2011  'retry' in spec.rules[1] is not supported yet
    fix: remove it: what it asks for would not happen
mesh.yaml:14:29  error HED2105  route 'pay' backend 'web' has the port 9001, not 9002: no request could be sent there
    fix: write port: 9001, or remove the port
`,
  },
  {
    name: "a rule can never apply, and another gets no request",
    text: `mesh: shop
services:
  web: { port: 9001 }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: pay }
spec:
  parentRefs: [{ group: "", kind: Service, name: web }]
  rules:
    - matches: [{ path: { type: PathPrefix, value: /pay } }]
      backendRefs: [{ name: web, port: 9001 }]
    - matches: [{ path: { type: PathPrefix, value: /pay/ } }]
      backendRefs: [{ name: web, port: 9001 }]
    - matches: [{ path: { type: Exact, value: pay } }]
      backendRefs: [{ name: web, port: 9001, weight: 0 }]
`,
    said: `mesh.yaml:13:7  warn  HED2210  rule 2 can never match: shadowed by rule 1 (prefix /pay)
    fix: remove it, or make its condition differ from that of the earlier rule
mesh.yaml:15:47  error HED2117  the path "pay" does not begin with /
    fix: write "/pay"
mesh.yaml:16:7  warn  HED2201  the weights of this rule add up to 0: every request that it matches is answered with 503
    fix: give at least one backend a weight above 0
`,
  },
  {
    name: "addresses and times do not have their form",
    text: `mesh: shop
listeners:
  - { name: edge, address: "localhost:8080", protocol: http, service: web }
services:
  web: { endpoints: ["10.0.0.1", "unix:web.sock"], timeouts: { request: 5 seconds } }
`,
    said: `mesh.yaml:3:28  error HED2115  'localhost:8080' is no address to listen on: 'localhost' is a name
    fix: write 127.0.0.1:8080 for this host alone, 0.0.0.0:8080 for every address
mesh.yaml:5:22  error HED2115  '10.0.0.1' is no endpoint: the port is missing
    fix: write ip:port, [ip6]:port, name:port, srv:name or unix:/path, such as db.internal:5432
mesh.yaml:5:34  error HED2115  'unix:web.sock' is no endpoint: a socket needs the absolute path of a file
    fix: write ip:port, [ip6]:port, name:port, srv:name or unix:/path, such as db.internal:5432
mesh.yaml:5:73  error HED2015  services.web.timeouts.request must be a duration such as 500ms, 15s or 1m30s, found the text "5 seconds"
    fix: write a whole number with its unit: h, m, s or ms
`,
  },
];
