import { capital, GRADES, KIND_WORD, REGIONS, rootsOf, SIDES } from "../answer/words";
import type {
  Evidence,
  FindingKind,
  Grade,
  Judgement,
  LookOut,
  Mark,
  Region,
  Segment,
} from "../api/records";
import { Button, GradeMark, Key } from "../parts/basics";
import { lineOf } from "../reading/findings";
import {
  type Chosen,
  type Given,
  judgedOf,
  withAdded,
  withAddedAt,
  withChange,
  withJudgement,
  withoutAdded,
  withRegion,
} from "./model";

export interface LookFormProps {
  readonly look: LookOut;
  readonly given: Given;
  readonly chosen: Chosen | null;
  readonly onChoose: (chosen: Chosen | null) => void;
  readonly onChange: (given: Given) => void;
  /** The next click on an image gives the place of the chosen finding. */
  readonly onPlace: () => void;
}

/** What the algorithm found, finding by finding, and what one says of it. */
export function LookForm(props: LookFormProps) {
  const { look, given, onChange } = props;
  return (
    <form class="form" aria-label="Second look" onSubmit={(event) => event.preventDefault()}>
      <p>{look.conclusion}</p>
      <Limits limits={look.limits} />
      <Findings {...props} />
      <Regions {...props} />
      <section class="field">
        <label for="comment">Comment</label>
        <textarea
          id="comment"
          class="input"
          rows={2}
          maxLength={4000}
          value={given.comment}
          onInput={(event) => onChange({ ...given, comment: event.currentTarget.value })}
        />
      </section>
    </form>
  );
}

function Limits({ limits }: { readonly limits: readonly string[] }) {
  if (limits.length === 0) {
    return null;
  }
  return (
    <details>
      <summary>What limits it ({limits.length})</summary>
      <ul class="small muted limits">
        {limits.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
    </details>
  );
}

function Findings(props: LookFormProps) {
  const { look, given, onChoose, onChange, onPlace } = props;
  const add = () => {
    onChoose({ own: true, at: given.added.length });
    onChange(withAdded(given, { kind: "leak", region: "thoracic", side: "unknown" }));
    onPlace();
  };
  return (
    <section class="findings" aria-label="Findings">
      <div class="row spread">
        <h3>Findings</h3>
        <Button small look="quiet" onClick={add}>
          Add
        </Button>
      </div>
      {look.evidence.length === 0 && <p class="hint">The algorithm found none.</p>}
      <ol>
        {look.evidence.map((found, at) => (
          <Found key={found.finding} {...props} found={found} at={at} />
        ))}
        {given.added.map((mark, at) => (
          <Own key={`own-${at}`} {...props} mark={mark} at={at} />
        ))}
      </ol>
    </section>
  );
}

const JUDGEMENTS: readonly (readonly [Judgement, string, string])[] = [
  ["accepted", "Accept", "A"],
  ["changed", "Change", "G"],
  ["rejected", "Reject", "X"],
];

interface FoundProps extends LookFormProps {
  readonly found: Evidence;
  readonly at: number;
}

function Found(props: FoundProps) {
  const { found, at, given, chosen, onChoose, onChange } = props;
  const said = judgedOf(given, found.finding);
  const mark = said?.mark ?? found.mark;
  const isChosen = chosen !== null && !chosen.own && chosen.at === at;
  return (
    <li
      class={`evidence ${isChosen ? "chosen" : ""} ${said?.judgement ?? "open"}`}
      onFocusCapture={() => onChoose({ own: false, at })}
    >
      <button type="button" class="finding-line" onClick={() => onChoose({ own: false, at })}>
        <b>{at + 1}</b>
        <span>{lineOf(mark)}</span>
        <span class="push">
          <GradeMark grade={mark.grade ?? null} />
        </span>
      </button>
      {isChosen && <Why found={found} />}
      <fieldset class="row">
        <legend class="only-read">Finding {at + 1}</legend>
        {JUDGEMENTS.map(([judgement, words, key]) => (
          <Button
            small
            key={judgement}
            aria-pressed={said?.judgement === judgement}
            onClick={() => onChange(withJudgement(given, found, judgement))}
          >
            {words} {isChosen && <Key>{key}</Key>}
          </Button>
        ))}
      </fieldset>
      {said?.judgement === "changed" && (
        <MarkEditor
          mark={mark}
          name={`Finding ${at + 1}`}
          onChange={(change) => onChange(withChange(given, found, change))}
        />
      )}
    </li>
  );
}

/** The numbers and the rule behind a finding. */
function Why({ found }: { readonly found: Evidence }) {
  const { mark, ratio, pattern, rule } = found;
  const lengths: readonly (readonly [string, number | null | undefined])[] = [
    ["reach", mark.reach_mm],
    ["extent", mark.extent_mm],
    ["sac width", mark.sac_width_mm],
  ];
  const measured = lengths
    .filter(([, mm]) => mm != null)
    .map(([name, mm]) => `${name} ${mm?.toFixed(1)} mm`);
  const numbers = ratio === null ? measured : [...measured, `ratio ${ratio.toFixed(2)}`];
  return (
    <div class="small why">
      <p>{capital(rule)}.</p>
      <p class="muted">{[...pattern, ...numbers].join(", ")}</p>
    </div>
  );
}

interface OwnProps extends LookFormProps {
  readonly mark: Mark;
  readonly at: number;
}

/** A finding that the algorithm has not. */
function Own({ look, mark, at, given, onChoose, onChange, onPlace }: OwnProps) {
  const number = look.evidence.length + at + 1;
  const choose = () => onChoose({ own: true, at });
  return (
    <li class="evidence chosen changed" onFocusCapture={choose}>
      <div class="row spread">
        <span>
          <b>{number}</b> <span class="muted">added by you</span>
        </span>
        <span class="row">
          <Button small onClick={onPlace}>
            {mark.row == null ? "Mark its place" : "Mark it again"}
          </Button>
          <Button
            small
            look="danger"
            onClick={() => {
              onChange(withoutAdded(given, at));
              onChoose(null);
            }}
          >
            Remove
          </Button>
        </span>
      </div>
      <MarkEditor
        mark={mark}
        name={`Finding ${number}`}
        onChange={(change) => onChange(withAddedAt(given, at, change))}
      />
    </li>
  );
}

interface EditorProps {
  readonly mark: Mark;
  readonly name: string;
  readonly onChange: (change: Partial<Mark>) => void;
}

const KINDS = Object.keys(KIND_WORD) as FindingKind[];

/** What a finding is, and where. */
function MarkEditor({ mark, name, onChange }: EditorProps) {
  return (
    <div class="stack-small">
      <div class="row">
        <Choice
          label={`${name}: kind`}
          value={mark.kind}
          all={KINDS.map((kind) => [kind, KIND_WORD[kind]])}
          onChoose={(kind) => onChange({ kind: kind as FindingKind })}
        />
        <Choice
          label={`${name}: grade`}
          value={mark.grade == null ? "" : String(mark.grade)}
          all={[["", "grade ?"], ...GRADES.map((each) => [String(each), `grade ${each}`] as const)]}
          onChoose={(text) => onChange({ grade: text === "" ? null : (Number(text) as Grade) })}
        />
      </div>
      <div class="row">
        <Choice
          label={`${name}: region`}
          value={mark.region}
          all={REGIONS.map((region) => [region, capital(region)])}
          onChoose={(region) => onChange({ region: region as Region, segment: null })}
        />
        <Choice
          label={`${name}: root`}
          value={mark.segment ?? ""}
          all={[["", "root ?"], ...rootsOf(mark.region).map((root) => [root, root] as const)]}
          onChoose={(root) => onChange({ segment: root === "" ? null : (root as Segment) })}
        />
      </div>
      <fieldset class="sides" aria-label={`${name}: side`}>
        {SIDES.map((side) => (
          <Button
            key={side}
            small
            aria-pressed={mark.side === side}
            onClick={() => onChange({ side })}
          >
            {side === "unknown" ? "?" : capital(side)}
          </Button>
        ))}
      </fieldset>
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly all: readonly (readonly [string, string])[];
  readonly onChoose: (value: string) => void;
}

function Choice({ label, value, all, onChoose }: ChoiceProps) {
  return (
    <select
      class="input"
      aria-label={label}
      value={value}
      onChange={(event) => onChoose(event.currentTarget.value)}
    >
      {all.map(([each, words]) => (
        <option key={each} value={each}>
          {words}
        </option>
      ))}
    </select>
  );
}

/** The grades that follow; one may give another. */
function Regions({ look, given, onChange }: LookFormProps) {
  return (
    <section aria-label="Grades">
      <table>
        <thead>
          <tr>
            <th>Region</th>
            <th>Algorithm</th>
            <th>Now</th>
            <th>Yours</th>
          </tr>
        </thead>
        <tbody>
          {look.regions.map(({ region, automatic, grade, reason }) => (
            <tr key={region} title={reason ?? ""}>
              <th scope="row">{capital(region)}</th>
              <td>
                <GradeMark grade={automatic} />
              </td>
              <td>
                <GradeMark grade={grade} />
              </td>
              <td>
                <Choice
                  label={`Grade of the ${region} region`}
                  value={String(given.regions[region]?.grade ?? "")}
                  all={[["", "follows"], ...GRADES.map((each) => [`${each}`, `${each}`] as const)]}
                  onChoose={(text) =>
                    onChange(
                      withRegion(given, region, text === "" ? null : (Number(text) as Grade)),
                    )
                  }
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
