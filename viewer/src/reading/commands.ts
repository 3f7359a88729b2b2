import type { ReadOut } from "../api/records";
import type { ImageInfo } from "../images/dicom";
import { clearMeasures } from "../images/measure";
import { carried, inside, type Pixel } from "../images/place";
import type { Tool } from "../images/stage";
import { STITCHED } from "../images/stitch";
import { PAPER, percentiles } from "../images/windows";
import { type Action, type Chosen, rebind } from "../keys/bindings";
import { neighbour } from "../pages/work-order";
import { words } from "../parts/load";
import { go } from "../route";
import { measured, outcomeOf, placed } from "./acts";
import { listOf, placeOf } from "./desk";
import { type Desk, firstLook, KEYS, type Layout, mayEdit } from "./model";

/** Go to the case before or after; to the work list where there is none that may be seen. */
export async function move({ where, autosave }: Desk, step: 1 | -1): Promise<void> {
  await autosave.flush();
  const { trial } = where;
  const list = await listOf(where);
  const found = neighbour(list.reads, autosave.read.id, step);
  go(found === null ? { page: "work", trial } : { page: "read", trial, read: found.id });
}

/** Ask before locking, when everything is saved and what others saved is here. */
export async function askLock({ autosave, readOnly, setOpen, setWhy }: Desk): Promise<void> {
  if (readOnly) {
    return;
  }
  await autosave.flush();
  await autosave.refresh();
  if (autosave.state.kind === "held") {
    setWhy("Give your vote first; the panel locks what it agrees on.");
  }
  if (autosave.state.kind !== "saved") {
    return;
  }
  if (!mayEdit(autosave.read)) {
    setWhy("This case was locked elsewhere meanwhile: here is what was locked.");
  } else if (autosave.read.number === 0) {
    setWhy("There is nothing to lock yet: grade a region first.");
  } else {
    setOpen("lock");
  }
}

/** Lock what is saved, and go on to the next case. */
export async function lock(desk: Desk): Promise<void> {
  const { where, autosave } = desk;
  desk.setOpen("none");
  await tried(desk, async () => {
    await autosave.flush();
    const base = { base: autosave.read.number };
    autosave.take(await where.api.post<ReadOut>(`${placeOf(where)}/lock`, base));
    if (autosave.read.status === "locked") {
      await move(desk, 1);
    }
  });
}

/** Give my own answer as a member of the panel; it cannot be taken back. */
export async function vote(desk: Desk): Promise<void> {
  const { where, autosave } = desk;
  await tried(desk, async () => {
    const given = { answer: autosave.answer };
    autosave.take(await where.api.post<ReadOut>(`${placeOf(where)}/vote`, given));
  });
}

/** Reopen a locked case, for a reason. */
export async function amend(desk: Desk, reason: string): Promise<void> {
  desk.setOpen("none");
  const { where, autosave } = desk;
  await tried(desk, async () => {
    autosave.take(await where.api.post<ReadOut>(`${placeOf(where)}/amend`, { reason }));
  });
}

/** Do something, one thing at a time, and say why not where it is refused. */
async function tried({ busy, setWhy }: Desk, run: () => Promise<void>): Promise<void> {
  if (busy.current) {
    return;
  }
  busy.current = true;
  setWhy("");
  try {
    await run();
  } catch (error) {
    setWhy(words(error));
  } finally {
    busy.current = false;
  }
}

/** Leave what cannot be saved here, and open the case anew as the server has it. */
export function leaveUnsaved(desk: Desk): Promise<void> {
  return tried(desk, async () => {
    await desk.autosave.discard();
    location.reload();
  });
}

const TOOLS: readonly Tool[] = ["window", "zoom", "pan", "length", "roi", "mark"];

/** Do what a key or button says. */
export function act(desk: Desk, action: Action): void {
  const tool = TOOLS.find((each) => each === action);
  const page = PAGE[action];
  if (tool !== undefined) {
    desk.measure.current = null;
    desk.setAim(null);
    desk.change({ tool });
  } else if (page !== undefined) {
    page(desk);
  } else {
    fill(desk, action);
  }
}

function fill({ autosave, shown, readOnly, show }: Desk, action: Action): void {
  const outcome = outcomeOf(action, autosave.answer, shown);
  if (outcome?.shown !== undefined) {
    show(outcome.shown);
  }
  if (outcome?.answer !== undefined && !readOnly) {
    autosave.edit(outcome.answer);
  }
}

const NEXT_LAYOUT: Readonly<Record<Layout, (stitches: boolean) => Layout>> = {
  side: (stitches) => (stitches ? "stitched" : "one"),
  stitched: () => "one",
  one: () => "side",
};

const PAGE: Readonly<Partial<Record<Action, (desk: Desk) => void>>> = {
  lock: (desk) => void tried(desk, () => askLock(desk)),
  next: (desk) => void tried(desk, () => move(desk, 1)),
  previous: (desk) => void tried(desk, () => move(desk, -1)),
  help: ({ setOpen }) => setOpen("help"),
  reset: ({ file, look, stage, change }) => {
    change({ ...firstLook(file), tool: look.tool, chosen: look.chosen });
    stage.current?.reset();
    clearMeasures();
  },
  invert: ({ look, change }) => change({ invert: !look.invert }),
  layout: ({ look, canvas, change }) =>
    change({ layout: NEXT_LAYOUT[look.layout](canvas !== null) }),
  earlier: ({ look, file, change }) => change({ earlier: file.priors.length > 0 && !look.earlier }),
  "next-image": ({ look, file, change }) =>
    change({ chosen: (look.chosen + 1) % Math.max(1, file.images.length) }),
  "preset-percentile": ({ file, change }) =>
    change({ window: percentiles(file.images), from: null }),
  "preset-paper": ({ change }) => change({ window: PAPER, from: null }),
  confidence: ({ shown }) => focus(`confidence-${shown.region}`),
  comment: () => focus("comment"),
  root: () => focus("finding-root"),
};

function focus(id: string): void {
  const found = document.getElementById(id);
  found?.focus();
  if (found instanceof HTMLInputElement) {
    found.select();
  }
}

/** Mark where a finding lies. */
export function place(desk: Desk, on: ImageInfo, pixel: Pixel): void {
  const { autosave, shown, readOnly, file } = desk;
  const station = nearest(file.images, on, pixel);
  if (!readOnly && station !== null) {
    const tenth = (value: number) => Math.round(value * 10) / 10;
    const { row, column } = station.pixel;
    const at = { image: station.info.index, row: tenth(row), column: tenth(column) };
    const outcome = placed(autosave.answer, shown, at);
    desk.show(outcome.shown ?? {});
    autosave.edit(outcome.answer ?? autosave.answer);
    desk.setAim(null);
    desk.change({ tool: "window" });
  }
}

/** Return where a place lies: of the stitched image, on the station where it is most inside. */
export function nearest(stations: readonly ImageInfo[], canvas: ImageInfo, place: Pixel) {
  if (canvas.index !== STITCHED) {
    return { info: canvas, pixel: place };
  }
  const found = stations
    .map((info) => ({ info, pixel: carried(canvas, info, place) }))
    .filter((each): each is { info: ImageInfo; pixel: Pixel } => each.pixel !== null)
    .sort((one, other) => inside(other.info, other.pixel) - inside(one.info, one.pixel));
  return found[0] ?? null;
}

/** Take the length of a line for the finding that waits for one. */
export function take(desk: Desk, mm: number): void {
  const { autosave, shown, measure, file } = desk;
  const field = measure.current;
  if (field !== null && shown.finding !== null) {
    measure.current = null;
    const length = { [field]: Math.round(mm * 10) / 10 };
    const calipers = file.trial.protocol.calipers ?? "never";
    autosave.edit(measured(autosave.answer, shown.finding, length, calipers));
    desk.change({ tool: "window" });
  }
}

/** Give an action another key, and keep that in this browser. */
export function giveKey({ chosen, setChosen }: Desk, action: Action, key: string): void {
  keep(rebind(chosen, action, key), setChosen);
}

/** Put the first keys back. */
export function restoreKeys({ setChosen }: Desk): void {
  keep({}, setChosen);
}

function keep(chosen: Chosen, set: (chosen: Chosen) => void): void {
  localStorage.setItem(KEYS, JSON.stringify(chosen));
  set(chosen);
}
