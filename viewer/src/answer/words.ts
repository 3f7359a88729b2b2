import type { FindingKind, Grade, Region, Segment, Side, Status, Technique } from "../api/records";

export const REGIONS: readonly Region[] = ["cervical", "thoracic", "lumbar"];
export const GRADES: readonly Grade[] = [0, 1, 2, 3];
export const SIDES: readonly Side[] = ["right", "left", "midline", "unknown"];

export const REGION_LETTER: Readonly<Record<Region, string>> = {
  cervical: "C",
  thoracic: "T",
  lumbar: "L",
};

export const GRADE_WORD: Readonly<Record<Grade, string>> = {
  0: "none",
  1: "possible",
  2: "probable",
  3: "definite",
};

/** The scale in a sentence a grade, for MR myelography (first) and cisternography. */
export const GRADE_RULE: Readonly<Record<Technique, Readonly<Record<Grade, string>>>> = {
  "mr-myelography": {
    0: "normal column and sleeves",
    1: "triangular expansion of the column at a sleeve",
    2: "streaks lateral to the sleeve, no longer than the sac is wide",
    3: "profuse signal lateral to the sleeve, longer than the sac is wide",
  },
  "radioisotope-cisternography": {
    0: "no paraspinal activity",
    1: "faint paraspinal activity",
    2: "hot activity, no longer than the canal is wide",
    3: "hot activity, longer than the canal is wide",
  },
};

export const KIND_WORD: Readonly<Record<FindingKind, string>> = {
  leak: "Sign of a leak",
  "perineurial-cyst": "Perineurial cyst",
  meningocele: "Meningocele",
  "epidural-collection": "Epidural collection",
  "other-fluid": "Other fluid",
};

export const STATUS_WORD: Readonly<Record<Status, string>> = {
  assigned: "Not begun",
  started: "Begun",
  saved: "In progress",
  locked: "Locked",
  amending: "Being amended",
};

export const TECHNIQUE_WORD: Readonly<Record<Technique, string>> = {
  "mr-myelography": "MR myelography",
  "radioisotope-cisternography": "Cisternography",
};

/** Reasons that are offered where a region is not assessable. */
export const REASONS: readonly string[] = [
  "not covered by the images",
  "motion",
  "metal artefact",
  "too little signal",
  "overlap of other fluid",
];

const FIRST: Readonly<Record<Region, readonly [string, number, number][]>> = {
  cervical: [["C", 1, 7]],
  thoracic: [
    ["C", 8, 8],
    ["T", 1, 12],
  ],
  lumbar: [
    ["T", 12, 13],
    ["L", 1, 6],
    ["S", 1, 5],
  ],
};

/** Return the roots that may lie in a region (T12 leaves at T12/L1, and so may count as lumbar). */
export function rootsOf(region: Region): readonly Segment[] {
  return FIRST[region].flatMap(([letter, from, to]) =>
    Array.from({ length: to - from + 1 }, (_, step) => `${letter}${from + step}` as Segment),
  );
}

/** Return a duration as minutes and seconds. */
export function minutes(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Return a word with a capital. */
export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Return a count with its noun. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
