import { type FullAnswer, withComment } from "../answer/answer";
import type { ReadOut, Region, TrialOut } from "../api/records";
import type { Action, Binding } from "../keys/bindings";
import { Findings } from "./findings";
import type { Measure, Shown } from "./model";
import { RegionRow } from "./region";

/** What the parts of the form share. */
export interface FormProps {
  readonly trial: TrialOut;
  readonly read: ReadOut;
  readonly answer: FullAnswer;
  readonly bindings: readonly Binding[];
  readonly region: Region;
  readonly finding: number | null;
  readonly readOnly: boolean;
  readonly onAct: (action: Action) => void;
  readonly onEdit: (answer: FullAnswer) => void;
  readonly onShow: (made: Partial<Shown>) => void;
  readonly onMeasure: (field: Measure) => void;
}

/** The form beside the images. */
export function Form(props: FormProps) {
  const { trial, answer, readOnly, onEdit } = props;
  return (
    <form class="form" aria-label="Your reading" onSubmit={(event) => event.preventDefault()}>
      <section class="regions" aria-label="Regions">
        {trial.protocol.regions?.map((region) => (
          <RegionRow key={region} {...props} own={region} />
        ))}
      </section>
      <Findings {...props} />
      <section class="field">
        <label for="comment">Comment</label>
        <textarea
          id="comment"
          class="input"
          rows={2}
          maxLength={4000}
          readOnly={readOnly}
          value={answer.comment}
          onInput={(event) => onEdit(withComment(answer, event.currentTarget.value))}
        />
      </section>
    </form>
  );
}
