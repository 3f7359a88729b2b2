import type {
  Evidence,
  Grade,
  Judged,
  Judgement,
  Mark,
  Region,
  RegionAnswer,
  SecondLook,
} from "../api/records";

/** Everything that a person said, no field left open. */
export interface Given {
  readonly findings: readonly Judged[];
  readonly added: readonly Mark[];
  readonly regions: Readonly<Partial<Record<Region, RegionAnswer>>>;
  readonly comment: string;
}

/** A finding in the list: one of the algorithm's, or one that was added. */
export type Chosen = { readonly own: boolean; readonly at: number };

/** Return what the server keeps with every field. */
export function givenOf(kept: SecondLook): Given {
  const { findings = [], added = [], regions = {}, comment = "" } = kept;
  return { findings, added, regions, comment };
}

/** Return what was said of a finding; `null` where nothing was. */
export function judgedOf(given: Given, finding: string): Judged | null {
  return given.findings.find((each) => each.finding === finding) ?? null;
}

/** Judge a finding; the same judgement again takes it back. A change begins with what was found. */
export function withJudgement(given: Given, { finding, mark }: Evidence, judgement: Judgement) {
  const before = judgedOf(given, finding);
  const others = given.findings.filter((each) => each.finding !== finding);
  if (before?.judgement === judgement) {
    return { ...given, findings: others };
  }
  const made = judgement === "changed" ? { finding, judgement, mark } : { finding, judgement };
  return { ...given, findings: [...others, made] };
}

/** Say what a finding is instead. */
export function withChange(given: Given, { finding, mark }: Evidence, change: Partial<Mark>) {
  const before = judgedOf(given, finding);
  const made = { ...(before?.mark ?? mark), ...change };
  const others = given.findings.filter((each) => each.finding !== finding);
  const judgement = "changed" as const;
  return { ...given, findings: [...others, { finding, judgement, mark: made }] };
}

export function withAdded(given: Given, mark: Mark): Given {
  return { ...given, added: [...given.added, mark] };
}

export function withAddedAt(given: Given, at: number, change: Partial<Mark>): Given {
  const added = given.added.map((mark, own) => (own === at ? { ...mark, ...change } : mark));
  return { ...given, added };
}

export function withoutAdded(given: Given, at: number): Given {
  return { ...given, added: given.added.filter((_, own) => own !== at) };
}

/** Give a region's grade oneself; `null` lets it follow from the findings again. */
export function withRegion(given: Given, region: Region, grade: Grade | null): Given {
  const { [region]: _, ...others } = given.regions;
  return { ...given, regions: grade === null ? others : { ...others, [region]: { grade } } };
}

/** The border of an automatic finding, and what was said of it. */
export interface Outline {
  readonly image: number;
  readonly points: readonly (readonly number[])[];
  readonly look: Judgement | "open";
  readonly chosen: boolean;
}

/** Return the borders to draw. */
export function outlinesOf(
  evidence: readonly Evidence[],
  given: Given,
  chosen: Chosen | null,
): readonly Outline[] {
  return evidence.flatMap(({ finding, mark, outline }, at) => {
    if (mark.image == null || outline.length < 3) {
      return [];
    }
    const look = judgedOf(given, finding)?.judgement ?? ("open" as const);
    const isChosen = chosen !== null && !chosen.own && chosen.at === at;
    return [{ image: mark.image, points: outline, look, chosen: isChosen }];
  });
}

/** Return the marks to draw, in the order of the list; what was rejected has none. */
export function marksOf(evidence: readonly Evidence[], given: Given): readonly (Mark | null)[] {
  const automatic = evidence.map(({ finding, mark }) => {
    const said = judgedOf(given, finding);
    return said?.judgement === "rejected" ? null : (said?.mark ?? mark);
  });
  return [...automatic, ...given.added];
}
