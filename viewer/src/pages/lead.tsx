import { useState } from "preact/hooks";
import { counted, minutes } from "../answer/words";
import type { HeadOut, Phase, ProgressOut, TrialOut } from "../api/records";
import type { PageProps } from "../app";
import { Button, Dialog, Field, Meter, Notice, Sure } from "../parts/basics";
import { useEvery, useLoaded, words } from "../parts/load";
import { Shell } from "../parts/shell";
import { hashOf } from "../route";

interface LeadProps extends PageProps {
  readonly trial: string;
}

const PHASES: readonly (readonly [Phase, string])[] = [
  ["draft", "In preparation"],
  ["open", "Reading"],
  ["locked", "Locked"],
  ["unblinded", "Unblinded"],
  ["archived", "Archived"],
];

/** How far a trial is, and its next step. */
export function Dashboard(props: LeadProps) {
  const { api, trial } = props;
  const place = `/api/trials/${trial}`;
  const [found, again] = useLoaded(
    () =>
      Promise.all([
        api.get<TrialOut>(place),
        api.get<readonly ProgressOut[]>(`${place}/progress`),
      ] as const),
    [trial],
  );
  useEvery(10, again);
  const heading = found.kind === "there" ? found.value[0] : null;
  return (
    <Shell {...props} trial={heading}>
      <div class="page">
        {found.kind === "failed" && <Notice look="bad">{found.why}</Notice>}
        {found.kind === "there" && (
          <Board {...props} heading={found.value[0]} progress={found.value[1]} onChange={again} />
        )}
      </div>
    </Shell>
  );
}

interface BoardProps extends LeadProps {
  readonly heading: TrialOut;
  readonly progress: readonly ProgressOut[];
  readonly onChange: () => void;
}

function Board(props: BoardProps) {
  const { heading, progress } = props;
  const reads = progress.reduce((sum, each) => sum + each.reads, 0);
  const locked = progress.reduce((sum, each) => sum + each.locked, 0);
  const spent = progress.reduce((sum, each) => sum + each.active_s, 0);
  const byPeople = progress
    .filter((each) => each.kind !== "algorithm")
    .reduce((sum, each) => sum + each.locked, 0);
  return (
    <>
      <Step {...props} missing={reads - locked} />
      <ol class="phases" aria-label="Phases of the trial">
        {PHASES.map(([phase, title]) => (
          <li key={phase} aria-current={phase === heading.phase ? "step" : undefined}>
            {title}
          </li>
        ))}
      </ol>
      <dl class="facts card">
        <Fact name="Cases" value={String(heading.cases ?? 0)} />
        <Fact name="Reads locked" value={`${locked} of ${reads}`} />
        <Fact name="Missing" value={String(reads - locked)} />
        <Fact name="Reading time" value={`${minutes(spent)} min`} />
        <Fact
          name="Time per read"
          value={byPeople === 0 ? "–" : `${minutes(spent / byPeople)} min`}
        />
      </dl>
      <Readers progress={progress} />
    </>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Readers({ progress }: { readonly progress: readonly ProgressOut[] }) {
  return (
    <section class="stack" aria-labelledby="readers">
      <h2 id="readers">Readers</h2>
      <div class="card">
        <table>
          <thead>
            <tr>
              <th>Reader</th>
              <th>Kind</th>
              <th class="wide">Progress</th>
              <th class="number">Locked</th>
              <th class="number">Begun</th>
              <th class="number">Reading</th>
              <th class="number">Idle</th>
            </tr>
          </thead>
          <tbody>
            {progress.map((each) => (
              <tr key={each.reader}>
                <td>{each.reader}</td>
                <td class="muted">{each.kind}</td>
                <td>
                  <Meter value={each.locked} of={each.reads} label={`Locked by ${each.reader}`} />
                </td>
                <td class="number">
                  {each.locked} of {each.reads}
                </td>
                <td class="number">{each.begun}</td>
                <td class="number">{minutes(each.active_s)}</td>
                <td class="number muted">{minutes(each.idle_s)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface StepProps extends BoardProps {
  readonly missing: number;
}

/** Title of the trial and its next step, if it is this person's to take. */
function Step(props: StepProps) {
  const { api, trial, heading, onChange } = props;
  const [asked, setAsked] = useState<Asked>("nothing");
  const [why, setWhy] = useState("");
  const [head, setHead] = useState("");
  const step = (name: string, body: object = {}) => {
    const done = (made: HeadOut | TrialOut) => {
      setAsked("nothing");
      setWhy("");
      setHead("head" in made ? made.head : "");
      onChange();
    };
    const failed = (error: unknown) => setWhy(words(error));
    api.post<HeadOut | TrialOut>(`/api/trials/${trial}/${name}`, body).then(done, failed);
  };
  const close = () => setAsked("nothing");
  return (
    <>
      <div class="row spread">
        <h1>{heading.title}</h1>
        <Steps heading={heading} onAsk={setAsked} />
      </div>
      {why !== "" && <Notice look="bad">{why}</Notice>}
      {head !== "" && <Head head={head} />}
      {asked === "end" && (
        <EndDialog
          missing={props.missing}
          why={why}
          onEnd={(reason) => step("lock", reason === "" ? {} : { reason })}
          onClose={close}
        />
      )}
      {asked === "unblind" && (
        <Sure
          title="Unblind the trial?"
          does="Unblind it"
          onDo={() => step("unblind")}
          onClose={close}
        >
          Every read is joined with the truth, and the tables and each case are shown to you. This
          cannot be taken back.
        </Sure>
      )}
      {asked === "archive" && (
        <Sure
          title="Archive the trial?"
          does="Archive it"
          onDo={() => step("archive")}
          onClose={close}
        >
          Results and export stay; nothing else can be done with it. This cannot be taken back.
        </Sure>
      )}
    </>
  );
}

/** A step that is asked about before it is taken. */
type Asked = "nothing" | "end" | "unblind" | "archive";

interface StepsProps {
  readonly heading: TrialOut;
  readonly onAsk: (asked: Asked) => void;
}

/** What may be done next. */
function Steps({ heading, onAsk }: StepsProps) {
  const { id: trial, phase } = heading;
  const leads = heading.roles.includes("lead");
  return (
    <div class="actions">
      {phase === "draft" && (
        <a class="button primary" href={hashOf({ page: "set-up", trial })}>
          Set it up
        </a>
      )}
      {leads && phase === "open" && (
        <Button look="primary" onClick={() => onAsk("end")}>
          End reading
        </Button>
      )}
      {leads && phase === "locked" && (
        <Button look="primary" onClick={() => onAsk("unblind")}>
          Unblind
        </Button>
      )}
      {leads && (phase === "unblinded" || phase === "archived") && (
        <>
          <a class="button" href={`/api/trials/${trial}/export`} download>
            Export
          </a>
          <a class="button primary" href={hashOf({ page: "results", trial })}>
            Results
          </a>
        </>
      )}
      {leads && phase === "unblinded" && <Button onClick={() => onAsk("archive")}>Archive</Button>}
    </div>
  );
}

function Head({ head }: { readonly head: string }) {
  return (
    <Notice>
      <div>
        Reading has ended. Keep this head of the audit log; the log can be held against it later.
        <div class="mono breaks">{head}</div>
      </div>
    </Notice>
  );
}

interface EndProps {
  readonly missing: number;
  readonly why: string;
  readonly onEnd: (reason: string) => void;
  readonly onClose: () => void;
}

function EndDialog({ missing, why, onEnd, onClose }: EndProps) {
  const [reason, setReason] = useState("");
  return (
    <Dialog title="End reading?" onClose={onClose}>
      <p class="muted">
        No read can be changed after this.{" "}
        {missing > 0 &&
          `${counted(missing, "read")} ${missing === 1 ? "is" : "are"} not locked yet.`}
      </p>
      {missing > 0 && (
        <Field label="Why they stay missing">
          {(id) => (
            <textarea
              id={id}
              class="input"
              maxLength={1000}
              value={reason}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
      {why !== "" && <Notice look="bad">{why}</Notice>}
      <div class="actions">
        <Button onClick={onClose}>Back</Button>
        <Button
          look="primary"
          disabled={missing > 0 && reason.trim() === ""}
          onClick={() => onEnd(reason.trim())}
        >
          End reading
        </Button>
      </div>
    </Dialog>
  );
}
