import { imageLoader, type Types, utilities } from "@cornerstonejs/core";
import { type ImageInfo, valuesOf } from "./dicom";
import { stitch } from "./stitch";

/** Fetches a frame's bytes. */
export type Fetch = (address: string) => Promise<ArrayBuffer>;

type Values = Uint16Array | Float32Array;

const known = new Map<
  string,
  { readonly info: ImageInfo; readonly values: () => Promise<Values> }
>();

/** Let our loader and metadata answer for images. */
export function know(images: readonly ImageInfo[], fetch: Fetch): void {
  for (const info of images) {
    const values = () => fetch(info.frame).then((frame) => valuesOf(frame, info));
    known.set(info.imageId, { info, values });
  }
}

/** Let our loader answer for the image that is joined from stations. */
export function knowStitched(canvas: ImageInfo, stations: readonly ImageInfo[]): void {
  const values = async () => {
    const loaded = await Promise.all(
      stations.map((each) => imageLoader.loadAndCacheImage(each.imageId)),
    );
    const valued = loaded.map((image, at) => ({
      info: stations[at] ?? canvas,
      values: image.getPixelData() as Values,
    }));
    return stitch(canvas, valued);
  };
  known.set(canvas.imageId, { info: canvas, values });
}

/** Forget images, so that nothing of a case stays behind. */
export function forget(images: readonly ImageInfo[]): void {
  for (const info of images) {
    known.delete(info.imageId);
  }
}

/** Load an image for Cornerstone. */
export function load(imageId: string) {
  const found = known.get(imageId);
  if (found === undefined) {
    return { promise: Promise.reject(new Error(`The image ${imageId} is not of this case.`)) };
  }
  return { promise: found.values().then((values) => made(found.info, values)) };
}

function made(info: ImageInfo, scalarData: Values): Types.IImage {
  const voxelManager = utilities.VoxelManager.createImageVoxelManager({
    width: info.columns,
    height: info.rows,
    scalarData,
    numberOfComponents: 1,
  }) as Types.IVoxelManager<number>;
  const [low, high] = extent(scalarData);
  const { window } = info;
  const image = {
    imageId: info.imageId,
    minPixelValue: low,
    maxPixelValue: high,
    slope: 1,
    intercept: 0,
    windowCenter: (window.low + window.high) / 2,
    windowWidth: window.high - window.low,
    voiLUTFunction: "LINEAR_EXACT",
    getPixelData: () => voxelManager.getScalarData(),
    rows: info.rows,
    columns: info.columns,
    height: info.rows,
    width: info.columns,
    color: false,
    rgba: false,
    numberOfComponents: 1,
    columnPixelSpacing: info.spacing?.[1] ?? 1,
    rowPixelSpacing: info.spacing?.[0] ?? 1,
    invert: false,
    photometricInterpretation: "MONOCHROME2",
    sizeInBytes: scalarData.byteLength,
    dataType: scalarData.constructor.name,
    voxelManager,
  };
  return image as unknown as Types.IImage;
}

function extent(values: Values): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(value, low);
    high = Math.max(value, high);
  }
  return [low, high];
}

/** Answer Cornerstone's questions about our images. */
export function metadataOf(kind: string, imageId: string): unknown {
  const info = known.get(imageId)?.info;
  if (info === undefined) {
    return undefined;
  }
  if (kind === "imagePlaneModule") {
    return planeOf(info);
  }
  if (kind === "imagePixelModule") {
    return PIXELS;
  }
  return kind === "generalSeriesModule" ? { modality: info.modality } : undefined;
}

const PIXELS = {
  bitsAllocated: 16,
  bitsStored: 16,
  highBit: 15,
  samplesPerPixel: 1,
  pixelRepresentation: 0,
  photometricInterpretation: "MONOCHROME2",
};

/** Where an image lies for Cornerstone; images whose place is unknown lie each in a space of its own. */
export function planeOf(info: ImageInfo) {
  const orientation = [...(info.orientation ?? [1, 0, 0, 0, 1, 0])];
  const [row, column] = info.spacing ?? [1, 1];
  return {
    frameOfReferenceUID: info.imageId,
    rows: info.rows,
    columns: info.columns,
    imageOrientationPatient: orientation,
    rowCosines: orientation.slice(0, 3),
    columnCosines: orientation.slice(3, 6),
    imagePositionPatient: [...(info.position ?? [0, 0, 0])],
    rowPixelSpacing: row,
    columnPixelSpacing: column,
    pixelSpacing: [row, column],
    usingDefaultValues: info.spacing === null,
  };
}
