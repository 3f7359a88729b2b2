import { describe, expect, it } from "vitest";
import type { ImageInfo } from "./dicom";
import { carried, inside, toPatient, toPixel } from "./place";
import { canvasOf, stitch } from "./stitch";

const TOP: ImageInfo = {
  imageId: "top",
  frame: "",
  index: 0,
  view: "",
  modality: "MR",
  rows: 8,
  columns: 6,
  slope: 1,
  intercept: 0,
  window: { low: 0, high: 1 },
  spacing: [0.5, 0.5],
  orientation: [1, 0, 0, 0, 0, -1],
  position: [0, 0, 0],
};
/** Two rows lower by half its height, and one column to the side. */
const LOW: ImageInfo = { ...TOP, imageId: "low", index: 1, position: [0.5, 0, -3] };

describe("a place", () => {
  it("goes to the patient and back, on oblique images too", () => {
    const tilted = { ...TOP, orientation: [0.8, 0, 0.6, 0.6, 0, -0.8], position: [3, 4, 5] };
    const point = toPatient(tilted, { row: 2, column: 5 });
    expect(point?.[0]).toBeCloseTo(3 + 5 * 0.5 * 0.8 + 2 * 0.5 * 0.6);
    const back = toPixel(tilted, point ?? []);
    expect(back?.row).toBeCloseTo(2);
    expect(back?.column).toBeCloseTo(5);
  });

  it("is carried to the other station where that shows it", () => {
    expect(carried(TOP, LOW, { row: 7, column: 3 })).toEqual({ row: 1, column: 2 });
    expect(carried(TOP, LOW, { row: 2, column: 3 })).toBeNull();
    expect(carried(TOP, { ...LOW, position: null }, { row: 7, column: 3 })).toBeNull();
    expect(inside(TOP, { row: 7, column: 3 })).toBe(0);
  });
});

describe("stitching", () => {
  it("makes one image that holds both stations", () => {
    const canvas = canvasOf([TOP, LOW]);
    expect(canvas).toMatchObject({ rows: 14, columns: 7, position: [0, 0, 0] });
    expect(canvasOf([TOP])).toBeNull();
    expect(canvasOf([TOP, { ...LOW, position: null }])).toBeNull();
  });

  it("keeps each station's values and fades between them", () => {
    const canvas = canvasOf([TOP, LOW]);
    if (canvas === null) {
      throw new Error("no canvas");
    }
    const flat = (value: number) => new Uint16Array(48).fill(value);
    const made = stitch(canvas, [
      { info: TOP, values: flat(100) },
      { info: LOW, values: flat(300) },
    ]);
    const at = (row: number, column: number) => made[row * canvas.columns + column];
    expect(at(0, 0)).toBe(100);
    expect(at(13, 6)).toBe(300);
    expect(at(13, 0)).toBe(0);
    expect(at(6, 3)).toBeGreaterThan(100);
    expect(at(6, 3)).toBeLessThan(300);
  });
});
