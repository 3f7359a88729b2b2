import { describe, expect, it } from "vitest";
import { EMPTY, type FullAnswer, withGrade } from "../answer/answer";
import { OfflineError, RefusedError } from "../api/client";
import type { ReadOut } from "../api/records";
import { Autosave, type DraftOut } from "./autosave";
import { ReadingClock } from "./clock";
import { Queue } from "./queue";

const ONE = withGrade(EMPTY, "thoracic", 2);
const TWO = withGrade(EMPTY, "thoracic", 3);

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    clear: () => kept.clear(),
    getItem: (key) => kept.get(key) ?? null,
    key: (at) => [...kept.keys()][at] ?? null,
    removeItem: (key) => void kept.delete(key),
    setItem: (key, value) => void kept.set(key, value),
  };
}

function read(number: number, draft: FullAnswer | null): ReadOut {
  return { id: "r", number, draft, status: "saved", gaps: [], revisions: [] } as unknown as ReadOut;
}

/** A server that keeps one draft, and can be cut off. */
class Fake {
  draft: FullAnswer | null = null;
  number = 0;
  mode: "up" | "down" | "answer lost" | "closed" = "up";
  readonly sent: DraftOut[] = [];
  readonly queue = new Queue(storage(), "u");
  /** Answers to looks that are on their way until they are let go. */
  readonly late: (() => void)[] = [];
  isSlow = false;
  private readonly timers: (() => void)[] = [];

  open(): Autosave {
    const outside = {
      send: (draft: DraftOut) => this.save(draft),
      look: () => this.look(),
      later: (run: () => void) => {
        this.timers.push(run);
        return () => void this.timers.splice(this.timers.indexOf(run), 1);
      },
      queue: this.queue,
      clock: new ReadingClock(() => 0),
    };
    return new Autosave("t", read(this.number, this.draft), outside, () => undefined);
  }

  async ring(saving: Autosave): Promise<void> {
    for (const run of this.timers.splice(0)) {
      run();
    }
    await saving.flush();
  }

  private look(): Promise<ReadOut> {
    const seen = read(this.number, this.draft);
    return new Promise((arrive) => {
      this.isSlow ? this.late.push(() => arrive(seen)) : arrive(seen);
    });
  }

  private save(draft: DraftOut): Promise<ReadOut> {
    this.sent.push(draft);
    if (this.mode === "down") {
      return Promise.reject(new OfflineError());
    }
    if (draft.base !== this.number || this.mode === "closed") {
      const problem = { rule: "rests", value: "", place: "", remedy: "look" };
      return Promise.reject(new RefusedError(409, problem));
    }
    this.number += 1;
    this.draft = draft.answer;
    return this.mode === "answer lost"
      ? Promise.reject(new OfflineError())
      : Promise.resolve(read(this.number, this.draft));
  }
}

describe("an autosave", () => {
  it("sends a change once, and forgets it when the server has it", async () => {
    const server = new Fake();
    const saving = server.open();
    saving.edit(ONE);
    expect(saving.state.kind).toBe("waiting");
    expect(server.queue.get("r")?.answer).toEqual(ONE);
    await server.ring(saving);
    expect(saving.state.kind).toBe("saved");
    expect(server.draft).toEqual(ONE);
    expect(server.sent).toHaveLength(1);
    expect(server.queue.all()).toEqual([]);
  });

  it("keeps a change over a lost connection, and sends it when it is back", async () => {
    const server = new Fake();
    const saving = server.open();
    server.mode = "down";
    saving.edit(ONE);
    await server.ring(saving);
    expect(saving.state.kind).toBe("offline");
    server.mode = "up";
    await saving.flush();
    expect(saving.state.kind).toBe("saved");
    expect(server.draft).toEqual(ONE);
  });

  it("knows its own save again when only the answer was lost", async () => {
    const server = new Fake();
    const saving = server.open();
    server.mode = "answer lost";
    saving.edit(ONE);
    await server.ring(saving);
    server.mode = "up";
    await saving.flush();
    expect(saving.state.kind).toBe("saved");
    expect(saving.read.number).toBe(1);
  });
});

describe("two tabs", () => {
  it("asks when somebody else saved, and overwrites only then", async () => {
    const server = new Fake();
    const [one, other] = [server.open(), server.open()];
    one.edit(ONE);
    await server.ring(one);
    other.edit(TWO);
    await server.ring(other);
    expect(other.state.kind).toBe("conflict");
    expect(server.draft).toEqual(ONE);
    await other.keepMine();
    expect(other.state.kind).toBe("saved");
    expect(server.draft).toEqual(TWO);
  });

  it("takes the other's answer when told so", async () => {
    const server = new Fake();
    const [one, other] = [server.open(), server.open()];
    one.edit(ONE);
    await server.ring(one);
    other.edit(TWO);
    await server.ring(other);
    other.takeTheirs();
    expect(other.answer).toEqual({
      ...ONE,
      regions: { thoracic: { grade: 2, reason: null, proposed: null, confidence: null } },
    });
    expect(server.queue.all()).toEqual([]);
  });
});

describe("an answer that the server refuses for good", () => {
  it("stays here until it is given up, and is forgotten then", async () => {
    const server = new Fake();
    const saving = server.open();
    saving.edit(ONE);
    await server.ring(saving);
    server.mode = "closed";
    saving.edit(TWO);
    await server.ring(saving);
    expect(saving.state.kind).toBe("refused");
    expect(server.queue.get("r")?.answer).toEqual(TWO);
    await saving.discard();
    expect(saving.state.kind).toBe("saved");
    expect(saving.answer).toEqual(server.draft);
    expect(server.queue.all()).toEqual([]);
  });
});

describe("a look at what others did", () => {
  it("takes it", async () => {
    const server = new Fake();
    const [one, other] = [server.open(), server.open()];
    one.edit(ONE);
    await server.ring(one);
    await other.refresh();
    expect(other.answer).toEqual(server.draft);
    expect(other.read.number).toBe(1);
  });

  it("takes nothing back when its answer comes after a save that it was asked before", async () => {
    const server = new Fake();
    const saving = server.open();
    server.isSlow = true;
    const looking = saving.refresh();
    saving.edit(ONE);
    await server.ring(saving);
    expect(saving.state.kind).toBe("saved");
    for (const arrive of server.late) {
      arrive();
    }
    await looking;
    expect(saving.answer).toEqual(ONE);
    expect(saving.read.number).toBe(1);
  });
});

describe("a later visit", () => {
  it("takes up what an earlier visit could not send", async () => {
    const server = new Fake();
    server.mode = "down";
    const before = server.open();
    before.edit(ONE);
    await server.ring(before);
    before.close();
    server.mode = "up";
    const after = server.open();
    expect(after.resume()).toBe(true);
    await server.ring(after);
    expect(server.draft).toEqual(ONE);
  });

  it("does not overwrite what was saved elsewhere while it was away", async () => {
    const server = new Fake();
    server.mode = "down";
    const before = server.open();
    before.edit(ONE);
    await server.ring(before);
    before.close();
    server.mode = "up";
    const elsewhere = server.open();
    elsewhere.edit(TWO);
    await server.ring(elsewhere);
    server.queue.put({
      trial: "t",
      read: "r",
      base: 0,
      answer: ONE,
      active_s: 0,
      idle_s: 0,
    });
    const after = server.open();
    after.resume();
    expect(after.state.kind).toBe("conflict");
    expect(server.draft).toEqual(TWO);
  });
});
