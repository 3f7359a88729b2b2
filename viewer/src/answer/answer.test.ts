import { expect, it } from "vitest";
import {
  EMPTY,
  full,
  impliedGrade,
  isSame,
  regionOf,
  withConfidence,
  withFinding,
  withFindingAt,
  withGrade,
  withoutFinding,
  withReason,
} from "./answer";
import { minutes, rootsOf } from "./words";

it("has a grade or a reason for none, never both", () => {
  const graded = withConfidence(withGrade(EMPTY, "lumbar", 2), "lumbar", 130);
  expect(regionOf(graded, "lumbar")).toMatchObject({ grade: 2, reason: null, confidence: 100 });
  const not = withReason(graded, "lumbar", "motion");
  expect(regionOf(not, "lumbar")).toMatchObject({
    grade: null,
    reason: "motion",
    confidence: null,
  });
  expect(regionOf(withGrade(not, "lumbar", 0), "lumbar")).toMatchObject({ grade: 0, reason: null });
});

it("is the same whatever the server leaves out", () => {
  const graded = withGrade(EMPTY, "thoracic", 1);
  expect(isSame(full({ regions: { thoracic: { grade: 1 } } }), graded)).toBe(true);
  expect(isSame(full({ regions: { thoracic: { grade: 2 } } }), graded)).toBe(false);
  expect(isSame(full(null), EMPTY)).toBe(true);
});

it("changes one finding and leaves the others", () => {
  const mark = { kind: "leak", region: "thoracic", side: "left" } as const;
  const two = withFinding(withFinding(EMPTY, mark), { ...mark, side: "right" });
  expect(withFindingAt(two, 1, { segment: "T3" }).findings.map((each) => each.segment)).toEqual([
    undefined,
    "T3",
  ]);
  expect(withoutFinding(two, 0).findings.map((each) => each.side)).toEqual(["right"]);
});

it("implies the grade by the scale: as long as the sac is wide is 2, longer 3", () => {
  const mark = { kind: "leak", region: "thoracic", side: "left", sac_width_mm: 15 } as const;
  expect(impliedGrade({ ...mark, extent_mm: 15 })).toBe(2);
  expect(impliedGrade({ ...mark, extent_mm: 15.1 })).toBe(3);
  expect(impliedGrade(mark)).toBeNull();
  expect(impliedGrade({ ...mark, kind: "meningocele", extent_mm: 30 })).toBeNull();
});

it("offers the roots of a region by the junction rule", () => {
  expect(rootsOf("cervical")).toEqual(["C1", "C2", "C3", "C4", "C5", "C6", "C7"]);
  expect(rootsOf("thoracic")[0]).toBe("C8");
  expect(rootsOf("lumbar")[0]).toBe("T12");
});

it("writes minutes", () => {
  expect(minutes(75.4)).toBe("1:15");
});
