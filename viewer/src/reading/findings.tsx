import { regionOf, withFindingAt, withoutFinding } from "../answer/answer";
import { capital, KIND_WORD, REGION_LETTER, rootsOf, SIDES } from "../answer/words";
import type { FindingKind, Mark, Segment, Side } from "../api/records";
import { keyOf } from "../keys/bindings";
import { Button, Key } from "../parts/basics";
import type { FormProps } from "./form";
import type { Measure } from "./model";

const MEASURES: readonly (readonly [Measure, string])[] = [
  ["sac_width_mm", "Sac width"],
  ["reach_mm", "Reach"],
  ["extent_mm", "Extent"],
];
const KINDS = Object.keys(KIND_WORD) as FindingKind[];

/** The findings: what, where, how large. */
export function Findings(props: FormProps) {
  const { answer, bindings, finding, readOnly, onAct, onShow } = props;
  return (
    <section class="findings" aria-label="Findings">
      <div class="row spread">
        <h3>Findings</h3>
        {!readOnly && (
          <Button small look="quiet" onClick={() => onAct("finding")}>
            Add <Key>{keyOf(bindings, "finding")}</Key>
          </Button>
        )}
      </div>
      {answer.findings.length === 0 && <p class="hint">None marked.</p>}
      <ol>
        {answer.findings.map((mark, at) => (
          <li key={String(at)} class={at === finding ? "chosen" : ""}>
            {at === finding && !readOnly ? (
              <Editor {...props} mark={mark} at={at} />
            ) : (
              <button type="button" class="finding-line" onClick={() => onShow({ finding: at })}>
                <b>{at + 1}</b>
                <span>{lineOf(mark)}</span>
                <span class="muted">{lengthsOf(mark)}</span>
              </button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Return a finding in a few words. */
export function lineOf(mark: Mark): string {
  const root = mark.segment ?? `region ${REGION_LETTER[mark.region]}`;
  return `${KIND_WORD[mark.kind]}, ${root}, ${mark.side === "unknown" ? "side?" : mark.side}`;
}

function lengthsOf(mark: Mark): string {
  const { sac_width_mm: width, extent_mm: extent } = mark;
  return extent == null
    ? ""
    : `${extent.toFixed(1)}${width == null ? "" : ` / ${width.toFixed(1)}`} mm`;
}

interface EditorProps extends FormProps {
  readonly mark: Mark;
  readonly at: number;
}

function Editor(props: EditorProps) {
  const { answer, mark, at, onEdit, onShow } = props;
  const change = (made: Partial<Mark>) => onEdit(withFindingAt(answer, at, made));
  const remove = () => {
    onEdit(withoutFinding(answer, at));
    onShow({ finding: null });
  };
  return (
    <div class="finding-editor">
      <div class="row">
        <b>{at + 1}</b>
        <select
          class="input"
          id="finding-kind"
          aria-label="Kind"
          value={mark.kind}
          onChange={(event) => change({ kind: event.currentTarget.value as FindingKind })}
        >
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {KIND_WORD[kind]}
            </option>
          ))}
        </select>
        <RootChoice {...props} change={change} />
      </div>
      <SideChoice {...props} change={change} />
      <Lengths {...props} />
      <div class="row spread">
        <span class="hint">
          {mark.row == null
            ? `Place not marked (${keyOf(props.bindings, "mark")})`
            : `Marked on image ${(mark.image ?? 0) + 1}`}
        </span>
        <Button small look="danger" onClick={remove}>
          Remove
        </Button>
      </div>
    </div>
  );
}

interface ChoiceProps extends EditorProps {
  readonly change: (made: Partial<Mark>) => void;
}

function RootChoice({ mark, change }: ChoiceProps) {
  const set = (text: string) => change({ segment: text === "" ? null : (text as Segment) });
  return (
    <select
      class="input root"
      id="finding-root"
      aria-label="Root"
      value={mark.segment ?? ""}
      onChange={(event) => set(event.currentTarget.value)}
    >
      <option value="">root ?</option>
      {rootsOf(mark.region).map((root) => (
        <option key={root} value={root}>
          {root}
        </option>
      ))}
    </select>
  );
}

function SideChoice({ mark, change }: ChoiceProps) {
  const choose = (side: Side) => change({ side });
  return (
    <fieldset class="sides" aria-label="Side">
      {SIDES.map((side) => (
        <Button key={side} small aria-pressed={mark.side === side} onClick={() => choose(side)}>
          {side === "unknown" ? "?" : capital(side)}
        </Button>
      ))}
    </fieldset>
  );
}

function Lengths({ answer, mark, at, trial, onEdit, onMeasure }: EditorProps) {
  const { calipers } = trial.protocol;
  const given = regionOf(answer, mark.region);
  const shows = calipers === "always" || (calipers === "after-own-grade" && given.grade !== null);
  return (
    <div class="lengths">
      {MEASURES.map(([field, title]) => (
        <div key={field} class="field">
          <label for={`${field}-${at}`}>{title}, mm</label>
          <div class="row">
            <input
              id={`${field}-${at}`}
              class="input"
              type="number"
              min="0"
              max="500"
              step="0.1"
              value={mark[field] ?? ""}
              onInput={(event) => {
                const text = event.currentTarget.value;
                onEdit(withFindingAt(answer, at, { [field]: text === "" ? null : Number(text) }));
              }}
            />
            <Button
              small
              aria-label={`Measure ${title} on the image`}
              title="Measure on the image"
              onClick={() => onMeasure(field)}
            >
              ↔
            </Button>
          </div>
        </div>
      ))}
      {shows && given.proposed !== null && (
        <p class="hint">By the scale these lengths imply grade {given.proposed}.</p>
      )}
    </div>
  );
}
