import { useEffect, useRef, useState } from "preact/hooks";
import { TECHNIQUE_WORD } from "../answer/words";
import type { Tool } from "../images/stage";
import { Button, Chip, Key, Notice } from "../parts/basics";
import type { Layout } from "../reading/model";
import { Panes } from "../reading/panes";
import { hashOf } from "../route";
import {
  type LookDesk,
  type LookPageProps,
  nextLayout,
  place,
  reset,
  useLookDesk,
  windowsOf,
} from "./desk";
import { LookForm } from "./form";
import { useLookKeys } from "./keys";
import { marksOf, outlinesOf } from "./model";

/** A study with its automatic reading, to go over. */
export function LookPage(props: LookPageProps) {
  const desk = useLookDesk(props);
  const [ready, setReady] = useState(false);
  const { api, images, canvas, view, look, given, chosen, stage, show } = desk;
  const now = useRef(desk);
  now.current = desk;
  useLookKeys(desk);
  useEffect(() => {
    document.title = "Second look - MyeloScope";
    return () => {
      document.title = "MyeloScope";
    };
  }, []);
  return (
    <div class="reading" data-ready={ready}>
      <TopBar desk={desk} />
      <main class="desk">
        <div class="images">
          <ViewBar desk={desk} />
          <Panes
            api={api}
            images={images}
            priors={[]}
            canvas={canvas}
            look={view}
            marks={marksOf(look.evidence, given)}
            others={[]}
            outlines={outlinesOf(look.evidence, given, chosen)}
            onLook={show}
            onPlace={(on, pixel) => place(now.current, on, pixel)}
            onStage={(made) => {
              stage.current = made;
            }}
            onDrawn={() => setReady(true)}
          />
        </div>
        <aside class="beside" aria-label="Second look">
          {desk.why !== "" && <Notice look="bad">{desk.why}</Notice>}
          <LookForm
            look={look}
            given={given}
            chosen={chosen}
            onChoose={desk.choose}
            onChange={desk.change}
            onPlace={() => show({ tool: "mark" })}
          />
          {desk.drawn === "cpu" && (
            <p class="foot">No graphics card: the images are drawn by the processor.</p>
          )}
        </aside>
      </main>
    </div>
  );
}

function TopBar({ desk }: { readonly desk: LookDesk }) {
  const { look, isSaved } = desk;
  const left = look.left.length;
  return (
    <header class="top case-bar">
      <a href={hashOf({ page: "looks" })}>← Second look</a>
      <h1>{TECHNIQUE_WORD[look.technique]}</h1>
      <span class="muted small uid">{look.study_uid}</span>
      <span class="push small muted">Research use, not for clinical decisions</span>
      <span role="status" class="saved" data-state={isSaved ? "saved" : "saving"}>
        <Chip look={isSaved ? "good" : "busy"}>{isSaved ? "Saved" : "Saving"}</Chip>
      </span>
      {left > 0 || !isSaved ? (
        <Button look="primary" disabled>
          {left === 0 ? "Report" : `${left} to judge`}
        </Button>
      ) : (
        <a class="button primary" href={`/api/looks/${look.id}/report`} download="second-look.dcm">
          Report (DICOM SR)
        </a>
      )}
    </header>
  );
}

const TOOLS: readonly (readonly [Tool, string, string])[] = [
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

function ViewBar({ desk }: { readonly desk: LookDesk }) {
  const { view, show, canvas } = desk;
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
      {windowsOf(desk).map(({ name, key, window }) => (
        <Button
          small
          look="quiet"
          key={name}
          aria-pressed={view.window.low === window.low && view.window.high === window.high}
          title={name === "Sac" ? "0 to 1.2 times the sac's median" : undefined}
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
        onClick={() => show({ layout: nextLayout(view.layout, canvas !== null) })}
      >
        {LAYOUT_WORD[view.layout]} <Key>V</Key>
      </Button>
      <Button small look="quiet" onClick={() => reset(desk)}>
        Reset <Key>R</Key>
      </Button>
    </div>
  );
}
