import type { ImageInfo, VoiWindow } from "./dicom";

/** A way to choose a window. */
export type Preset = "percentile" | "paper" | "sac";

/** The window of the paper's scanner: width 1900, level +700 (PAPER, "Acquisition"). */
export const PAPER: VoiWindow = { low: 700 - 950, high: 700 + 950 };

export const PRESET_WORD: Readonly<Record<Preset, string>> = {
  percentile: "Percentiles",
  paper: "Paper's scanner",
  sac: "Sac",
};

/** Return one window for all images: the lowest of their 1st to the highest 99.5th percentile. */
export function percentiles(images: readonly ImageInfo[]): VoiWindow {
  if (images.length === 0) {
    return { low: 0, high: 1 };
  }
  return {
    low: Math.min(...images.map((each) => each.window.low)),
    high: Math.max(...images.map((each) => each.window.high)),
  };
}

/** Return the window from 0 to 1.2 times the sac's median. */
export function sacWindow(median: number): VoiWindow {
  return { low: 0, high: 1.2 * median };
}

/** Return width and level as people name them. */
export function widthLevel(window: VoiWindow): { width: number; level: number } {
  return {
    width: Math.round(window.high - window.low),
    level: Math.round((window.high + window.low) / 2),
  };
}

/** Return a window made wider and moved, by parts of its present width. */
export function stepped(window: VoiWindow, wider: number, higher: number): VoiWindow {
  const width = window.high - window.low;
  const center = (window.high + window.low) / 2 + higher * width;
  const half = Math.max(0.5, (width * (1 + wider)) / 2);
  return { low: center - half, high: center + half };
}
