// The example manifests of the Gateway API, as upstream publishes them with its Go module. They are fetched by the go
// command and read where it keeps them; nothing of them is stored here.
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../bench/process/command.ts";

const module = "sigs.k8s.io/gateway-api@v1.6.3";

export interface Example {
  /** Below `examples/standard`. */
  path: string;
  /** One document, to the letter. */
  text: string;
}

export const gatewayApiExamples = {
  name: "Gateway API examples",
  /** Rejects where this machine cannot have them. */
  install: async (): Promise<void> => {
    await download({});
  },
};

/** Every document of this kind; rejects where they were not installed. */
export async function examplesOf(kind: string): Promise<Example[]> {
  const folder = join(await download({ GOPROXY: "off" }), "examples", "standard");
  const names = await readdir(folder, { recursive: true });
  const paths = names.filter((name) => name.endsWith(".yaml")).sort();
  const examples = await Promise.all(
    paths.map(async (path) => {
      const text = await readFile(join(folder, path), "utf8");
      return text.split(/^---.*\n/m).map((document) => ({ path, text: document }));
    }),
  );
  return examples.flat().filter(({ text }) => new RegExp(`^kind: ${kind}$`, "m").test(text));
}

/** Folder of the module. */
async function download(env: NodeJS.ProcessEnv): Promise<string> {
  const command = { file: "go", args: ["mod", "download", "-json", module] };
  const { stdout } = await runCommand(command, env);
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  return Dir;
}
