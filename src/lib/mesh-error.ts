// The error that is thrown on purpose: a stable code for programs, a message and a way out for people.

export class MeshError extends Error {
  override readonly name = "MeshError";
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, options: { hint: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}
