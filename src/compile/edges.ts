// Who calls whom: one edge for each upstream of each service, in the order of the file.
import type { Resources } from "../resources/index.ts";

export interface Edge {
  source: string;
  target: string;
}

export function edgesOf({ mesh }: Resources): Edge[] {
  return mesh.services.flatMap(({ name, upstreams }) =>
    upstreams.map(({ service }) => ({ source: name, target: service })),
  );
}

/** `web->api`: the key of an edge's port, and the name of its outbound listener. */
export function edgeKey({ source, target }: Edge): string {
  return `${source}->${target}`;
}
