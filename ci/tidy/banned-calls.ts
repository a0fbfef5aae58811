/** Calls that have a better replacement here; each row says which. Clippy and the linter ban the rest. */
import { matchingLines } from "./lines.ts";
import type { LinePattern } from "./lines.ts";
import type { Rule } from "./tree.ts";

export const bannedCalls: Rule = {
  name: "no banned calls",
  check: (tree) => BANNED.flatMap((row) => matchingLines(tree, row)),
};

const NOT_A_TEST = /\.(test|e2e)\.ts$/;

const BANNED: readonly LinePattern[] = [
  {
    files: /^src\/.*\.ts$/,
    except: /^src\/shard\//,
    pattern: /\.dlopen\(|["'`/]heddle\.node\b/,
    message: "only src/shard loads the addon; call its door",
  },
  {
    files: /^src\/(compile|resources|snapshot)\/.*\.ts$/,
    except: NOT_A_TEST,
    pattern: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bsetTimeout\(/,
    message: "time comes in as an argument",
  },
  {
    files: /^src\/.*\.ts$/,
    except: NOT_A_TEST,
    pattern: /\bMath\.random\(/,
    message: "chance comes in as an argument (lib/seeded-random.ts), keys come from node:crypto",
  },
  {
    files: /^(src|bench|scenarios|ci)\/.*\.ts$/,
    pattern: /\bexec(Sync)?\([`"']|\bshell: true\b/,
    except: /^src\/cli\/|^src\/agent\/|\.(test|e2e)\.ts$/,
    message: "use spawn or execFile with a list of arguments: no shell reads them",
  },
  {
    files: /^native\/(snapshot|stats|decide|wire|proxy|sim)\/src\/.*\.rs$/,
    pattern: /\bstd::(fs|os|process|thread)\b|\bstd::net::.*(Tcp|Udp)/,
    except: /\/(tests|generated)\.rs$|\/tests\//,
    message: "sockets, files and threads belong to native/driver; take them as arguments",
  },
  {
    files: /^native\/.*\.rs$/,
    except: /^native\/(driver|binding)\//,
    pattern: /\blibc::/,
    message: "use rustix; where it has no equal, native/driver calls libc",
  },
];
