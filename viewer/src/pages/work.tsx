import { useLayoutEffect, useState } from "preact/hooks";
import { counted, minutes, STATUS_WORD, TECHNIQUE_WORD } from "../answer/words";
import { allReads } from "../api/pages";
import type { ReadLine, ReadPage, TrialOut } from "../api/records";
import type { PageProps } from "../app";
import { isDialogOpen } from "../keys/pressed";
import { Button, Chip, Key, Meter, Notice } from "../parts/basics";
import { useEvery, useLoaded } from "../parts/load";
import { Shell } from "../parts/shell";
import { go, hashOf } from "../route";
import { Queue } from "../save/queue";
import { filtered, isDone, next, type Shown, type SortBy, sorted, timeLeft } from "./work-order";

interface WorkProps extends PageProps {
  readonly trial: string;
}

const SHOWN_WORD: Readonly<Record<Shown, string>> = {
  all: "All",
  open: "To do",
  done: "Locked",
};

/** My reads in my order: what is done, what comes next. */
export function WorkList(props: WorkProps) {
  const { api, trial } = props;
  const place = `/api/trials/${trial}`;
  const [found, again] = useLoaded(
    () => Promise.all([api.get<TrialOut>(place), allReads(api, trial)]),
    [trial],
  );
  useEvery(10, again);
  if (found.kind === "failed") {
    return (
      <Shell {...props} trial={null}>
        <div class="page">
          <Notice look="bad">{found.why}</Notice>
        </div>
      </Shell>
    );
  }
  const [heading, page] = found.kind === "there" ? found.value : [null, null];
  return (
    <Shell {...props} trial={heading}>
      {heading?.phase === "draft" && <Draft heading={heading} />}
      {heading !== null && heading.phase !== "draft" && page !== null && (
        <Work {...props} heading={heading} page={page} />
      )}
    </Shell>
  );
}

/** What a reader sees before reading begins. */
function Draft({ heading }: { readonly heading: TrialOut }) {
  return (
    <div class="page">
      <h1>{heading.title}</h1>
      <Notice>
        In preparation: {counted(heading.cases ?? 0, "case")} so far. You find yours here when the
        lead lets reading begin.
      </Notice>
    </div>
  );
}

interface ListProps extends WorkProps {
  readonly heading: TrialOut;
  readonly page: ReadPage;
}

function Work({ me, trial, heading, page }: ListProps) {
  const coming = next(page.reads);
  const open = (read: ReadLine) => go({ page: "read", trial, read: read.id });
  // before the page is painted, so that no key is lost that is pressed on sight of it
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const typing = (event.target as HTMLElement).closest("input, select, a, button");
      if (event.key === "Enter" && !isDialogOpen() && typing === null && coming !== null) {
        open(coming);
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
  const done = page.reads.filter(isDone).length;
  const unsent = new Queue(localStorage, me.id).all().filter((each) => each.trial === trial);
  return (
    <div class="page">
      <div class="row spread">
        <div>
          <h1>{heading.title}</h1>
          <p class="muted">
            {done} of {page.total} cases locked{leftWords(page.reads)}
          </p>
        </div>
        {coming !== null && heading.phase === "open" && (
          <Button look="primary" onClick={() => open(coming)}>
            {done === 0 ? "Begin reading" : "Go on reading"} <Key>Enter</Key>
          </Button>
        )}
      </div>
      <Meter value={done} of={page.total} label="Cases locked" />
      {unsent.map((each) => (
        <Notice look="warn" key={each.read}>
          <span>
            An answer of yours has not reached the server.{" "}
            <a href={hashOf({ page: "read", trial, read: each.read })}>Open the case to send it.</a>
          </span>
        </Notice>
      ))}
      {heading.phase !== "open" && <Notice>Reading has ended; your reads stay to be seen.</Notice>}
      {coming === null && heading.phase === "open" && <Notice>All your cases are locked.</Notice>}
      <Lines reads={page.reads} trial={trial} coming={coming} />
    </div>
  );
}

function leftWords(reads: readonly ReadLine[]): string {
  const left = timeLeft(reads);
  return left === null ? "" : `, about ${minutes(left)} min left at your pace`;
}

/** As many lines are drawn at once. */
const LINES = 500;

interface LinesProps {
  readonly reads: readonly ReadLine[];
  readonly trial: string;
  readonly coming: ReadLine | null;
}

function Lines({ reads, trial, coming }: LinesProps) {
  const [shown, setShown] = useState<Shown>("all");
  const [by, setBy] = useState<SortBy>("position");
  const [down, setDown] = useState(false);
  const [most, setMost] = useState(LINES);
  const lines = sorted(filtered(reads, shown), by, down);
  const sort = (wanted: SortBy) => {
    setDown(wanted === by ? !down : false);
    setBy(wanted);
  };
  const head = (wanted: SortBy, title: string) => (
    <th aria-sort={wanted === by ? (down ? "descending" : "ascending") : "none"}>
      <button type="button" onClick={() => sort(wanted)}>
        {title} {wanted === by ? (down ? "↓" : "↑") : ""}
      </button>
    </th>
  );
  return (
    <section class="stack" aria-label="Cases">
      <fieldset class="row">
        <legend class="only-read">Which cases are shown</legend>
        {(["all", "open", "done"] as const).map((each) => (
          <Button
            key={each}
            small
            look="quiet"
            aria-pressed={each === shown}
            onClick={() => setShown(each)}
          >
            {SHOWN_WORD[each]} {filtered(reads, each).length}
          </Button>
        ))}
      </fieldset>
      <div class="card">
        <table>
          <thead>
            <tr>
              {head("position", "Case")}
              {head("technique", "Technique")}
              <th>Block</th>
              {head("status", "State")}
              <th class="number">Time</th>
            </tr>
          </thead>
          <tbody>
            {lines.slice(0, most).map((read) => (
              <tr key={read.id}>
                <td>
                  {read.ready ? (
                    <a href={hashOf({ page: "read", trial, read: read.id })}>
                      Case {read.position + 1}
                    </a>
                  ) : (
                    <span class="muted">Case {read.position + 1}</span>
                  )}
                  {coming?.id === read.id && <span class="next">next</span>}
                </td>
                <td>{TECHNIQUE_WORD[read.technique]}</td>
                <td>{read.block + 1}</td>
                <td>
                  <StatusChip read={read} />
                </td>
                <td class="number muted">{read.active_s > 0 ? minutes(read.active_s) : ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {lines.length > most && (
        <div>
          <Button onClick={() => setMost(most + LINES)}>
            Show more of {lines.length - most} further cases
          </Button>
        </div>
      )}
    </section>
  );
}

function StatusChip({ read }: { readonly read: ReadLine }) {
  if (read.status === "assigned") {
    return <span class="muted">{read.ready ? "Not begun" : "Waits for its turn"}</span>;
  }
  return <Chip look={read.status === "locked" ? "good" : "busy"}>{STATUS_WORD[read.status]}</Chip>;
}
