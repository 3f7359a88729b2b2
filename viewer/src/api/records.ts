// Written by viewer/records.py from the server's OpenAPI; edit the server, not this file.

/** An account. */
export interface AccountOut {
  readonly id: string;
  readonly name: string;
  readonly administrator: boolean;
  readonly disabled: boolean;
}

/** Why a locked read is reopened. */
export interface Amendment {
  readonly reason: string;
}

/** Everything a reader said about one examination. */
export interface Answer {
  readonly regions?: Readonly<Partial<Record<Region, RegionAnswer>>>;
  readonly findings?: readonly Mark[];
  readonly comment?: string;
}

/** A row of the audit log without its payload. */
export interface AuditRow {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly trial: string | null;
  readonly kind: string;
  readonly mac: string;
}

/** The number of the draft that is to be locked. */
export interface Base {
  readonly base: number;
}

/** A case as those who run the trial see it: its number and its examinations. */
export interface CaseLine {
  readonly id: string;
  readonly examinations: number;
  readonly images: number;
}

/** A case after unblinding. */
export interface CaseOut {
  readonly id: string;
  readonly truth: boolean;
  readonly examinations: readonly ExaminationOut[];
}

/** A page of the cases. */
export interface CasePage {
  readonly total: number;
  readonly offset: number;
  readonly cases: readonly CaseLine[];
}

/** What one reader said of an examination; `repeat` counts from 0. */
export interface CaseRead {
  readonly reader: string;
  readonly kind: ReaderKind;
  readonly repeat: number;
  readonly answer: Answer;
}

/** When two locked reads of one examination go to the adjudicator. */
export type Discordance = "never" | "call" | "grade";

/** It is done. */
export interface Done {
  readonly done?: boolean;
}

/** A dossier as `myeloscope dossier` makes it: HTML page, JSON record, summary in lines. */
export interface DossierOut {
  readonly page: string;
  readonly record: string;
  readonly summary: readonly string[];
}

/** An answer to save; `base` is the number of the draft it was made from. */
export interface Draft {
  readonly base: number;
  readonly answer: Answer;
  readonly active_s?: number;
  readonly idle_s?: number;
}

/** What an automatic finding rests on. */
export interface Evidence {
  readonly finding: string;
  readonly mark: Mark;
  readonly ratio: number | null;
  readonly pattern: readonly Pattern[];
  readonly rule: string;
  readonly outline: readonly (readonly number[])[];
}

/** An examination with what every reader said of it. */
export interface ExaminationOut {
  readonly technique: Technique;
  readonly visit: number;
  readonly study: ImageStudy;
  readonly reads: readonly CaseRead[];
}

/** What a finding is; `leak` means the sign of a leak on the image. */
export type FindingKind = "leak" | "perineurial-cyst" | "meningocele" | "epidural-collection" | "other-fluid";

/** Grade of a spinal level, 0-3, of either technique (PAPER, "The grading scale"). */
export type Grade = 0 | 1 | 2 | 3;

/** The end of the audit log, `seq:mac`. */
export interface HeadOut {
  readonly head: string;
}

/** What a reader does not see beside the images of the read. */
export type Hidden = "clinical" | "priors";

/** A study of images as this read shows it; `uid` means nothing outside the read. */
export interface ImageStudy {
  readonly uid: string;
  readonly images: number;
}

/** An account and the secret of its one-time link `/set-up#SECRET`, valid an hour. */
export interface Invitation {
  readonly account: AccountOut;
  readonly secret: string;
}

/** A judgement of one automatic finding; `mark` is what it is instead, if it was changed. */
export interface Judged {
  readonly finding: string;
  readonly judgement: Judgement;
  readonly mark?: Mark | null;
}

/** What a person says of an automatic finding. */
export type Judgement = "accepted" | "changed" | "rejected";

/** Name and password. */
export interface Login {
  readonly name: string;
  readonly password: string;
}

/** A study that is open for a second look; `left` counts findings that nobody judged yet. */
export interface LookLine {
  readonly id: string;
  readonly begun: string;
  readonly technique: Technique;
  readonly study_uid: string;
  readonly left: number;
}

/** A study with its automatic reading, what a person said of it, and what follows. */
export interface LookOut {
  readonly id: string;
  readonly technique: Technique;
  readonly study_uid: string;
  readonly study: ImageStudy;
  readonly evidence: readonly Evidence[];
  readonly conclusion: string;
  readonly limits: readonly string[];
  readonly sac_median: number | null;
  readonly given: SecondLook;
  readonly regions: readonly RegionGrade[];
  readonly left: readonly string[];
}

/** A finding that a reader marked; lengths from calipers, mm, where they were used. */
export interface Mark {
  readonly kind: FindingKind;
  readonly region: Region;
  readonly side: Side;
  readonly segment?: Segment | null;
  readonly grade?: Grade | null;
  readonly sac_width_mm?: number | null;
  readonly reach_mm?: number | null;
  readonly extent_mm?: number | null;
  readonly image?: number | null;
  readonly row?: number | null;
  readonly column?: number | null;
}

/** Who is logged in; `csrf` goes into the header `X-CSRF-Token` of every change. */
export interface Me {
  readonly id: string;
  readonly name: string;
  readonly administrator: boolean;
  readonly csrf: string;
  readonly expires: string;
}

/** What must be filled in before a read can be locked, beside a grade or reason per region. */
export type Needed = "confidence" | "findings" | "comment";

/** The name of an account to make, and whether it administers the server. */
export interface NewAccount {
  readonly name: string;
  readonly administrator?: boolean;
}

/** A trial to create; `leads` are accounts' ids. */
export interface NewTrial {
  readonly title: string;
  readonly leads: readonly string[];
  readonly protocol?: Protocol;
}

/** An OpenID identity: issuer and subject, never a name or address. */
export interface OpenIdentity {
  readonly issuer: string;
  readonly subject: string;
}

/** How strictly a reader keeps to the allocated order. */
export type Order = "enforced" | "free-in-block";

/** The old password and the new one. */
export interface PasswordChange {
  readonly old: string;
  readonly new: string;
}

/** Visible form of the signal of a finding. */
export type Pattern = "triangle" | "streaks" | "reticular" | "haze" | "round";

/** Phase of a trial, in the order in which they follow each other. */
export type Phase = "draft" | "open" | "locked" | "unblinded" | "archived";

/** Why something was refused: rule, what was found, where, what to do. */
export interface Problem {
  readonly rule: string;
  readonly value: string;
  readonly place: string;
  readonly remedy: string;
}

/** How far one reader is. */
export interface ProgressOut {
  readonly reader: string;
  readonly kind: string;
  readonly reads: number;
  readonly begun: number;
  readonly locked: number;
  readonly active_s: number;
  readonly idle_s: number;
}

/** What is read, how, and what stays hidden. */
export interface Protocol {
  readonly techniques?: readonly Technique[];
  readonly regions?: readonly Region[];
  readonly scales?: readonly string[];
  readonly required?: readonly Needed[];
  readonly hidden?: readonly Hidden[];
  readonly order?: Order;
  readonly block_size?: number;
  readonly washout_days?: number;
  readonly repeats?: number;
  readonly algorithm?: Shown;
  readonly calipers?: Shown;
  readonly adjudication?: Discordance;
}

/** A line of the work list. */
export interface ReadLine {
  readonly id: string;
  readonly technique: Technique;
  readonly position: number;
  readonly block: number;
  readonly status: Status;
  readonly number: number;
  readonly ready: boolean;
  readonly active_s: number;
}

/** One of my reads; `gaps` says what the lock still needs; a panel has several `members`. */
export interface ReadOut {
  readonly id: string;
  readonly technique: Technique;
  readonly position: number;
  readonly block: number;
  readonly status: Status;
  readonly number: number;
  readonly draft: Answer | null;
  readonly revisions: readonly RevisionOut[];
  readonly reason: string | null;
  readonly votes: readonly Answer[];
  readonly voted: boolean;
  readonly confirmed: boolean;
  readonly gaps: readonly string[];
  readonly study: ImageStudy;
  readonly priors: ImageStudy;
  readonly age_years: number | null;
  readonly sex: string | null;
  readonly algorithm: Answer | null;
  readonly others: readonly Answer[];
  readonly members: number;
}

/** A page of the work list. */
export interface ReadPage {
  readonly total: number;
  readonly offset: number;
  readonly reads: readonly ReadLine[];
}

/** One source of readings: a person, a panel, or the algorithm. */
export interface Reader {
  readonly id: string;
  readonly kind: ReaderKind;
  readonly users: readonly string[];
  readonly techniques?: readonly Technique[];
  readonly adjudicates?: boolean;
}

/** Who made a reading. */
export type ReaderKind = "person" | "panel" | "algorithm";

/** Whether a reader saw the algorithm's reading, and when. */
export type ReaderMode = "unaided" | "after-own-grade" | "concurrent" | "second-look";

/** Why reads are missing at the lock; needed only if some are. */
export interface Reason {
  readonly reason?: string | null;
}

/** A graded level of the spine. */
export type Region = "cervical" | "thoracic" | "lumbar";

/** The answer for one region, perhaps not filled in yet. */
export interface RegionAnswer {
  readonly grade?: Grade | null;
  readonly reason?: string | null;
  readonly proposed?: Grade | null;
  readonly confidence?: number | null;
}

/** The grade of a region as the reading stands, or why there is none. */
export interface RegionGrade {
  readonly region: Region;
  readonly automatic: Grade | null;
  readonly grade: Grade | null;
  readonly reason: string | null;
}

/** The rows that `myeloscope analyze` writes, cells that do not apply left out. */
export interface Results {
  readonly unblinded: boolean;
  readonly statistics: readonly (Readonly<Partial<Record<string, string | number | number>>>)[];
}

/** A locked answer. */
export interface RevisionOut {
  readonly answer: Answer;
  readonly at: string;
  readonly mode: ReaderMode;
  readonly reason: string | null;
}

/** What a person is to a trial. */
export type Role = "administrator" | "lead" | "reader" | "panel-member";

/** Everything that a person said. */
export interface SecondLook {
  readonly findings?: readonly Judged[];
  readonly added?: readonly Mark[];
  readonly regions?: Readonly<Partial<Record<Region, RegionAnswer>>>;
  readonly comment?: string;
}

/** What the readers' orders are drawn from. */
export interface Seed {
  readonly seed: number;
}

/** A spinal root; T13 and L6 exist in transitional anatomy only. */
export type Segment = "C1" | "C2" | "C3" | "C4" | "C5" | "C6" | "C7" | "C8" | "T1" | "T2" | "T3" | "T4" | "T5" | "T6" | "T7" | "T8" | "T9" | "T10" | "T11" | "T12" | "T13" | "L1" | "L2" | "L3" | "L4" | "L5" | "L6" | "S1" | "S2" | "S3" | "S4" | "S5";

/** One of my sessions. */
export interface SessionOut {
  readonly id: string;
  readonly created: string;
  readonly seen: string;
  readonly expires: string;
  readonly agent: string;
  readonly current: boolean;
}

/** The secret of a one-time link and a new password; `name` for the first administrator. */
export interface SetUp {
  readonly secret: string;
  readonly password: string;
  readonly name?: string | null;
}

/** When a reader is shown what a machine proposes. */
export type Shown = "never" | "after-own-grade" | "always";

/** Side of the patient, never of the screen. */
export type Side = "left" | "right" | "midline" | "unknown";

/** Where a read stands. */
export type Status = "assigned" | "started" | "saved" | "locked" | "amending";

/** One read and level, as the lead sees it after the lock. */
export interface TableRow {
  readonly case: string;
  readonly technique: Technique;
  readonly reader: string;
  readonly repeat: number;
  readonly visit: number;
  readonly region: string;
  readonly grade: Grade | null;
  readonly reason: string | null;
  readonly truth: boolean | null;
}

/** Imaging technique of a study. */
export type Technique = "mr-myelography" | "radioisotope-cisternography";

/** A trial as one of its people sees it; `cases` counts them, for readers in a draft only. */
export interface TrialOut {
  readonly id: string;
  readonly title: string;
  readonly phase: Phase;
  readonly roles: readonly Role[];
  readonly protocol: Protocol;
  readonly cases: number | null;
}

/** A panel member's own answer. */
export interface Vote {
  readonly answer: Answer;
}

/** How one may log in: with a password, and at an identity provider (`/api/openid`). */
export interface WaysIn {
  readonly password: boolean;
  readonly openid: boolean;
}
