import { expect, it } from "vitest";
import type { TableRow } from "../api/records";
import { casesOf, readersOf } from "./case-table";
import { agreements, interval, printed, proportions, type Row } from "./statistics";

const ROWS: readonly Row[] = [
  {
    statistic: "sensitivity",
    modality: "MRM",
    reader: "reader 1",
    threshold: 1,
    method: "wilson",
    value: 0.8667,
    ci_low: 0.6212,
    ci_high: 0.9626,
  },
  { statistic: "sensitivity", modality: "MRM", reader: "reader 1", threshold: 1, method: "wald" },
  {
    statistic: "cohen_kappa",
    modality: "MRM",
    reader: "reader 1",
    reader_2: "reader 2",
    threshold: 1,
    value: 0.867,
  },
];

it("takes each reader's proportion once, by Wilson", () => {
  const found = proportions(ROWS, "sensitivity", "", "1");
  expect(found).toHaveLength(1);
  expect(found[0] && interval(found[0])).toBe("0.621 to 0.963");
  expect(proportions(ROWS, "sensitivity", "T", "1")).toEqual([]);
});

it("takes each pair's kappa once", () => {
  const found = agreements([...ROWS, ...ROWS], "", "1");
  expect(found.map((each) => [each.reader, each.other, printed(each.value)])).toEqual([
    ["reader 1", "reader 2", "0.867"],
  ]);
  expect(printed(null)).toBe("–");
});

function read(reader: string, grades: readonly (0 | 1 | 2 | 3 | null)[]): readonly TableRow[] {
  const regions = ["cervical", "thoracic", "lumbar"];
  return regions.map((region, at) => ({
    case: "case-0001",
    technique: "mr-myelography",
    reader,
    repeat: 0,
    visit: 0,
    region,
    grade: grades[at] ?? null,
    reason: null,
    truth: true,
  }));
}

it("marks a case that readers call differently", () => {
  const table = [...read("a", [0, 2, 0]), ...read("b", [0, 0, 0])];
  expect(readersOf(table)).toEqual(["a (MRM)", "b (MRM)"]);
  expect(casesOf(table)).toMatchObject([{ name: "case-0001", truth: true, discordant: true }]);
  const same = [...read("a", [0, 2, 0]), ...read("b", [1, 0, null])];
  expect(casesOf(same)[0]?.discordant).toBe(false);
  const missing = [...read("a", [0, 2, 0]), ...read("b", [0, 0, null])];
  expect(casesOf(missing)[0]?.discordant).toBe(false);
});
