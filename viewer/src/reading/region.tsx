import { regionOf, withConfidence, withGrade, withReason } from "../answer/answer";
import { capital, GRADE_RULE, GRADE_WORD, GRADES, REASONS } from "../answer/words";
import type { Region } from "../api/records";
import { keyOf } from "../keys/bindings";
import { Key } from "../parts/basics";
import type { FormProps } from "./form";

interface RegionProps extends FormProps {
  readonly own: Region;
}

/** One region: its grade or why it has none, and how sure the reader is. */
export function RegionRow(props: RegionProps) {
  const { own, region, read, answer, bindings, readOnly, onEdit, onShow } = props;
  const given = regionOf(answer, own);
  const chosen = own === region;
  const rule = given.grade === null || !chosen ? null : GRADE_RULE[read.technique][given.grade];
  return (
    <div class={`region ${chosen ? "chosen" : ""}`} onFocusCapture={() => onShow({ region: own })}>
      <div class="row spread">
        <button
          type="button"
          class="region-name"
          aria-pressed={chosen}
          onClick={() => onShow({ region: own })}
        >
          {capital(own)} <Key>{keyOf(bindings, own)}</Key>
        </button>
        {given.proposed !== null && <span class="hint">calipers imply grade {given.proposed}</span>}
      </div>
      <div class="grades" role="radiogroup" aria-label={`Grade, ${own}`}>
        {GRADES.map((grade) => (
          <label key={grade} class={`grade-key grade-${grade}`}>
            <input
              type="radio"
              class="only-read"
              name={`grade-${own}`}
              checked={given.grade === grade}
              disabled={readOnly}
              onChange={() => {
                onShow({ region: own });
                onEdit(withGrade(answer, own, grade));
              }}
            />
            <b>{grade}</b>
            <span>{GRADE_WORD[grade]}</span>
          </label>
        ))}
        <NotAssessable {...props} />
      </div>
      {given.reason !== null && <Reason {...props} />}
      {rule !== null && <p class="hint">{rule}</p>}
      {given.grade !== null && <Confidence {...props} />}
    </div>
  );
}

function NotAssessable({ own, answer, readOnly, onEdit, onShow }: RegionProps) {
  const given = regionOf(answer, own);
  const choose = () => {
    onShow({ region: own });
    onEdit(withReason(answer, own, given.reason ?? REASONS[0] ?? ""));
  };
  return (
    <label class="grade-key">
      <input
        type="radio"
        class="only-read"
        name={`grade-${own}`}
        checked={given.reason !== null}
        disabled={readOnly}
        onChange={choose}
      />
      <b>n/a</b>
      <span>can't say</span>
    </label>
  );
}

function Reason({ own, answer, readOnly, onEdit }: RegionProps) {
  const given = regionOf(answer, own);
  return (
    <>
      <input
        class="input"
        list="reasons"
        aria-label={`Why ${own} is not assessable`}
        placeholder="why it is not assessable"
        maxLength={4000}
        readOnly={readOnly}
        value={given.reason ?? ""}
        onInput={(event) => onEdit(withReason(answer, own, event.currentTarget.value))}
      />
      <datalist id="reasons">
        {REASONS.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </>
  );
}

function Confidence({ own, answer, readOnly, onEdit }: RegionProps) {
  const given = regionOf(answer, own);
  const say = (text: string) =>
    onEdit(withConfidence(answer, own, text === "" ? null : Number(text)));
  const name = `Confidence that ${own} shows a leak, 0 to 100`;
  return (
    <div class="confidence">
      <span class="label">Confidence of a leak</span>
      <input
        type="range"
        min="0"
        max="100"
        step="5"
        tabIndex={-1}
        aria-label={`${name}, slider`}
        disabled={readOnly}
        class={given.confidence === null ? "unset" : ""}
        value={given.confidence ?? 50}
        onInput={(event) => say(event.currentTarget.value)}
      />
      <input
        id={`confidence-${own}`}
        class="input"
        type="number"
        min="0"
        max="100"
        aria-label={name}
        placeholder="–"
        readOnly={readOnly}
        value={given.confidence ?? ""}
        onInput={(event) => say(event.currentTarget.value)}
      />
    </div>
  );
}
