import type { ImageInfo } from "./dicom";

/** A point in patient LPS, mm, counted from the examination's first image. */
export type Patient = readonly number[];

/** A place on an image, not rounded; pixel centres at whole numbers. */
export interface Pixel {
  readonly row: number;
  readonly column: number;
}

function dot(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, each, axis) => sum + each * (other[axis] ?? 0), 0);
}

/** Return a pixel's place in the patient; `null` where the image's own place is unknown. */
export function toPatient(info: ImageInfo, { row, column }: Pixel): Patient | null {
  const { position, orientation, spacing } = info;
  if (position === null || orientation === null || spacing === null) {
    return null;
  }
  return position.map(
    (each, axis) =>
      each +
      column * spacing[1] * (orientation[axis] ?? 0) +
      row * spacing[0] * (orientation[axis + 3] ?? 0),
  );
}

/** Return where a point of the patient lies on an image, along its normal; `null` where unknown. */
export function toPixel(info: ImageInfo, point: Patient): Pixel | null {
  const { position, orientation, spacing } = info;
  if (position === null || orientation === null || spacing === null) {
    return null;
  }
  const away = point.map((each, axis) => each - (position[axis] ?? 0));
  return {
    row: dot(away, orientation.slice(3, 6)) / spacing[0],
    column: dot(away, orientation.slice(0, 3)) / spacing[1],
  };
}

/** Return how many pixels a place lies inside an image's border; negative outside. */
export function inside(info: ImageInfo, { row, column }: Pixel): number {
  return Math.min(row, column, info.rows - 1 - row, info.columns - 1 - column);
}

/** Carry a place from one image to another; `null` where it cannot be, or does not show. */
export function carried(from: ImageInfo, to: ImageInfo, place: Pixel): Pixel | null {
  if (from.imageId === to.imageId) {
    return place;
  }
  const point = toPatient(from, place);
  const found = point === null ? null : toPixel(to, point);
  return found !== null && inside(to, found) >= 0 ? found : null;
}
