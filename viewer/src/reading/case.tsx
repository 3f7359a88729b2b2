import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { full, regionOf } from "../answer/answer";
import { REGION_LETTER, REGIONS, TECHNIQUE_WORD } from "../answer/words";
import type { Api } from "../api/client";
import type { CaseOut, CaseRead, ExaminationOut } from "../api/records";
import type { ImageInfo } from "../images/dicom";
import { clearMeasures } from "../images/measure";
import type { Drawn, Stage } from "../images/stage";
import { canvasOf } from "../images/stitch";
import { percentiles } from "../images/windows";
import { usePressed } from "../keys/pressed";
import { GradeMark } from "../parts/basics";
import { lineOf } from "./findings";
import type { Look } from "./model";
import { type Foreign, TONES } from "./overlay";
import { Panes } from "./panes";
import { PAPERS, ViewBar, viewKey } from "./view-bar";

/** An examination with its images. */
export interface CaseSheet {
  readonly found: CaseOut;
  readonly exam: ExaminationOut;
  readonly images: readonly ImageInfo[];
}

interface CaseViewProps extends CaseSheet {
  readonly api: Api;
  readonly drawn: Drawn;
}

/** An examination after unblinding: its images with the marks of every reader who is shown. */
export function CaseView({ api, exam, images, drawn }: CaseViewProps) {
  const [ready, setReady] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [view, setView] = useState<Look>(() => firstView(exam, images));
  const stage = useRef<Stage | null>(null);
  const canvas = useMemo(() => canvasOf(images), []);
  const show = (made: Partial<Look>) => setView((now) => ({ ...now, ...made }));
  const onReset = () => {
    show({ ...firstView(exam, images), chosen: view.chosen });
    stage.current?.reset();
    clearMeasures();
  };
  const own = { name: "Percentiles", key: "5", window: percentiles(images) };
  const presets = exam.technique === "mr-myelography" ? [own, PAPERS] : [own];
  const bar = { view, presets, stitches: canvas !== null, show, onReset };
  usePressed((key) => viewKey(bar, key));
  useEffect(() => {
    document.title = "A case - MyeloScope";
    return () => {
      document.title = "MyeloScope";
    };
  }, []);
  const toggle = (at: number) =>
    setHidden(
      (now) => new Set(now.has(at) ? [...now].filter((each) => each !== at) : [...now, at]),
    );
  return (
    <main class="desk" data-ready={ready}>
      <div class="images">
        <ViewBar {...bar} />
        <Panes
          api={api}
          images={images}
          priors={[]}
          canvas={canvas}
          look={view}
          marks={[]}
          others={marksOf(exam.reads, hidden)}
          onLook={show}
          onPlace={() => undefined}
          onStage={(made) => {
            stage.current = made;
          }}
          onDrawn={() => setReady(true)}
        />
      </div>
      <aside class="beside" aria-label="What the readers said">
        {exam.reads.length === 0 && <p class="muted">Nobody read this examination.</p>}
        {exam.reads.map((read, at) => (
          <Said
            key={`${read.reader} ${read.repeat}`}
            read={read}
            tone={at % TONES}
            isShown={!hidden.has(at)}
            onToggle={() => toggle(at)}
          />
        ))}
        {drawn === "cpu" && (
          <p class="foot">No graphics card: the images are drawn by the processor.</p>
        )}
      </aside>
    </main>
  );
}

function firstView(exam: ExaminationOut, images: readonly ImageInfo[]): Look {
  return {
    tool: "window",
    window: percentiles(images),
    from: null,
    invert: exam.technique === "radioisotope-cisternography",
    layout: "side",
    earlier: false,
    chosen: 0,
  };
}

function marksOf(reads: readonly CaseRead[], hidden: ReadonlySet<number>): readonly Foreign[] {
  return reads.flatMap(({ reader, answer }, tone) =>
    hidden.has(tone) ? [] : (answer.findings ?? []).map((mark) => ({ mark, name: reader, tone })),
  );
}

interface SaidProps {
  readonly read: CaseRead;
  readonly tone: number;
  readonly isShown: boolean;
  readonly onToggle: () => void;
}

/** What one reader said. */
function Said({ read, tone, isShown, onToggle }: SaidProps) {
  const answer = full(read.answer);
  return (
    <section class={`said tone-${tone}`} aria-label={read.reader}>
      <label class="row spread">
        <span class="row">
          <span class="dot" /> <b>{read.reader}</b>
          {read.repeat > 0 && <span class="muted">again</span>}
        </span>
        <span class="row">
          <span class="small muted">marks</span>
          <input type="checkbox" checked={isShown} onChange={onToggle} />
        </span>
      </label>
      <span class="row">
        {REGIONS.map((region) => {
          const given = regionOf(answer, region);
          return (
            <span key={region} class="row" title={given.reason ?? region}>
              <span class="small muted">{REGION_LETTER[region]}</span>
              <GradeMark grade={given.grade} />
              {given.confidence !== null && <span class="hint">{given.confidence}</span>}
            </span>
          );
        })}
      </span>
      {answer.findings.length > 0 && (
        <ul class="small">
          {answer.findings.map((mark, at) => (
            <li key={String(at)}>
              {lineOf(mark)}
              {mark.row == null && <span class="muted">, place not marked</span>}
            </li>
          ))}
        </ul>
      )}
      {answer.comment !== "" && <p class="quoted small">{answer.comment}</p>}
    </section>
  );
}

/** Return what an examination is called. */
export function examName({ technique, visit }: ExaminationOut): string {
  return visit === 0
    ? TECHNIQUE_WORD[technique]
    : `${TECHNIQUE_WORD[technique]}, visit ${visit + 1}`;
}
