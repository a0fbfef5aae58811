import { spawnSync } from "node:child_process";
import { test } from "tap";
import { commands } from "./commands.ts";
import { run } from "./completion.ts";
import { createTerminal } from "./terminal.ts";

async function scriptFor(shell: string): Promise<string> {
  let script = "";
  const terminal = { ...createTerminal("never"), out: (text: string) => void (script += text) };
  await run({ values: {}, switches: new Set(), operands: [shell], terminal });
  return script;
}

/** What bash offers for the words, of which the last one is being typed. */
async function offered(...words: string[]): Promise<string[]> {
  const script = `${await scriptFor("bash")}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
_heddle; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return spawnSync("bash", ["-c", script], { encoding: "utf8" }).stdout.trim().split("\n");
}

test("bash accepts its script without a complaint", async (t) => {
  const { status, stderr } = spawnSync("bash", ["-n"], {
    input: await scriptFor("bash"),
    encoding: "utf8",
  });
  t.equal(stderr, "");
  t.equal(status, 0);
});

test("bash offers commands, then options, then values", async (t) => {
  t.same(await offered("heddle", "st"), ["stat"]);
  t.same(await offered("heddle", "run", "--sh"), ["--shards"]);
  t.same(await offered("heddle", "stat", "-o", "t"), ["table"]);
  t.same(await offered("heddle", "config", "v"), ["view"]);
  t.same(await offered("heddle", "completion", "z"), ["zsh"]);
});

test("every script names every command and every option", async (t) => {
  const wanted = commands.flatMap(({ name, options }) => [
    ...name.split(" "),
    ...options.map((option) => option.name),
  ]);
  const scripts = await Promise.all(["bash", "zsh", "fish", "powershell"].map(scriptFor));
  t.same(
    scripts.flatMap((script) => wanted.filter((word) => !script.includes(word))),
    [],
  );
});
