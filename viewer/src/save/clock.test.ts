import { expect, it } from "vitest";
import { ReadingClock, split } from "./clock";
import { Queue } from "./queue";

it("counts a minute of looking as reading, and what is beyond as idle", () => {
  expect(split(20, false)).toEqual({ active_s: 20, idle_s: 0 });
  expect(split(200, false)).toEqual({ active_s: 60, idle_s: 140 });
  expect(split(20, true)).toEqual({ active_s: 0, idle_s: 20 });
});

it("gives each second once", () => {
  let now = 0;
  const clock = new ReadingClock(() => now);
  now = 10;
  clock.acted();
  now = 15;
  const first = clock.take();
  expect(first).toEqual({ active_s: 15, idle_s: 0 });
  now = 20;
  clock.hide(true);
  now = 50;
  clock.hide(false);
  clock.give(first);
  expect(clock.take()).toEqual({ active_s: 20, idle_s: 30 });
  expect(clock.active).toBe(20);
});

it("keeps the unsent answers of people apart, and wipes one's own", () => {
  const kept = new Map<string, string>();
  const storage = {
    get length() {
      return kept.size;
    },
    getItem: (key: string) => kept.get(key) ?? null,
    key: (at: number) => [...kept.keys()][at] ?? null,
    removeItem: (key: string) => kept.delete(key),
    setItem: (key: string, value: string) => kept.set(key, value),
  } as unknown as Storage;
  const answer = { regions: {}, findings: [], comment: "" };
  const unsent = { trial: "t", read: "r", base: 1, answer, active_s: 1, idle_s: 0 };
  const [ann, bob] = [new Queue(storage, "ann"), new Queue(storage, "bob")];
  ann.put(unsent);
  bob.put({ ...unsent, read: "s" });
  expect(ann.all()).toEqual([unsent]);
  ann.wipe();
  expect(ann.all()).toEqual([]);
  expect(bob.all()).toHaveLength(1);
  kept.set("myeloscope.unsent.bob.x", "{broken");
  expect(bob.all()).toHaveLength(1);
});
