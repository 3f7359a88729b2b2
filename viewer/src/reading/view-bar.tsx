import type { VoiWindow } from "../images/dicom";
import type { Tool } from "../images/stage";
import { PAPER } from "../images/windows";
import { Button, Key } from "../parts/basics";
import type { Layout, Look } from "./model";

/** A window that is offered: its name, its key, and what it is. */
export interface Preset {
  readonly name: string;
  readonly key: string;
  readonly window: VoiWindow;
  readonly title?: string;
}

/** The window of the paper's scanner. */
export const PAPERS: Preset = {
  name: "Paper's scanner",
  key: "6",
  window: PAPER,
  title: "Width 1900, level +700: the window of the paper's scanner",
};

interface ViewBarProps {
  readonly view: Look;
  readonly presets: readonly Preset[];
  /** Whether the stations can be joined to one image. */
  readonly stitches: boolean;
  readonly show: (made: Partial<Look>) => void;
  readonly onReset: () => void;
}

/** Tools and their keys, outside the reading form. */
export const TOOLS: readonly (readonly [Tool, string, string])[] = [
  ["window", "Window", "W"],
  ["zoom", "Zoom", "Z"],
  ["pan", "Pan", "H"],
  ["length", "Length", "D"],
  ["roi", "ROI", "E"],
];
const LAYOUT_WORD: Readonly<Record<Layout, string>> = {
  side: "Side by side",
  stitched: "Stitched",
  one: "One",
};

/** Return the layout after this one. */
export function nextLayout(layout: Layout, stitches: boolean): Layout {
  if (layout === "side") {
    return stitches ? "stitched" : "one";
  }
  return layout === "stitched" ? "one" : "side";
}

/** The bar above images that are not being read. */
export function ViewBar({ view, presets, stitches, show, onReset }: ViewBarProps) {
  return (
    <div class="image-bar" role="toolbar" aria-label="Images">
      {TOOLS.map(([tool, words, key]) => (
        <Button
          small
          look="quiet"
          key={tool}
          aria-pressed={view.tool === tool}
          onClick={() => show({ tool })}
        >
          {words} <Key>{key}</Key>
        </Button>
      ))}
      <span class="gap" />
      {presets.map(({ name, key, window, title }) => (
        <Button
          small
          look="quiet"
          key={name}
          aria-pressed={view.window.low === window.low && view.window.high === window.high}
          title={title}
          onClick={() => show({ window, from: null })}
        >
          {name} <Key>{key}</Key>
        </Button>
      ))}
      <Button
        small
        look="quiet"
        aria-pressed={view.invert}
        onClick={() => show({ invert: !view.invert })}
      >
        Invert <Key>I</Key>
      </Button>
      <Button
        small
        look="quiet"
        onClick={() => show({ layout: nextLayout(view.layout, stitches) })}
      >
        {LAYOUT_WORD[view.layout]} <Key>V</Key>
      </Button>
      <Button small look="quiet" onClick={onReset}>
        Reset <Key>R</Key>
      </Button>
    </div>
  );
}

/** Do to the images what a key says; tell whether it says anything. */
export function viewKey(props: ViewBarProps, key: string): boolean {
  const { view, presets, stitches, show, onReset } = props;
  const tool = TOOLS.find(([, , own]) => own === key)?.[0];
  const window = presets.find((each) => each.key === key)?.window;
  if (tool !== undefined) {
    show({ tool });
  } else if (window !== undefined) {
    show({ window, from: null });
  } else if (key === "I") {
    show({ invert: !view.invert });
  } else if (key === "V") {
    show({ layout: nextLayout(view.layout, stitches) });
  } else if (key === "R") {
    onReset();
  } else {
    return false;
  }
  return true;
}
