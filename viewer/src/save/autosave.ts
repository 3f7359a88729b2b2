import { type FullAnswer, full, isSame } from "../answer/answer";
import { OfflineError, RefusedError } from "../api/client";
import type { ReadOut } from "../api/records";
import { NO_TIME, type ReadingClock, sum, type Times } from "./clock";
import type { Queue } from "./queue";

/** How an answer stands with the server. */
export type SaveState =
  | { readonly kind: "saved" }
  | { readonly kind: "waiting" }
  | { readonly kind: "saving" }
  | { readonly kind: "held" }
  | { readonly kind: "offline" }
  | { readonly kind: "signed-out" }
  | { readonly kind: "conflict"; readonly theirs: ReadOut }
  | { readonly kind: "refused"; readonly why: string };

/** A draft as the server takes it. */
export interface DraftOut extends Times {
  readonly base: number;
  readonly answer: FullAnswer;
}

/** What saving needs of the world. */
export interface Outside {
  readonly send: (draft: DraftOut) => Promise<ReadOut>;
  readonly look: () => Promise<ReadOut>;
  readonly later: (run: () => void, ms: number) => () => void;
  readonly queue: Queue;
  readonly clock: ReadingClock;
}

export const SAVE_AFTER_MS = 500;
const RETRY_MS = [1000, 2000, 4000, 8000] as const;

/**
 * Saves an answer within a second of each change; keeps it in the browser until the server says
 * that it is on disk, and overwrites nobody's save without asking.
 */
export class Autosave {
  state: SaveState = { kind: "saved" };
  answer: FullAnswer;
  read: ReadOut;
  private readonly trial: string;
  private readonly outside: Outside;
  private readonly changed: () => void;
  private times: Times = NO_TIME;
  private cancel: (() => void) | null = null;
  private running: Promise<void> | null = null;
  private failures = 0;

  constructor(trial: string, read: ReadOut, outside: Outside, changed: () => void) {
    this.trial = trial;
    this.read = read;
    this.outside = outside;
    this.changed = changed;
    this.answer = full(read.draft);
  }

  /** Return the clock of this visit. */
  get clock(): ReadingClock {
    return this.outside.clock;
  }

  /** Take up what an earlier visit could not send; tell whether there was anything. */
  resume(): boolean {
    const kept = this.outside.queue.get(this.read.id);
    if (kept === null || isSame(kept.answer, this.answer)) {
      this.outside.queue.drop(this.read.id);
      return false;
    }
    this.answer = kept.answer;
    if (this.isHeld) {
      this.become({ kind: "held" });
      return true;
    }
    this.times = { active_s: kept.active_s, idle_s: kept.idle_s };
    if (kept.base === this.read.number) {
      this.wait();
    } else {
      this.become({ kind: "conflict", theirs: this.read });
    }
    return true;
  }

  /** Take a change. */
  edit(answer: FullAnswer): void {
    this.answer = answer;
    this.keep();
    if (this.isHeld) {
      this.become({ kind: "held" });
      return;
    }
    if (this.state.kind === "conflict") {
      this.changed();
      return;
    }
    this.wait();
  }

  /** Save now what is not saved yet; ends when it is tried. */
  async flush(): Promise<void> {
    this.cancel?.();
    this.cancel = null;
    while (this.running !== null) {
      await this.running;
    }
    if (["saved", "conflict", "held"].includes(this.state.kind)) {
      return;
    }
    this.running = this.attempt().finally(() => {
      this.running = null;
    });
    await this.running;
  }

  /** In a conflict: save mine over what the server has. */
  async keepMine(): Promise<void> {
    if (this.state.kind === "conflict") {
      this.read = this.state.theirs;
      this.keep();
      this.become({ kind: "waiting" });
      await this.flush();
    }
  }

  /** In a conflict: leave mine and go on with what the server has. */
  takeTheirs(): void {
    if (this.state.kind === "conflict") {
      this.take(this.state.theirs);
    }
  }

  /** Leave what the server refuses, and take the read as it has it now. */
  async discard(): Promise<void> {
    this.take(await this.outside.look());
  }

  /** Take the read as the server has it now. */
  take(read: ReadOut): void {
    this.read = read;
    this.answer = full(read.draft);
    this.outside.queue.drop(read.id);
    this.become({ kind: "saved" });
  }

  /**
   * Look whether others did something, and take it if nothing of mine is unsent. What was asked
   * before a save, vote or lock and comes after it is older than what stands here, and is left.
   */
  async refresh(): Promise<void> {
    if (this.state.kind === "saved") {
      const before = this.read;
      const read = await this.outside.look();
      const moved = JSON.stringify(read) !== JSON.stringify(before);
      if (moved && this.read === before && this.state.kind === "saved") {
        this.take(read);
      }
    }
  }

  /** Whether the answer waits in the browser for the vote: a member's own, before the panel's. */
  private get isHeld(): boolean {
    const { members, voted, status } = this.read;
    return members > 1 && !voted && status !== "amending";
  }

  /** Stop the timer; what is unsent stays in the browser. */
  close(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private wait(): void {
    this.become({ kind: "waiting" });
    this.cancel ??= this.outside.later(() => {
      this.cancel = null;
      void this.flush();
    }, SAVE_AFTER_MS);
  }

  private keep(): void {
    const { id, number } = this.read;
    const kept = { trial: this.trial, read: id, base: number, answer: this.answer };
    this.outside.queue.put({ ...kept, ...this.times });
  }

  private become(state: SaveState): void {
    this.state = state;
    this.changed();
  }

  private async attempt(): Promise<void> {
    const sent = this.answer;
    this.times = sum(this.times, this.outside.clock.take());
    this.become({ kind: "saving" });
    try {
      const read = await this.outside.send({
        base: this.read.number,
        answer: sent,
        ...this.times,
      });
      this.arrived(read, sent);
    } catch (error) {
      await this.failed(error, sent);
    }
  }

  private arrived(read: ReadOut, sent: FullAnswer): void {
    this.read = read;
    this.times = NO_TIME;
    this.failures = 0;
    if (isSame(this.answer, sent)) {
      this.outside.queue.drop(read.id);
      this.become({ kind: "saved" });
    } else {
      this.keep();
      this.wait();
    }
  }

  private async failed(error: unknown, sent: FullAnswer): Promise<void> {
    this.keep();
    if (error instanceof OfflineError) {
      this.retry();
    } else if (error instanceof RefusedError && error.status === 409) {
      await this.compare(error, sent);
    } else if (error instanceof RefusedError && error.status === 401) {
      this.become({ kind: "signed-out" });
    } else if (error instanceof RefusedError && error.status >= 500) {
      this.retry();
    } else {
      this.become({ kind: "refused", why: error instanceof Error ? error.message : String(error) });
    }
  }

  private retry(): void {
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)] ?? 8000;
    this.failures += 1;
    this.become({ kind: "offline" });
    this.cancel ??= this.outside.later(() => {
      this.cancel = null;
      void this.flush();
    }, wait);
  }

  /** After a refusal: was it our own save whose answer got lost, another's, or a rule? */
  private async compare(error: RefusedError, sent: FullAnswer): Promise<void> {
    try {
      const theirs = await this.outside.look();
      if (theirs.number === this.read.number) {
        this.become({ kind: "refused", why: error.message });
      } else if (isSame(full(theirs.draft), sent)) {
        this.arrived(theirs, sent);
      } else {
        this.become({ kind: "conflict", theirs });
      }
    } catch {
      this.retry();
    }
  }
}
