import { describe, expect, it } from "vitest";
import type { Evidence, Mark } from "../api/records";
import {
  givenOf,
  marksOf,
  outlinesOf,
  withAdded,
  withAddedAt,
  withChange,
  withJudgement,
  withoutAdded,
  withRegion,
} from "./model";

const MARK: Mark = { kind: "leak", region: "thoracic", side: "left", segment: "T2", image: 0 };
const OUTLINE = [
  [1, 2],
  [3, 4],
  [5, 6],
];
const FOUND: Evidence = {
  finding: "1.1",
  mark: MARK,
  ratio: 1.5,
  pattern: [],
  rule: "",
  outline: OUTLINE,
};
const NOTHING = givenOf({});

describe("a second look", () => {
  it("keeps one judgement a finding, and takes it back when it is given again", () => {
    const once = withJudgement(NOTHING, FOUND, "accepted");
    expect(once.findings).toEqual([{ finding: "1.1", judgement: "accepted" }]);
    const other = withJudgement(once, FOUND, "rejected");
    expect(other.findings).toEqual([{ finding: "1.1", judgement: "rejected" }]);
    expect(withJudgement(other, FOUND, "rejected").findings).toEqual([]);
  });

  it("begins a change with what was found, and keeps what is changed", () => {
    const begun = withJudgement(NOTHING, FOUND, "changed");
    expect(begun.findings[0]?.mark).toEqual(MARK);
    const moved = withChange(withChange(begun, FOUND, { side: "right" }), FOUND, { grade: 1 });
    expect(moved.findings).toEqual([
      { finding: "1.1", judgement: "changed", mark: { ...MARK, side: "right", grade: 1 } },
    ]);
  });

  it("draws what stands, and the border of what was rejected", () => {
    const given = withAdded(withJudgement(NOTHING, FOUND, "rejected"), { ...MARK, side: "right" });
    expect(marksOf([FOUND], given)).toEqual([null, { ...MARK, side: "right" }]);
    expect(outlinesOf([FOUND], given, { own: false, at: 0 })).toEqual([
      { image: 0, points: OUTLINE, look: "rejected", chosen: true },
    ]);
    const nowhere = { ...FOUND, mark: { ...MARK, image: null } };
    expect(outlinesOf([nowhere], given, null)).toEqual([]);
  });

  it("adds, changes and removes findings of one's own, and grades", () => {
    const two = withAdded(withAdded(NOTHING, MARK), MARK);
    const changed = withAddedAt(two, 1, { grade: 2 });
    expect(withoutAdded(changed, 0).added).toEqual([{ ...MARK, grade: 2 }]);
    const graded = withRegion(NOTHING, "lumbar", 1);
    expect(graded.regions).toEqual({ lumbar: { grade: 1 } });
    expect(withRegion(graded, "lumbar", null).regions).toEqual({});
  });
});
