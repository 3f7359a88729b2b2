import type { ImageInfo } from "./dicom";
import { inside, type Pixel, toPatient, toPixel } from "./place";

/** An image with its values, row by row. */
export interface Valued {
  readonly info: ImageInfo;
  readonly values: Uint16Array | Float32Array;
}

/** In an overlap one image fades into the other over so many pixels. */
const FADE = 24;
const MOST = 4096;
/** The index that the stitched image has beside the stations'. */
export const STITCHED = -1;

const CORNERS = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;

/** Return the image that holds all stations, in the plane of the first; `null` where places are unknown. */
export function canvasOf(stations: readonly ImageInfo[]): ImageInfo | null {
  const [first] = stations;
  if (first === undefined || stations.length < 2) {
    return null;
  }
  const found = stations.flatMap((each) =>
    CORNERS.map(([down, along]) =>
      toPatient(each, { row: down * (each.rows - 1), column: along * (each.columns - 1) }),
    ),
  );
  const pixels = found.map((point) => (point === null ? null : toPixel(first, point)));
  if (pixels.some((each) => each === null)) {
    return null;
  }
  const rows = pixels.map((each) => each?.row ?? 0);
  const columns = pixels.map((each) => each?.column ?? 0);
  const corner = { row: Math.floor(Math.min(...rows)), column: Math.floor(Math.min(...columns)) };
  const size = (all: readonly number[], from: number) => Math.ceil(Math.max(...all)) - from + 1;
  const made = {
    ...first,
    imageId: `${first.imageId}.stitched`,
    index: STITCHED,
    view: "stitched",
    slope: 1,
    intercept: 0,
    rows: size(rows, corner.row),
    columns: size(columns, corner.column),
    position: toPatient(first, corner),
  };
  return made.rows > MOST || made.columns > MOST ? null : made;
}

/** Return the values of the canvas: each station sampled bilinearly, faded where two overlap. */
export function stitch(canvas: ImageInfo, stations: readonly Valued[]): Float32Array {
  const made = new Float32Array(canvas.rows * canvas.columns);
  const steps = stations.map((each) => stepsOf(canvas, each.info));
  for (let row = 0; row < canvas.rows; row += 1) {
    for (let column = 0; column < canvas.columns; column += 1) {
      const places = steps.map((each) => stepped(each, row, column));
      made[row * canvas.columns + column] = blended(stations, places);
    }
  }
  return made;
}

/** Return the mean of the stations at their places, each weighted by its distance to the border. */
function blended(stations: readonly Valued[], places: readonly Pixel[]): number {
  let sum = 0;
  let weights = 0;
  for (const [at, station] of stations.entries()) {
    const place = places[at];
    const weight = place === undefined ? 0 : Math.min(FADE, inside(station.info, place) + 1);
    if (place !== undefined && weight > 0) {
      sum += weight * sampled(station, place);
      weights += weight;
    }
  }
  return weights > 0 ? sum / weights : 0;
}

/** Where the canvas's first pixel, and a step down and along, lie on a station. */
interface Steps {
  readonly first: Pixel;
  readonly down: Pixel;
  readonly along: Pixel;
}

function stepsOf(canvas: ImageInfo, station: ImageInfo): Steps {
  const at = (row: number, column: number): Pixel => {
    const point = toPatient(canvas, { row, column });
    const found = point === null ? null : toPixel(station, point);
    return found ?? { row: -1, column: -1 };
  };
  const first = at(0, 0);
  const away = ({ row, column }: Pixel): Pixel => ({
    row: row - first.row,
    column: column - first.column,
  });
  return { first, down: away(at(1, 0)), along: away(at(0, 1)) };
}

function stepped({ first, down, along }: Steps, row: number, column: number): Pixel {
  return {
    row: first.row + row * down.row + column * along.row,
    column: first.column + row * down.column + column * along.column,
  };
}

function sampled({ info, values }: Valued, { row, column }: Pixel): number {
  const top = Math.min(info.rows - 1, Math.max(0, row));
  const left = Math.min(info.columns - 1, Math.max(0, column));
  const [r, c] = [Math.floor(top), Math.floor(left)];
  const [below, right] = [Math.min(r + 1, info.rows - 1), Math.min(c + 1, info.columns - 1)];
  const at = (y: number, x: number) => values[y * info.columns + x] ?? 0;
  const upper = at(r, c) * (1 - (left - c)) + at(r, right) * (left - c);
  const lower = at(below, c) * (1 - (left - c)) + at(below, right) * (left - c);
  return upper * (1 - (top - r)) + lower * (top - r);
}
