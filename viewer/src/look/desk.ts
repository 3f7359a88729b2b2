import { useMemo, useRef, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Judgement, LookOut, Mark } from "../api/records";
import type { ImageInfo } from "../images/dicom";
import { clearMeasures } from "../images/measure";
import type { Pixel } from "../images/place";
import type { Drawn, Stage } from "../images/stage";
import { canvasOf } from "../images/stitch";
import { percentiles, sacWindow } from "../images/windows";
import { nearest } from "../reading/commands";
import type { Look } from "../reading/model";
import { PAPERS, type Preset } from "../reading/view-bar";
import { type Chosen, withAddedAt, withChange, withJudgement } from "./model";
import { type Kept, useKept } from "./save";

/** What a second look is opened with. */
export interface LookPageProps {
  readonly api: Api;
  readonly first: LookOut;
  readonly images: readonly ImageInfo[];
  readonly drawn: Drawn;
}

/** Everything that is shown and that keys and buttons work on. */
export interface LookDesk extends LookPageProps, Kept {
  readonly canvas: ImageInfo | null;
  readonly view: Look;
  readonly chosen: Chosen | null;
  readonly stage: { current: Stage | null };
  readonly show: (made: Partial<Look>) => void;
  readonly choose: (chosen: Chosen | null) => void;
}

/** Keep the state of a study on the desk. */
export function useLookDesk(props: LookPageProps): LookDesk {
  const { api, first, images } = props;
  const kept = useKept(api, first);
  const canvas = useMemo(() => canvasOf(images), []);
  const stage = useRef<Stage | null>(null);
  const [view, setView] = useState<Look>(() => firstView(first, images));
  const [chosen, choose] = useState<Chosen | null>(
    first.evidence.length > 0 ? { own: false, at: 0 } : null,
  );
  const show = (made: Partial<Look>) => setView((now) => ({ ...now, ...made }));
  return { ...props, ...kept, canvas, view, chosen, stage, show, choose };
}

/** Return how the images look at first: the sac's window, where a sac was seen. */
export function firstView(look: LookOut, images: readonly ImageInfo[]): Look {
  const { sac_median: median, technique } = look;
  return {
    tool: "window",
    window: median === null ? percentiles(images) : sacWindow(median),
    from: null,
    invert: technique === "radioisotope-cisternography",
    layout: "side",
    earlier: false,
    chosen: 0,
  };
}

/** Mark where the chosen finding lies. */
export function place(desk: LookDesk, on: ImageInfo, pixel: Pixel): void {
  const { chosen, look, given, images } = desk;
  const station = nearest(images, on, pixel);
  const found = chosen === null || chosen.own ? undefined : look.evidence[chosen.at];
  if (station !== null && chosen !== null) {
    const tenth = (value: number) => Math.round(value * 10) / 10;
    const { row, column } = station.pixel;
    const at: Partial<Mark> = {
      image: station.info.index,
      row: tenth(row),
      column: tenth(column),
    };
    desk.change(
      found === undefined ? withAddedAt(given, chosen.at, at) : withChange(given, found, at),
    );
  }
  desk.show({ tool: "window" });
}

/** Put window, zoom and pan back. */
function reset({ look, images, stage, show, view }: LookDesk): void {
  show({ ...firstView(look, images), tool: view.tool, chosen: view.chosen });
  stage.current?.reset();
  clearMeasures();
}

/** Return what the bar above the images offers. */
export function barOf(desk: LookDesk) {
  const { look, images, view, canvas, show } = desk;
  const { sac_median: median, technique } = look;
  const title = "0 to 1.2 times the sac's median";
  const presets: readonly Preset[] = [
    { name: "Percentiles", key: "5", window: percentiles(images) },
    ...(technique === "mr-myelography" ? [PAPERS] : []),
    ...(median === null ? [] : [{ name: "Sac", key: "7", window: sacWindow(median), title }]),
  ];
  return { view, presets, stitches: canvas !== null, show, onReset: () => reset(desk) };
}

const JUDGES: Readonly<Record<string, Judgement>> = { A: "accepted", G: "changed", X: "rejected" };

/** Judge the chosen finding, or go to the next or the one before, as a key says. */
export function judge({ look, given, chosen, change, choose }: LookDesk, key: string): boolean {
  const judgement = JUDGES[key];
  const found = chosen === null || chosen.own ? undefined : look.evidence[chosen.at];
  if (judgement !== undefined && found !== undefined) {
    change(withJudgement(given, found, judgement));
    return true;
  }
  const step = key === "J" ? 1 : key === "K" ? -1 : 0;
  const count = look.evidence.length;
  if (step === 0 || count === 0) {
    return false;
  }
  choose({ own: false, at: ((chosen?.at ?? 0) + step + count) % count });
  return true;
}
