// What can be wrong with a TCP connection, as values: one set of faults for each direction of it.

export interface ConnectionFaults {
  /** How often the target is connected to; `never` is a black hole: accepted, read, and never answered. */
  accept?: "once" | "twice" | "never";
  /** From the client to the target. */
  up?: LaneFaults;
  /** From the target to the client. */
  down?: LaneFaults;
}

export interface LaneFaults {
  /** Every byte comes so much later. */
  delayMs?: number;
  /** And up to so much more, drawn anew for each piece; the order stays. */
  jitterMs?: number;
  bytesPerSecond?: number;
  /** Nothing larger is written at once. */
  sliceBytes?: number;
  /** The byte at this offset has its bits turned over. */
  corruptAt?: number;
  stop?: Stop;
}

/** What becomes of the connection once so many bytes have passed in this direction; with 0, when the first one comes. */
export interface Stop {
  afterBytes: number;
  how: StopKind;
  /** Not before there is another byte, which does not pass. */
  atNextByte?: boolean;
}

export type StopKind =
  /** RST to both ends. */
  | "reset"
  /** FIN to the receiver; the rest is lost, the other direction goes on. */
  | "finish"
  /** Half-open: nothing more is read, and no FIN is passed. The sender meets a full window. */
  | "stopReading"
  /** Half-open: everything is read, nothing more is written, and no FIN is passed. */
  | "stopWriting";
