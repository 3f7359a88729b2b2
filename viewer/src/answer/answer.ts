import type { Answer, Grade, Mark, Region, RegionAnswer } from "../api/records";

/** What a reader fills in, nothing left open: every field is there. */
export interface FullRegion {
  readonly grade: Grade | null;
  readonly reason: string | null;
  readonly proposed: Grade | null;
  readonly confidence: number | null;
}

/** An answer with every field. */
export interface FullAnswer {
  readonly regions: Readonly<Partial<Record<Region, FullRegion>>>;
  readonly findings: readonly Mark[];
  readonly comment: string;
}

export const EMPTY: FullAnswer = { regions: {}, findings: [], comment: "" };
const NOTHING: FullRegion = { grade: null, reason: null, proposed: null, confidence: null };

/** Return an answer of the server with every field. */
export function full(answer: Answer | null): FullAnswer {
  if (answer === null) {
    return EMPTY;
  }
  const regions: Partial<Record<Region, FullRegion>> = {};
  for (const [region, given] of Object.entries(answer.regions ?? {})) {
    regions[region as Region] = fullRegion(given);
  }
  return { regions, findings: answer.findings ?? [], comment: answer.comment ?? "" };
}

function fullRegion(given: RegionAnswer): FullRegion {
  return {
    grade: given.grade ?? null,
    reason: given.reason ?? null,
    proposed: given.proposed ?? null,
    confidence: given.confidence ?? null,
  };
}

/** Return what was said of a region. */
export function regionOf(answer: FullAnswer, region: Region): FullRegion {
  return answer.regions[region] ?? NOTHING;
}

/** Return whether a region has a grade or a reason for none. */
export function isAnswered(given: FullRegion): boolean {
  return given.grade !== null || given.reason !== null;
}

function changed(answer: FullAnswer, region: Region, change: Partial<FullRegion>): FullAnswer {
  const made = { ...regionOf(answer, region), ...change };
  return { ...answer, regions: { ...answer.regions, [region]: made } };
}

/** Grade a region; a reason for not grading it goes. */
export function withGrade(answer: FullAnswer, region: Region, grade: Grade): FullAnswer {
  return changed(answer, region, { grade, reason: null });
}

/** Say why a region is not assessable; its grade and confidence go. An empty reason is none. */
export function withReason(answer: FullAnswer, region: Region, reason: string): FullAnswer {
  const kept = reason.trim() === "" ? null : reason;
  return changed(answer, region, { grade: null, confidence: null, proposed: null, reason: kept });
}

/** Say how sure one is, 0-100, that a region shows the sign of a leak. */
export function withConfidence(
  answer: FullAnswer,
  region: Region,
  confidence: number | null,
): FullAnswer {
  const kept = confidence === null ? null : Math.min(100, Math.max(0, Math.round(confidence)));
  return changed(answer, region, { confidence: kept });
}

/** Keep the grade that calipers imply beside the reader's own. */
export function withProposal(answer: FullAnswer, region: Region, grade: Grade): FullAnswer {
  return changed(answer, region, { proposed: grade });
}

export function withComment(answer: FullAnswer, comment: string): FullAnswer {
  return { ...answer, comment };
}

export function withFinding(answer: FullAnswer, mark: Mark): FullAnswer {
  return { ...answer, findings: [...answer.findings, mark] };
}

/** Change the finding at an index. */
export function withFindingAt(
  answer: FullAnswer,
  index: number,
  change: Partial<Mark>,
): FullAnswer {
  const findings = answer.findings.map((mark, at) =>
    at === index ? { ...mark, ...change } : mark,
  );
  return { ...answer, findings };
}

/** Take the finding at an index away. */
export function withoutFinding(answer: FullAnswer, index: number): FullAnswer {
  return { ...answer, findings: answer.findings.filter((_, at) => at !== index) };
}

/** Return whether two answers say the same, whatever the order of their fields. */
export function isSame(one: FullAnswer, other: FullAnswer): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, found: unknown) => {
    if (typeof found !== "object" || found === null || Array.isArray(found)) {
      return found;
    }
    const pairs = Object.entries(found).filter(([, each]) => each !== null && each !== undefined);
    return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Return the grade that lengths imply by the scale: streaks as long as the sac is wide are 2. */
export function impliedGrade(mark: Mark): Grade | null {
  const { extent_mm: extent, sac_width_mm: width } = mark;
  if (mark.kind !== "leak" || extent == null || width == null || width <= 0) {
    return null;
  }
  return extent > width ? 3 : 2;
}
