import { useState } from "preact/hooks";
import { minutes, TECHNIQUE_WORD } from "../answer/words";
import type { Tool } from "../images/stage";
import { PAPER, percentiles } from "../images/windows";
import { type Action, keyOf } from "../keys/bindings";
import { Button, Chip, Key } from "../parts/basics";
import { useEvery } from "../parts/load";
import { hashOf } from "../route";
import type { SaveState } from "../save/autosave";
import { act } from "./commands";
import type { Desk, Layout } from "./model";

/** The bar on top: which case, whether it is saved, what to do with it. */
export function CaseBar({ desk }: { readonly desk: Desk }) {
  const { file, where, autosave, readOnly } = desk;
  const { read } = autosave;
  return (
    <header class="top case-bar">
      <a href={hashOf({ page: "work", trial: where.trial })} aria-label="Back to the work list">
        ← Work list
      </a>
      <h1>
        Case {read.position + 1} <span class="muted">of {file.list.total}</span>
      </h1>
      <span class="muted">{TECHNIQUE_WORD[read.technique]}</span>
      <Person desk={desk} />
      <span class="push" />
      <Spent desk={desk} />
      <Saved state={autosave.state} number={read.number} />
      <Does desk={desk} action="help">
        Keys
      </Does>
      <Does desk={desk} action="previous">
        Previous
      </Does>
      <Does desk={desk} action="next">
        Next
      </Does>
      {read.status === "locked" && file.trial.phase === "open" ? (
        <Button onClick={() => desk.setOpen("amend")}>Amend</Button>
      ) : (
        <Button look="primary" disabled={readOnly} onClick={() => act(desk, "lock")}>
          Lock <Key>{keyOf(desk.bindings, "lock")}</Key>
        </Button>
      )}
    </header>
  );
}

function Person({ desk }: { readonly desk: Desk }) {
  const { age_years: age, sex } = desk.autosave.read;
  if (age === null && sex === null) {
    return null;
  }
  return (
    <span class="muted">
      {sex ?? ""} {age === null ? "" : `${age} years`}
    </span>
  );
}

function Spent({ desk }: { readonly desk: Desk }) {
  const [, draw] = useState(0);
  useEvery(1, () => draw((count) => count + 1));
  return (
    <span class="muted spent" title="Reading time of this visit, idle time apart">
      {minutes(desk.autosave.clock.active)}
    </span>
  );
}

const SAVED: Readonly<Record<SaveState["kind"], readonly [string, "good" | "busy" | "warn"]>> = {
  saved: ["Saved", "good"],
  waiting: ["Saving", "busy"],
  saving: ["Saving", "busy"],
  held: ["Kept in this browser until you give your vote", "busy"],
  offline: ["No connection: kept in this browser, sent when it is back", "warn"],
  "signed-out": ["Kept in this browser until you log in again", "warn"],
  conflict: ["Saved elsewhere too", "warn"],
  refused: ["Not saved", "warn"],
};

function Saved({ state, number }: { readonly state: SaveState; readonly number: number }) {
  const [words, look] = SAVED[state.kind];
  const nothing = state.kind === "saved" && number === 0;
  return (
    <span role="status" class="saved" data-state={state.kind}>
      <Chip look={look}>{nothing ? "Nothing to save yet" : words}</Chip>
    </span>
  );
}

interface DoesProps {
  readonly desk: Desk;
  readonly action: Action;
  readonly pressed?: boolean;
  readonly title?: string;
  readonly children: string;
}

/** A button that says its key. */
function Does({ desk, action, pressed, title, children }: DoesProps) {
  return (
    <Button
      small
      look="quiet"
      title={title}
      aria-pressed={pressed}
      onClick={() => act(desk, action)}
    >
      {children} <Key>{keyOf(desk.bindings, action)}</Key>
    </Button>
  );
}

const LAYOUT: Readonly<Record<Layout, string>> = {
  side: "Side by side",
  stitched: "Stitched",
  one: "One",
};

const TOOLS: readonly (readonly [Tool, string])[] = [
  ["window", "Window"],
  ["zoom", "Zoom"],
  ["pan", "Pan"],
  ["length", "Length"],
  ["roi", "ROI"],
  ["mark", "Mark"],
];

/** The bar above the images: tools, windows, layout. */
export function ImageBar({ desk }: { readonly desk: Desk }) {
  const { look, file } = desk;
  const preset = percentiles(file.images);
  const isPaper = look.window.low === PAPER.low && look.window.high === PAPER.high;
  const isFirst = look.window.low === preset.low && look.window.high === preset.high;
  return (
    <div class="image-bar" role="toolbar" aria-label="Images">
      {TOOLS.map(([tool, title]) => (
        <Does key={tool} desk={desk} action={tool} pressed={look.tool === tool}>
          {title}
        </Does>
      ))}
      <span class="gap" />
      <Does desk={desk} action="preset-percentile" pressed={isFirst}>
        Percentiles
      </Does>
      {file.read.technique === "mr-myelography" && (
        <Does
          desk={desk}
          action="preset-paper"
          pressed={isPaper}
          title="Width 1900, level +700: the window of the paper's scanner"
        >
          Paper's scanner
        </Does>
      )}
      <Does desk={desk} action="invert" pressed={look.invert}>
        Invert
      </Does>
      <Does desk={desk} action="layout" title="Side by side, stitched, or one image">
        {LAYOUT[look.layout]}
      </Does>
      {file.priors.length > 0 && (
        <Does desk={desk} action="earlier" pressed={look.earlier}>
          Earlier
        </Does>
      )}
      <Does desk={desk} action="reset">
        Reset
      </Does>
    </div>
  );
}
