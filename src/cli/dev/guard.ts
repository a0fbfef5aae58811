// Ends the services when this process is killed before it can do so itself. A small shell holds the other end of a
// pipe and the list of process groups; when the pipe closes, it kills those that are left.
import { spawn } from "node:child_process";

export interface Guard {
  add(group: number): void;
  remove(group: number): void;
  /** Lets the shell end; resolves when it has. */
  close(): Promise<void>;
}

export function startGuard(): Guard {
  const shell = spawn("/bin/sh", ["-c", script], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.unref();
  // A guard that died guards nothing, but the services can still be stopped in the usual way.
  shell.stdin.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => shell.once("exit", resolve).once("error", resolve));
  return {
    add: (group) => void shell.stdin.write(`+ ${group}\n`),
    remove: (group) => void shell.stdin.write(`- ${group}\n`),
    close: () => {
      // Nothing else may be left that keeps this process waiting for it.
      shell.ref();
      shell.stdin.end();
      return ended;
    },
  };
}

const script = `
groups=
while read -r sign group; do
  rest=
  for each in $groups; do [ "$each" = "$group" ] || rest="$rest $each"; done
  groups=$rest
  [ "$sign" = + ] && groups="$groups $group"
done
for each in $groups; do kill -s KILL -- "-$each"; done
`;
