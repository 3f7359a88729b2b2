/** A point of a picture on screen, CSS pixels from its top left. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

const TOWARD: readonly (readonly [string, string])[] = [
  ["L", "R"],
  ["P", "A"],
  ["H", "F"],
];

/**
 * Return the letters of a direction in patient LPS: the nearest axis first, a second one where the
 * direction is oblique by more than about 20 degrees (DICOM PS3.3 C.7.6.1.1.1).
 */
export function lettersOf(direction: readonly number[]): string {
  return TOWARD.map(([plus, minus], axis) => ({
    letter: (direction[axis] ?? 0) >= 0 ? plus : minus,
    size: Math.abs(direction[axis] ?? 0),
  }))
    .filter(({ size }) => size > 0.35)
    .sort((one, other) => other.size - one.size)
    .slice(0, 2)
    .map(({ letter }) => letter)
    .join("");
}

/** Letters at the four sides of an image. */
export interface Sides {
  readonly left: string;
  readonly right: string;
  readonly top: string;
  readonly bottom: string;
}

/** Return the letters at the sides of an image whose rows and columns run along `orientation`. */
export function sidesOf(orientation: readonly number[]): Sides {
  const along = orientation.slice(0, 3);
  const down = orientation.slice(3, 6);
  return {
    left: lettersOf(along.map((each) => -each)),
    right: lettersOf(along),
    top: lettersOf(down.map((each) => -each)),
    bottom: lettersOf(down),
  };
}

/** A scale bar: its length in mm, and on screen. */
export interface ScaleBar {
  readonly mm: number;
  readonly pixels: number;
}

/** Return the longest bar of 1, 2 or 5 times a power of ten mm that fits into `most` pixels. */
export function scaleBar(pixelsPerMm: number, most: number): ScaleBar | null {
  if (!(pixelsPerMm > 0) || !(most > 0)) {
    return null;
  }
  const fits = most / pixelsPerMm;
  const power = 10 ** Math.floor(Math.log10(fits));
  const step = [5, 2, 1].find((each) => each * power <= fits) ?? 1;
  return { mm: step * power, pixels: step * power * pixelsPerMm };
}

/** Where two pixels of an image lie on screen tells where all do, as images are not turned. */
export interface Placement {
  readonly origin: Point;
  /** Screen distance of neighbouring columns and rows. */
  readonly step: Point;
}

/** Return where a pixel (row, column) of a placed image lies on screen. */
export function onScreen(placed: Placement, row: number, column: number): Point {
  return {
    x: placed.origin.x + placed.step.x * column,
    y: placed.origin.y + placed.step.y * row,
  };
}

/** Return the pixel (row, column), not rounded, that lies at a point of the screen. */
export function atScreen(placed: Placement, at: Point): { row: number; column: number } {
  return {
    row: (at.y - placed.origin.y) / placed.step.y,
    column: (at.x - placed.origin.x) / placed.step.x,
  };
}

/** Return the number of columns and rows of a grid that shows `count` squares as large as it can. */
export function gridOf(count: number, width: number, height: number): readonly [number, number] {
  let best: readonly [number, number] = [1, Math.max(1, count)];
  let size = 0;
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const filled = Math.sqrt(count / (columns * rows)); // empty places count against a grid
    const each = Math.min(width / columns, height / rows) * filled;
    if (each > size) {
      size = each;
      best = [columns, rows];
    }
  }
  return best;
}

/** Where a label begins, and how wide it is. */
export interface Label extends Point {
  readonly width: number;
}

/** Return how far down each label goes so that none lies on one before it; `height` is a line's. */
export function lowered(labels: readonly Label[], height: number): readonly number[] {
  const settled: Label[] = [];
  const meets = (one: Label, other: Label) =>
    Math.abs(one.y - other.y) < height &&
    one.x < other.x + other.width &&
    other.x < one.x + one.width;
  return labels.map((label) => {
    let y = label.y;
    for (
      let hit = settled.find((each) => meets(each, { ...label, y }));
      hit !== undefined;
      hit = settled.find((each) => meets(each, { ...label, y }))
    ) {
      y = hit.y + height;
    }
    settled.push({ ...label, y });
    return y - label.y;
  });
}
