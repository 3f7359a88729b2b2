import { describe, expect, it } from "vitest";
import { type DicomJson, imagesOf, valuesOf } from "./dicom";
import { atScreen, gridOf, lettersOf, lowered, onScreen, scaleBar, sidesOf } from "./geometry";
import { percentiles, sacWindow, stepped, widthLevel } from "./windows";

const FOUND: DicomJson = {
  "00080018": { vr: "UI", Value: ["2.25.2"] },
  "00080060": { vr: "CS", Value: ["MR"] },
  "0008103E": { vr: "LO", Value: ["cervicothoracic"] },
  "0020000E": { vr: "UI", Value: ["2.25.1"] },
  "00200037": { vr: "DS", Value: [1, 0, 0, 0, 0, -1] },
  "00280010": { vr: "US", Value: [2] },
  "00280011": { vr: "US", Value: [3] },
  "00280030": { vr: "DS", Value: [0.5, 0.6] },
  "00281050": { vr: "DS", Value: [50] },
  "00281051": { vr: "DS", Value: [80] },
};

describe("an image", () => {
  it("is what the metadata say, and its frame lies below its study", () => {
    const [image] = imagesOf([FOUND], "/studies/9");
    expect(image).toMatchObject({
      frame: "/studies/9/series/2.25.1/instances/2.25.2/frames/1",
      window: { low: 10, high: 90 },
      spacing: [0.5, 0.6],
      position: null,
      slope: 1,
    });
  });

  it("says what it lacks", () => {
    const { "00280010": _, ...rest } = FOUND;
    expect(() => imagesOf([rest], "/s")).toThrow("An image lacks (0028,0010).");
  });

  it("turns stored numbers into values", () => {
    const [image] = imagesOf([FOUND], "/s");
    if (image === undefined) {
      throw new Error("no image");
    }
    const frame = Uint16Array.from([1, 2, 3, 4, 5, 65535]).buffer;
    expect([...valuesOf(frame, image)]).toEqual([1, 2, 3, 4, 5, 65535]);
    expect([...valuesOf(frame, { ...image, slope: 2, intercept: -1 })][0]).toBe(1);
    expect(() => valuesOf(new ArrayBuffer(4), image)).toThrow("4 bytes, not 12");
  });
});

describe("orientation", () => {
  it("of a coronal image is right, left, head, foot", () => {
    expect(sidesOf([1, 0, 0, 0, 0, -1])).toEqual({ left: "R", right: "L", top: "H", bottom: "F" });
  });

  it("of a posterior view is mirrored", () => {
    expect(sidesOf([-1, 0, 0, 0, 0, -1])).toMatchObject({ left: "L", right: "R" });
  });

  it("of an oblique direction has two letters, the nearer first", () => {
    expect(lettersOf([0.8, 0, 0.6])).toBe("LH");
    expect(lettersOf([0.999, 0.01, 0])).toBe("L");
  });
});

describe("the screen", () => {
  it("has a bar of a round length", () => {
    expect(scaleBar(2, 120)).toEqual({ mm: 50, pixels: 100 });
    expect(scaleBar(0.7, 120)).toEqual({ mm: 100, pixels: 70 });
    expect(scaleBar(0, 120)).toBeNull();
  });

  it("finds a pixel where it put it", () => {
    const placed = { origin: { x: 12, y: -3 }, step: { x: 0.9, y: 1.1 } };
    const { row, column } = atScreen(placed, onScreen(placed, 100, 40));
    expect(row).toBeCloseTo(100);
    expect(column).toBeCloseTo(40);
  });

  it("shows squares as large as it can", () => {
    expect(gridOf(2, 940, 720)).toEqual([2, 1]);
    expect(gridOf(8, 940, 720)).toEqual([4, 2]);
    expect(gridOf(2, 400, 900)).toEqual([1, 2]);
  });
});

describe("a window", () => {
  it("covers every image's percentiles", () => {
    const [one] = imagesOf([FOUND], "/s");
    if (one === undefined) {
      throw new Error("no image");
    }
    const other = { ...one, window: { low: 20, high: 200 } };
    expect(percentiles([one, other])).toEqual({ low: 10, high: 200 });
    expect(percentiles([])).toEqual({ low: 0, high: 1 });
  });

  it("is named by width and level, and moves by steps", () => {
    expect(widthLevel({ low: -250, high: 1650 })).toEqual({ width: 1900, level: 700 });
    expect(stepped({ low: 0, high: 100 }, 0.5, 0)).toEqual({ low: -25, high: 125 });
    expect(stepped({ low: 0, high: 100 }, 0, 0.5)).toEqual({ low: 50, high: 150 });
    expect(sacWindow(1000)).toEqual({ low: 0, high: 1200 });
  });
});

describe("labels of marks", () => {
  it("go below those that they would lie on, and stay where there is room", () => {
    const labels = [
      { x: 0, y: 100, width: 60 },
      { x: 20, y: 104, width: 60 },
      { x: 40, y: 108, width: 60 },
      { x: 90, y: 100, width: 60 },
      { x: 0, y: 130, width: 19 },
    ];
    expect(lowered(labels, 15)).toEqual([0, 11, 22, 0, 0]);
  });
});
