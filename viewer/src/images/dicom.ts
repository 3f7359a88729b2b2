/** One attribute of the DICOM JSON model (PS3.18 F.2). */
interface Attribute {
  readonly vr: string;
  readonly Value?: readonly unknown[];
}

export type DicomJson = Readonly<Record<string, Attribute>>;

/** What showing an image needs. */
export interface ImageInfo {
  readonly imageId: string;
  readonly frame: string;
  readonly index: number;
  readonly view: string;
  readonly modality: string;
  readonly rows: number;
  readonly columns: number;
  readonly slope: number;
  readonly intercept: number;
  readonly window: VoiWindow;
  /** Distance of neighbouring rows and columns, mm; `null` where unknown. */
  readonly spacing: readonly [number, number] | null;
  /** Direction in which the column index grows, then the row index, in patient LPS. */
  readonly orientation: readonly number[] | null;
  /** Patient LPS of the first pixel's centre, mm; `null` where unknown. */
  readonly position: readonly number[] | null;
}

/** A window: everything below `low` is black, above `high` white. */
export interface VoiWindow {
  readonly low: number;
  readonly high: number;
}

/** Scheme of the image ids that our loader answers. */
export const SCHEME = "myeloscope";

/** Return the images that a study's metadata describe; `base` is the study's address. */
export function imagesOf(found: readonly DicomJson[], base: string): readonly ImageInfo[] {
  return found.map((each, index) => imageOf(each, base, index));
}

function imageOf(found: DicomJson, base: string, index: number): ImageInfo {
  const series = text(found, "0020000E");
  const instance = text(found, "00080018");
  const center = number(found, "00281050");
  const width = number(found, "00281051");
  const spacing = numbers(found, "00280030");
  const orientation = numbers(found, "00200037");
  const position = numbers(found, "00200032");
  return {
    imageId: `${SCHEME}:${instance}`,
    frame: `${base}/series/${series}/instances/${instance}/frames/1`,
    index,
    view: text(found, "0008103E"),
    modality: text(found, "00080060"),
    rows: number(found, "00280010"),
    columns: number(found, "00280011"),
    slope: number(found, "00281053", 1),
    intercept: number(found, "00281052", 0),
    window: { low: center - width / 2, high: center + width / 2 },
    spacing: spacing.length === 2 ? [spacing[0] ?? 1, spacing[1] ?? 1] : null,
    orientation: orientation.length === 6 ? orientation : null,
    position: position.length === 3 ? position : null,
  };
}

function text(found: DicomJson, tag: string): string {
  const value = found[tag]?.Value?.[0];
  return typeof value === "string" ? value : String(value ?? "");
}

function numbers(found: DicomJson, tag: string): readonly number[] {
  return (found[tag]?.Value ?? []).map(Number);
}

function number(found: DicomJson, tag: string, otherwise?: number): number {
  const value = numbers(found, tag)[0];
  if (value !== undefined && Number.isFinite(value)) {
    return value;
  }
  if (otherwise !== undefined) {
    return otherwise;
  }
  throw new Error(`An image lacks (${tag.slice(0, 4)},${tag.slice(4)}).`);
}

/**
 * Return the values of a frame: stored unsigned 16-bit little-endian, times slope, plus intercept.
 *
 * Throws if the frame is not as long as its rows and columns say.
 */
export function valuesOf(frame: ArrayBuffer, info: ImageInfo): Uint16Array | Float32Array {
  const count = info.rows * info.columns;
  if (frame.byteLength !== 2 * count) {
    throw new Error(`A frame has ${frame.byteLength} bytes, not ${2 * count}.`);
  }
  const stored = new Uint16Array(frame);
  if (info.slope === 1 && info.intercept === 0) {
    return stored;
  }
  return Float32Array.from(stored, (value) => info.slope * value + info.intercept);
}
