// States what must hold: a broken invariant is our own bug, so it throws and is never caught as a user's mistake.

export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}
