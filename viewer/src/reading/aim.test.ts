import { describe, expect, it } from "vitest";
import type { ImageInfo } from "../images/dicom";
import { aimed } from "./aim";

const one = { imageId: "one", rows: 101, columns: 51 } as ImageInfo;
const other = { ...one, imageId: "other", rows: 11, columns: 11 };

describe("the keyboard's aim", () => {
  it("begins in the middle of its image and moves by rows and columns", () => {
    const made = aimed(one, null, -8, 1);
    expect(made.pixel).toEqual({ row: 42, column: 26 });
    expect(aimed(one, made, 1, 0).pixel).toEqual({ row: 43, column: 26 });
  });

  it("stays on the image, and begins anew on another one", () => {
    const low = aimed(one, null, 8, 0);
    expect(aimed(one, low, 1000, -1000).pixel).toEqual({ row: 100, column: 0 });
    expect(aimed(other, low, 0, 0).pixel).toEqual({ row: 5, column: 5 });
  });
});
