import { useEffect, useRef, useState } from "preact/hooks";
import { TECHNIQUE_WORD } from "../answer/words";
import { usePressed } from "../keys/pressed";
import { Button, Chip, Notice } from "../parts/basics";
import { Panes } from "../reading/panes";
import { ViewBar, viewKey } from "../reading/view-bar";
import { hashOf } from "../route";
import { barOf, judge, type LookDesk, type LookPageProps, place, useLookDesk } from "./desk";
import { LookForm } from "./form";
import { marksOf, outlinesOf } from "./model";

/** A study with its automatic reading, to go over. */
export function LookPage(props: LookPageProps) {
  const desk = useLookDesk(props);
  const [ready, setReady] = useState(false);
  const { api, images, canvas, view, look, given, chosen, stage, show } = desk;
  const now = useRef(desk);
  now.current = desk;
  const bar = barOf(desk);
  usePressed((key) => viewKey(bar, key) || judge(desk, key));
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
          <ViewBar {...bar} />
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
