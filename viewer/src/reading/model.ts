import { useMemo, useRef, useState } from "preact/hooks";
import { REGIONS } from "../answer/words";
import type { Me, ReadOut, Region } from "../api/records";
import type { ImageInfo, VoiWindow } from "../images/dicom";
import type { Drawn, Stage, Tool } from "../images/stage";
import { canvasOf } from "../images/stitch";
import { percentiles } from "../images/windows";
import { type Binding, bound, type Chosen, readChosen } from "../keys/bindings";
import type { Autosave } from "../save/autosave";
import { type CaseFile, useAutosave, type Where } from "./desk";
import type { Cursor } from "./panes";

/** Stations side by side, joined to one image, or only the chosen one. */
export type Layout = "side" | "stitched" | "one";

/** What the images look like, and what the mouse does. */
export interface Look {
  readonly tool: Tool;
  readonly window: VoiWindow;
  /** The image on which the window was dragged last; `null` where a key or button chose it. */
  readonly from: string | null;
  readonly invert: boolean;
  readonly layout: Layout;
  /** Earlier images beside the present ones, where the protocol shows them. */
  readonly earlier: boolean;
  /** Index of the image that keys move. */
  readonly chosen: number;
}

/** What of the form is in hand. */
export interface Shown {
  readonly region: Region;
  /** The finding that is open, by its index. */
  readonly finding: number | null;
}

/** Which dialog is open. */
export type Open = "none" | "lock" | "help" | "amend";
/** Lengths of a finding that calipers give. */
export type Measure = "sac_width_mm" | "reach_mm" | "extent_mm";

/** Where the choice of keys is kept. */
export const KEYS = "myeloscope.keys";

/** What a case is opened with. */
export interface DeskProps {
  readonly where: Where;
  readonly me: Me;
  readonly file: CaseFile;
  readonly drawn: Drawn;
}

/** A case on the desk: everything that is shown and that commands work on. */
export interface Desk extends DeskProps {
  readonly autosave: Autosave;
  readonly regions: readonly Region[];
  readonly readOnly: boolean;
  /** The stations joined, where that can be done. */
  readonly canvas: ImageInfo | null;
  readonly look: Look;
  readonly shown: Shown;
  readonly open: Open;
  readonly why: string;
  /** Where the keyboard aims to mark a place. */
  readonly aim: Cursor | null;
  readonly chosen: Chosen;
  readonly bindings: readonly Binding[];
  readonly stage: { current: Stage | null };
  /** Whether something is being done that must not be done twice. */
  readonly busy: { current: boolean };
  /** The length that the next line on an image gives. */
  readonly measure: { current: Measure | null };
  readonly change: (made: Partial<Look>) => void;
  readonly show: (made: Partial<Shown>) => void;
  readonly setOpen: (open: Open) => void;
  readonly setWhy: (why: string) => void;
  readonly setAim: (aim: Cursor | null) => void;
  readonly setChosen: (chosen: Chosen) => void;
}

/** Return whether an answer may change: not when locked, nor before a whole panel has voted. */
export function mayEdit(read: ReadOut): boolean {
  const waits = read.voted && read.votes.length < read.members && read.status !== "amending";
  return read.status !== "locked" && !waits;
}

/** Return how a case looks at first: all images, percentiles; scintigrams dark on white. */
export function firstLook(file: CaseFile): Look {
  const invert = file.read.technique === "radioisotope-cisternography";
  const window = percentiles(file.images);
  const layout = "side" as const;
  return { tool: "window", window, from: null, invert, layout, earlier: false, chosen: 0 };
}

/** Keep the state of a case on the desk. */
export function useDesk(props: DeskProps): Desk {
  const { where, me, file } = props;
  const autosave = useAutosave(where, me, file.read);
  const stage = useRef<Stage | null>(null);
  const measure = useRef<Measure | null>(null);
  const busy = useRef(false);
  const canvas = useMemo(() => canvasOf(file.images), []);
  const regions = file.trial.protocol.regions ?? REGIONS;
  const [look, setLook] = useState<Look>(() => firstLook(file));
  const [shown, setShown] = useState<Shown>({ region: regions[0] ?? "cervical", finding: null });
  const [open, setOpen] = useState<Open>("none");
  const [why, setWhy] = useState("");
  const [aim, setAim] = useState<Cursor | null>(null);
  const [chosen, setChosen] = useState<Chosen>(() => readChosen(localStorage.getItem(KEYS)));
  const bindings = useMemo(() => bound(chosen), [chosen]);
  const readOnly = file.trial.phase !== "open" || !mayEdit(autosave.read);
  return {
    ...props,
    ...{
      autosave,
      regions,
      readOnly,
      canvas,
      look,
      shown,
      open,
      why,
      aim,
      chosen,
      bindings,
      stage,
      measure,
      busy,
    },
    change: (made) => setLook((now) => ({ ...now, ...made })),
    show: (made) => setShown((now) => ({ ...now, ...made })),
    setOpen,
    setWhy,
    setAim,
    setChosen,
  };
}
