import { describe, expect, it } from "vitest";
import { EMPTY, regionOf, withFinding, withGrade } from "./answer/answer";
import type { ReadLine } from "./api/records";
import { actionOf, BINDINGS, bound, keyName, readChosen, rebind } from "./keys/bindings";
import { filtered, neighbour, next, sorted, timeLeft } from "./pages/work-order";
import { measured, outcomeOf, placed } from "./reading/acts";
import { hashOf, parseRoute, type Route } from "./route";

describe("addresses", () => {
  it.each<Route>([
    { page: "trials" },
    { page: "audit" },
    { page: "work", trial: "t1" },
    { page: "lead", trial: "t1" },
    { page: "results", trial: "a/b" },
    { page: "read", trial: "t1", read: "0f" },
    { page: "case", trial: "t1", name: "case-0001" },
    { page: "looks" },
    { page: "look", look: "0f" },
    { page: "dossier" },
  ])("lead back to $page", (route) => {
    expect(parseRoute(hashOf(route))).toEqual(route);
  });

  it("that name nothing lead to the trials", () => {
    expect(parseRoute("#/nowhere/at/all")).toEqual({ page: "trials" });
  });
});

describe("keys", () => {
  it("are each bound once", () => {
    expect(new Set(BINDINGS.map((each) => each.key)).size).toBe(BINDINGS.length);
  });

  it("change places when one is chosen that is taken", () => {
    const bindings = bound(rebind({}, "finding", "C"));
    expect(actionOf(bindings, "C")).toBe("finding");
    expect(actionOf(bindings, "F")).toBe("cervical");
  });

  it("are named without regard to case, and left alone with modifiers", () => {
    const none = { ctrlKey: false, altKey: false, metaKey: false };
    expect(keyName({ key: "c", ...none })).toBe("C");
    expect(keyName({ key: "c", ...none, ctrlKey: true })).toBeNull();
    expect(keyName({ key: "Shift", ...none })).toBeNull();
    expect(readChosen("{nonsense")).toEqual({});
  });
});

const LINE: ReadLine = {
  id: "a",
  technique: "mr-myelography",
  position: 0,
  block: 0,
  status: "locked",
  number: 1,
  ready: true,
  active_s: 0,
};
const LIST: readonly ReadLine[] = [
  LINE,
  { ...LINE, id: "b", position: 1, status: "assigned" },
  { ...LINE, id: "c", position: 2, status: "assigned", ready: false },
];

describe("the work list", () => {
  it("goes on with what is begun, else with what comes next", () => {
    expect(next(LIST)?.id).toBe("b");
    expect(next([...LIST, { ...LINE, id: "d", status: "saved" }])?.id).toBe("d");
    expect(next([LINE])).toBeNull();
  });

  it("is filtered and sorted, ties in the reader's own order", () => {
    expect(filtered(LIST, "open").map((each) => each.id)).toEqual(["b", "c"]);
    expect(filtered(LIST, "done").map((each) => each.id)).toEqual(["a"]);
    expect(sorted(LIST, "status", false).map((each) => each.id)).toEqual(["b", "c", "a"]);
    expect(sorted(LIST, "position", true).map((each) => each.id)).toEqual(["c", "b", "a"]);
  });

  it("tells the time left at the reader's own pace", () => {
    const done = { ...LINE, active_s: 120 };
    const begun: ReadLine = { ...LINE, id: "b", status: "saved", active_s: 30 };
    const fresh: ReadLine = { ...LINE, id: "c", status: "assigned" };
    expect(timeLeft([done, begun, fresh])).toBe(90 + 120);
    expect(timeLeft([fresh])).toBeNull();
  });

  it("leads to neighbours that may be seen", () => {
    expect(neighbour(LIST, "a", 1)?.id).toBe("b");
    expect(neighbour(LIST, "b", 1)).toBeNull();
    expect(neighbour(LIST, "a", -1)).toBeNull();
  });
});

describe("what keys do to an answer", () => {
  const shown = { region: "thoracic", finding: null } as const;

  it("grades the region in hand", () => {
    const made = outcomeOf("grade-2", EMPTY, shown)?.answer ?? EMPTY;
    expect(regionOf(made, "thoracic").grade).toBe(2);
    expect(outcomeOf("lumbar", EMPTY, shown)).toEqual({ shown: { region: "lumbar" } });
    expect(outcomeOf("zoom", EMPTY, shown)).toBeNull();
  });

  it("adds a finding, gives it a side and a place", () => {
    const begun = outcomeOf("finding", EMPTY, shown);
    expect(begun?.shown).toEqual({ finding: 0 });
    const open = { ...shown, finding: 0 };
    const sided = outcomeOf("side-left", begun?.answer ?? EMPTY, open)?.answer ?? EMPTY;
    expect(sided.findings[0]?.side).toBe("left");
    const made = placed(sided, open, { image: 1, row: 3, column: 4 }).answer;
    expect(made?.findings[0]).toMatchObject({ side: "left", image: 1, row: 3, column: 4 });
    expect(placed(EMPTY, shown, { image: 0, row: 1, column: 1 }).shown).toEqual({ finding: 0 });
  });

  it("keeps the calipers' grade beside the own, only as the protocol allows", () => {
    const mark = { kind: "leak", region: "thoracic", side: "left", sac_width_mm: 10 } as const;
    const marked = withFinding(EMPTY, mark);
    const long = { extent_mm: 12 };
    const proposed = (answer: typeof EMPTY, calipers: string) =>
      regionOf(measured(answer, 0, long, calipers), "thoracic").proposed;
    expect(proposed(marked, "never")).toBeNull();
    expect(proposed(marked, "after-own-grade")).toBeNull();
    expect(proposed(withGrade(marked, "thoracic", 1), "after-own-grade")).toBe(3);
    expect(proposed(marked, "always")).toBe(3);
  });
});
