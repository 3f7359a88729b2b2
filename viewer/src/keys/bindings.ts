/** What a key can do on the reading page. */
export type Action =
  | "grade-0"
  | "grade-1"
  | "grade-2"
  | "grade-3"
  | "not-assessable"
  | "cervical"
  | "thoracic"
  | "lumbar"
  | "side-right"
  | "side-left"
  | "side-midline"
  | "finding"
  | "root"
  | "confidence"
  | "comment"
  | "lock"
  | "next"
  | "previous"
  | "window"
  | "zoom"
  | "pan"
  | "length"
  | "roi"
  | "mark"
  | "invert"
  | "reset"
  | "layout"
  | "earlier"
  | "next-image"
  | "preset-percentile"
  | "preset-paper"
  | "help";

export interface Binding {
  readonly action: Action;
  readonly key: string;
  readonly group: string;
  readonly says: string;
}

const GRADING = "Grading";
const FINDINGS = "Findings";
const IMAGES = "Images";
const CASES = "Cases";

/** Every action with its first key; a reader may choose others. */
export const BINDINGS: readonly Binding[] = [
  { action: "cervical", key: "C", group: GRADING, says: "cervical region" },
  { action: "thoracic", key: "T", group: GRADING, says: "thoracic region" },
  { action: "lumbar", key: "L", group: GRADING, says: "lumbar region" },
  { action: "grade-0", key: "0", group: GRADING, says: "grade 0, none" },
  { action: "grade-1", key: "1", group: GRADING, says: "grade 1, possible" },
  { action: "grade-2", key: "2", group: GRADING, says: "grade 2, probable" },
  { action: "grade-3", key: "3", group: GRADING, says: "grade 3, definite" },
  { action: "not-assessable", key: "X", group: GRADING, says: "not assessable" },
  { action: "confidence", key: "S", group: GRADING, says: "confidence of the region" },
  { action: "finding", key: "F", group: FINDINGS, says: "add a finding" },
  { action: "root", key: "O", group: FINDINGS, says: "root of the finding" },
  { action: "side-right", key: "[", group: FINDINGS, says: "patient's right (left on screen)" },
  { action: "side-left", key: "]", group: FINDINGS, says: "patient's left (right on screen)" },
  { action: "side-midline", key: "\\", group: FINDINGS, says: "midline" },
  { action: "comment", key: "K", group: FINDINGS, says: "comment" },
  { action: "window", key: "W", group: IMAGES, says: "drag: window and level" },
  { action: "zoom", key: "Z", group: IMAGES, says: "drag: zoom" },
  { action: "pan", key: "H", group: IMAGES, says: "drag: pan" },
  { action: "length", key: "D", group: IMAGES, says: "measure a length" },
  { action: "roi", key: "E", group: IMAGES, says: "ellipse: mean, deviation, area" },
  { action: "mark", key: "M", group: IMAGES, says: "mark the finding's place" },
  { action: "invert", key: "I", group: IMAGES, says: "invert" },
  { action: "reset", key: "R", group: IMAGES, says: "reset the images" },
  { action: "layout", key: "V", group: IMAGES, says: "layout: side by side, stitched, one" },
  { action: "earlier", key: "Y", group: IMAGES, says: "earlier images beside" },
  { action: "next-image", key: "Q", group: IMAGES, says: "next image" },
  { action: "preset-percentile", key: "5", group: IMAGES, says: "window: percentiles" },
  { action: "preset-paper", key: "6", group: IMAGES, says: "window: the paper's scanner" },
  { action: "lock", key: "Enter", group: CASES, says: "lock the case" },
  { action: "next", key: "PageDown", group: CASES, says: "next case" },
  { action: "previous", key: "PageUp", group: CASES, says: "previous case" },
  { action: "help", key: "?", group: CASES, says: "all keys" },
];

/** Keys that a reader chose, by action. */
export type Chosen = Readonly<Partial<Record<Action, string>>>;

/** Return the bindings with a reader's own keys. */
export function bound(chosen: Chosen): readonly Binding[] {
  return BINDINGS.map((each) => ({ ...each, key: chosen[each.action] ?? each.key }));
}

/** Return the name of a pressed key as bindings write it; `null` for a modifier alone. */
export function keyName(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "altKey" | "metaKey">) {
  if (event.ctrlKey || event.altKey || event.metaKey) {
    return null;
  }
  if (["Shift", "CapsLock", "Tab", "Escape", "Dead"].includes(event.key)) {
    return null;
  }
  return event.key.length === 1 ? event.key.toUpperCase() : event.key;
}

/** Return what a key does. */
export function actionOf(bindings: readonly Binding[], key: string): Action | null {
  return bindings.find((each) => each.key === key)?.action ?? null;
}

/** Return the key of an action. */
export function keyOf(bindings: readonly Binding[], action: Action): string {
  return bindings.find((each) => each.action === action)?.key ?? "";
}

/** Give an action another key; whoever had that key gets the old one. */
export function rebind(chosen: Chosen, action: Action, key: string): Chosen {
  const before = bound(chosen);
  const old = keyOf(before, action);
  const holder = actionOf(before, key);
  return holder === null
    ? { ...chosen, [action]: key }
    : { ...chosen, [holder]: old, [action]: key };
}

/** Read the keys that were chosen in this browser. */
export function readChosen(text: string | null): Chosen {
  if (text === null) {
    return {};
  }
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null ? (found as Chosen) : {};
  } catch {
    return {};
  }
}
