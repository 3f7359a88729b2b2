/** Reading time so far, s: with the eyes on the case, and without any action. */
export interface Times {
  readonly active_s: number;
  readonly idle_s: number;
}

/** After so many seconds without an action, time counts as idle. */
export const IDLE_AFTER_S = 60;
/** The longest time that one save may add, s. */
export const MOST_S = 3600;

/**
 * Split the seconds since the last action: looking without touching counts for a minute, what is
 * beyond, or hidden behind another tab, is idle.
 */
export function split(seconds: number, hidden: boolean): Times {
  const active = hidden ? 0 : Math.min(seconds, IDLE_AFTER_S);
  return { active_s: active, idle_s: seconds - active };
}

export function sum(one: Times, other: Times): Times {
  return {
    active_s: Math.min(MOST_S, one.active_s + other.active_s),
    idle_s: Math.min(MOST_S, one.idle_s + other.idle_s),
  };
}

export const NO_TIME: Times = { active_s: 0, idle_s: 0 };

/** Counts reading time between actions; `now` gives seconds. */
export class ReadingClock {
  private readonly now: () => number;
  private last: number;
  private times: Times = NO_TIME;
  private hidden = false;
  private whole = 0;

  constructor(now: () => number) {
    this.now = now;
    this.last = now();
  }

  /** Tell of an action: a key, the mouse. */
  acted(): void {
    const at = this.now();
    const added = split(at - this.last, this.hidden);
    this.times = sum(this.times, added);
    this.whole += added.active_s;
    this.last = at;
  }

  /** Tell whether the page is hidden. */
  hide(hidden: boolean): void {
    this.acted();
    this.hidden = hidden;
  }

  /** Return the active time of this visit, s. */
  get active(): number {
    return this.whole + split(this.now() - this.last, this.hidden).active_s;
  }

  /** Return what has come together since the last call. */
  take(): Times {
    this.acted();
    const taken = this.times;
    this.times = NO_TIME;
    return taken;
  }

  /** Put back what could not be told. */
  give(times: Times): void {
    this.times = sum(this.times, times);
  }
}
