// A TCP reset and nothing else. Node's own `resetAndDestroy` first ends the writing side, so that a FIN goes before it.
import type { Socket } from "node:net";

/** Drops what is not sent yet. */
export function resetNow(socket: Socket): void {
  // What `resetAndDestroy` sets for `destroy`, which closes with a reset then.
  Object.assign(socket, { resetAndClosing: true });
  socket.destroy();
}
