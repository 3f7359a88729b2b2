import type { FullAnswer } from "../answer/answer";

/** An answer that the server does not have yet. */
export interface Unsent {
  readonly trial: string;
  readonly read: string;
  /** Number of the draft that it rests on. */
  readonly base: number;
  readonly answer: FullAnswer;
  readonly active_s: number;
  readonly idle_s: number;
}

const PREFIX = "myeloscope.unsent.";

/** Unsent answers of one account, kept in the browser until the server has them. */
export class Queue {
  private readonly storage: Storage;
  private readonly prefix: string;

  constructor(storage: Storage, user: string) {
    this.storage = storage;
    this.prefix = `${PREFIX}${user}.`;
  }

  put(unsent: Unsent): void {
    this.storage.setItem(this.prefix + unsent.read, JSON.stringify(unsent));
  }

  get(read: string): Unsent | null {
    return parse(this.storage.getItem(this.prefix + read));
  }

  drop(read: string): void {
    this.storage.removeItem(this.prefix + read);
  }

  all(): readonly Unsent[] {
    return this.keys()
      .map((key) => parse(this.storage.getItem(key)))
      .filter((found) => found !== null);
  }

  /** Forget everything of this account, as at logout. */
  wipe(): void {
    for (const key of this.keys()) {
      this.storage.removeItem(key);
    }
  }

  private keys(): readonly string[] {
    return Array.from(
      { length: this.storage.length },
      (_, at) => this.storage.key(at) ?? "",
    ).filter((key) => key.startsWith(this.prefix));
  }
}

function parse(text: string | null): Unsent | null {
  if (text === null) {
    return null;
  }
  try {
    const found: unknown = JSON.parse(text);
    return isUnsent(found) ? found : null;
  } catch {
    return null;
  }
}

function isUnsent(found: unknown): found is Unsent {
  return typeof found === "object" && found !== null && "base" in found && "answer" in found;
}
