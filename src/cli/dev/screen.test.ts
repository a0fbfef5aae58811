import { test } from "tap";
import { createTerminal, type Terminal } from "../terminal.ts";
import { Screen } from "./screen.ts";

interface Recorded {
  terminal: Terminal;
  written: string[];
}

function recorded(live: boolean): Recorded {
  const written: string[] = [];
  const terminal: Terminal = {
    ...createTerminal("never"),
    live,
    columns: 20,
    out: (text) => void written.push(text),
    say: (text) => void written.push(`said ${text}`),
  };
  return { terminal, written };
}

test("on a terminal the table is drawn over the one before, and messages push it down", (t) => {
  const { terminal, written } = recorded(true);
  const screen = new Screen(terminal);
  screen.draw("a\nb\n", 0);
  screen.draw("c\nd\n", 1_000);
  screen.say("hello");
  screen.draw("e\n", 2_000);
  const erase = "\u001b[2A\u001b[J";
  t.same(written, ["a\nb\n", erase, "c\nd\n", erase, "said hello", "e\n"]);
  t.end();
});

test("lines that would wrap are cut, without half an escape sequence", (t) => {
  const { terminal, written } = recorded(true);
  new Screen(terminal).draw(`\u001b[1m${"x".repeat(30)}\u001b[0m\n\u001b[1mshort\u001b[0m\n`, 0);
  t.same(written, [`${"x".repeat(19)}\n\u001b[1mshort\u001b[0m\n`]);
  t.end();
});

test("elsewhere a table is printed every ten seconds, without escape sequences", (t) => {
  const { terminal, written } = recorded(false);
  const screen = new Screen(terminal);
  screen.draw("a\n", 0);
  screen.draw("b\n", 9_000);
  screen.draw("c\n", 10_000);
  t.same(written, ["a\n", "c\n"]);
  t.end();
});
