import type { ImageInfo } from "../images/dicom";
import { place } from "./commands";
import type { Desk } from "./model";
import type { Cursor } from "./panes";

/** Steps of the arrow keys in pixels of the image, without Shift and with it. */
const [COARSE, FINE] = [8, 1] as const;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

/** Return an aim moved by rows and columns, which stays on its image; it begins in the middle. */
export function aimed(on: ImageInfo, before: Cursor | null, rows: number, columns: number): Cursor {
  const stays = before !== null && before.on.imageId === on.imageId;
  const from = stays ? before.pixel : { row: (on.rows - 1) / 2, column: (on.columns - 1) / 2 };
  const within = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
  return {
    on,
    pixel: {
      row: within(from.row + rows, on.rows),
      column: within(from.column + columns, on.columns),
    },
  };
}

/** Mark a place with the keyboard: arrows aim on the chosen image, the space bar marks. */
export function aim(desk: Desk, event: KeyboardEvent): boolean {
  const { look, file, canvas } = desk;
  const on = look.layout === "stitched" ? canvas : file.images[look.chosen];
  const [rows, columns] = ARROWS[event.key] ?? [0, 0];
  if (look.tool !== "mark" || !on || (event.key !== " " && !(event.key in ARROWS))) {
    return false;
  }
  if (event.key === " " && desk.aim !== null) {
    place(desk, desk.aim.on, desk.aim.pixel);
  } else {
    const step = event.shiftKey ? FINE : COARSE;
    desk.setAim(aimed(on, desk.aim, rows * step, columns * step));
  }
  return true;
}
