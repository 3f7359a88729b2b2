import type { ReadLine, Status } from "../api/records";

/** Which lines of the work list are shown. */
export type Shown = "all" | "open" | "done";
/** What the work list is sorted by. */
export type SortBy = "position" | "technique" | "status";

const STEP: Readonly<Record<Status, number>> = {
  amending: 0,
  saved: 1,
  started: 2,
  assigned: 3,
  locked: 4,
};

export function isDone(read: ReadLine): boolean {
  return read.status === "locked";
}

export function filtered(reads: readonly ReadLine[], shown: Shown): readonly ReadLine[] {
  return shown === "all" ? reads : reads.filter((read) => isDone(read) === (shown === "done"));
}

/** Return reads in an order; ties keep the reader's own order. */
export function sorted(reads: readonly ReadLine[], by: SortBy, down: boolean): readonly ReadLine[] {
  const key = (read: ReadLine): number | string => {
    if (by === "status") {
      return STEP[read.status];
    }
    return by === "technique" ? read.technique : read.position;
  };
  const made = [...reads].sort((one, other) => {
    const [a, b] = [key(one), key(other)];
    return a < b ? -1 : a > b ? 1 : one.position - other.position;
  });
  return down ? made.reverse() : made;
}

/** Return the read to go on with: one that is begun, else the first that may be begun. */
export function next(reads: readonly ReadLine[]): ReadLine | null {
  const begun = reads.find((read) => read.ready && !isDone(read) && read.status !== "assigned");
  return begun ?? reads.find((read) => read.ready && read.status === "assigned") ?? null;
}

/** Return the read before or after one in the reader's order, if its images may be seen. */
export function neighbour(reads: readonly ReadLine[], id: string, step: 1 | -1): ReadLine | null {
  const at = reads.findIndex((read) => read.id === id);
  const found = at < 0 ? undefined : reads[at + step];
  return found?.ready ? found : null;
}

/** Return how long the reads that are not locked will take at the pace of those that are, s. */
export function timeLeft(reads: readonly ReadLine[]): number | null {
  const done = reads.filter((read) => isDone(read) && read.active_s > 0);
  const left = reads.filter((read) => !isDone(read));
  if (done.length === 0 || left.length === 0) {
    return null;
  }
  const pace = done.reduce((sum, read) => sum + read.active_s, 0) / done.length;
  return pace * left.length - left.reduce((sum, read) => sum + Math.min(pace, read.active_s), 0);
}
