import {
  type FullAnswer,
  impliedGrade,
  regionOf,
  withFinding,
  withFindingAt,
  withGrade,
  withProposal,
  withReason,
} from "../answer/answer";
import { REASONS } from "../answer/words";
import type { Grade, Mark, Region, Side } from "../api/records";
import type { Action } from "../keys/bindings";
import type { Shown } from "./model";

const SIDE_OF: Readonly<Partial<Record<Action, Side>>> = {
  "side-right": "right",
  "side-left": "left",
  "side-midline": "midline",
};
const GRADE_OF: Readonly<Partial<Record<Action, Grade>>> = {
  "grade-0": 0,
  "grade-1": 1,
  "grade-2": 2,
  "grade-3": 3,
};
const REGION_OF: Readonly<Partial<Record<Action, Region>>> = {
  cervical: "cervical",
  thoracic: "thoracic",
  lumbar: "lumbar",
};

/** What an action does to the answer and to what is chosen; `null` where it does nothing to either. */
export interface Outcome {
  readonly answer?: FullAnswer;
  readonly shown?: Partial<Shown>;
}

/** Return what an action that grades or marks does. */
export function outcomeOf(action: Action, answer: FullAnswer, shown: Shown): Outcome | null {
  const region = REGION_OF[action];
  if (region !== undefined) {
    return { shown: { region } };
  }
  const grade = GRADE_OF[action];
  if (grade !== undefined) {
    return { answer: withGrade(answer, shown.region, grade) };
  }
  const side = SIDE_OF[action];
  if (side !== undefined) {
    return sided(answer, shown, side);
  }
  if (action === "not-assessable") {
    return { answer: withReason(answer, shown.region, REASONS[0] ?? "") };
  }
  return action === "finding" ? found(answer, shown.region) : null;
}

function sided(answer: FullAnswer, { finding }: Shown, side: Side): Outcome {
  return finding === null ? {} : { answer: withFindingAt(answer, finding, { side }) };
}

function found(answer: FullAnswer, region: Region): Outcome {
  const mark: Mark = { kind: "leak", region, side: "unknown" };
  return { answer: withFinding(answer, mark), shown: { finding: answer.findings.length } };
}

/** Put the place of a finding; without a chosen finding it begins one. */
export function placed(
  answer: FullAnswer,
  shown: Shown,
  at: Required<Pick<Mark, "image" | "row" | "column">>,
): Outcome {
  if (shown.finding !== null) {
    return { answer: withFindingAt(answer, shown.finding, at) };
  }
  const begun = found(answer, shown.region);
  const made = withFindingAt(begun.answer ?? answer, answer.findings.length, at);
  return { ...begun, answer: made };
}

/** Put a measured length; where the protocol lets calipers imply a grade, keep it beside the own. */
export function measured(
  answer: FullAnswer,
  finding: number,
  length: Partial<Mark>,
  calipers: string,
): FullAnswer {
  const made = withFindingAt(answer, finding, length);
  const mark = made.findings[finding];
  const implied = mark === undefined ? null : impliedGrade(mark);
  if (mark === undefined || implied === null || calipers === "never") {
    return made;
  }
  const graded = regionOf(made, mark.region).grade !== null;
  return calipers === "always" || graded ? withProposal(made, mark.region, implied) : made;
}
