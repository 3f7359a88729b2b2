import { useEffect, useState } from "preact/hooks";
import { type FullAnswer, full, regionOf } from "../answer/answer";
import { capital, GRADE_WORD } from "../answer/words";
import type { ReadOut, Region } from "../api/records";
import { type Action, type Binding, keyName } from "../keys/bindings";
import { Button, Dialog, Field, GradeMark, Key, Notice } from "../parts/basics";
import { lineOf } from "./findings";

interface SummaryProps {
  readonly answer: FullAnswer;
  readonly regions: readonly Region[];
}

/** An answer to look over. */
export function Summary({ answer, regions }: SummaryProps) {
  return (
    <>
      <table>
        <thead>
          <tr>
            <th>Region</th>
            <th>Grade</th>
            <th>Confidence</th>
          </tr>
        </thead>
        <tbody>
          {regions.map((region) => {
            const given = regionOf(answer, region);
            const told = given.reason ?? (given.grade === null ? "open" : GRADE_WORD[given.grade]);
            return (
              <tr key={region}>
                <td>{capital(region)}</td>
                <td>
                  <GradeMark grade={given.grade} /> {told}
                </td>
                <td>{given.confidence ?? "–"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {answer.findings.length > 0 && (
        <ol class="plain">
          {answer.findings.map((mark, at) => (
            <li key={String(at)}>
              {at + 1}. {lineOf(mark)}
            </li>
          ))}
        </ol>
      )}
      {answer.comment !== "" && <p class="quoted">{answer.comment}</p>}
    </>
  );
}

interface LockProps extends SummaryProps {
  /** Number of the draft that is shown. */
  readonly number: number;
  /** How many people lock it: one, or a panel's. */
  readonly members: number;
  readonly gaps: readonly string[];
  readonly onLock: () => void;
  readonly onClose: () => void;
  /** Somebody else saved while one was asked. */
  readonly onMoved: () => void;
}

/** Asks once before a case is locked, and shows what will be; nothing changes under one's hand. */
export function LockDialog(props: LockProps) {
  const { answer, regions, number, members, gaps, onLock, onClose, onMoved } = props;
  const [asked] = useState(number);
  useEffect(() => {
    if (number !== asked) {
      onMoved();
    }
  }, [number]);
  return (
    <Dialog title="Lock this case?" onClose={onClose}>
      <Summary answer={answer} regions={regions} />
      {gaps.length > 0 ? (
        <Notice look="warn">
          <div>
            Still to fill in:
            <ul class="plain">
              {gaps.map((gap) => (
                <li key={gap}>{gap}</li>
              ))}
            </ul>
          </div>
        </Notice>
      ) : (
        <p class="muted">
          {members > 1 && "It locks when every member of the panel has agreed to this answer. "}A
          locked answer stays; it may be amended later, with a reason.
        </p>
      )}
      <div class="actions">
        <Button onClick={onClose}>Back</Button>
        <Button look="primary" disabled={gaps.length > 0} onClick={onLock} autofocus>
          Lock it <Key>Enter</Key>
        </Button>
      </div>
    </Dialog>
  );
}

interface ConflictProps {
  readonly mine: FullAnswer;
  readonly theirs: ReadOut;
  readonly regions: readonly Region[];
  readonly onMine: () => void;
  readonly onTheirs: () => void;
}

/** Two tabs or devices saved: both are shown, and the reader chooses. */
export function ConflictDialog({ mine, theirs, regions, onMine, onTheirs }: ConflictProps) {
  return (
    <Dialog title="This case was saved elsewhere too" wide onClose={() => undefined}>
      <p class="muted">
        {theirs.members > 1 ? "Another member of the panel" : "Another tab or device"} has saved
        this case since it was shown here. Nothing was overwritten. Which answer should stand?
      </p>
      <div class="both">
        <section aria-label="Here">
          <h3>Here</h3>
          <Summary answer={mine} regions={regions} />
          <Button look="primary" onClick={onMine}>
            Keep the one here
          </Button>
        </section>
        <section aria-label="Saved elsewhere">
          <h3>Saved elsewhere</h3>
          <Summary answer={full(theirs.draft)} regions={regions} />
          <Button onClick={onTheirs}>Take the one saved elsewhere</Button>
        </section>
      </div>
    </Dialog>
  );
}

interface AmendProps {
  readonly onAmend: (reason: string) => void;
  readonly onClose: () => void;
}

/** Asks why a locked case is reopened. */
export function AmendDialog({ onAmend, onClose }: AmendProps) {
  const [reason, setReason] = useState("");
  return (
    <Dialog title="Amend this case" onClose={onClose}>
      <p class="muted">What was locked is kept beside what you will lock, with your reason.</p>
      <Field label="Reason">
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
      <div class="actions">
        <Button onClick={onClose}>Back</Button>
        <Button
          look="primary"
          disabled={reason.trim() === ""}
          onClick={() => onAmend(reason.trim())}
        >
          Amend
        </Button>
      </div>
    </Dialog>
  );
}

interface HelpProps {
  readonly bindings: readonly Binding[];
  readonly onRebind: (action: Action, key: string) => void;
  readonly onRestore: () => void;
  readonly onClose: () => void;
}

/** All keys; a click on one lets another take its place. */
export function HelpDialog({ bindings, onRebind, onRestore, onClose }: HelpProps) {
  const [waiting, setWaiting] = useState<Action | null>(null);
  const groups = [...new Set(bindings.map((each) => each.group))];
  const pressed = (event: KeyboardEvent) => {
    const key = keyName(event);
    if (waiting !== null && key !== null) {
      event.preventDefault();
      event.stopPropagation();
      onRebind(waiting, key);
      setWaiting(null);
    }
  };
  return (
    <Dialog title="Keys" wide onClose={onClose}>
      <div class="keys" onKeyDownCapture={pressed}>
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            {bindings
              .filter((each) => each.group === group)
              .map((each) => (
                <button
                  type="button"
                  class="key-line"
                  key={each.action}
                  aria-pressed={waiting === each.action}
                  onClick={() => setWaiting(each.action)}
                >
                  <Key>{waiting === each.action ? "press a key" : each.key}</Key>
                  <span>{each.says}</span>
                </button>
              ))}
          </section>
        ))}
      </div>
      <p class="hint">
        Arrows move the window; with Shift they move the image; + and − zoom. After M, arrows aim on
        the image, with Shift by single pixels, and the space bar marks. Wheel or right button:
        zoom. Middle button: pan. Click a key to choose another; it is kept in this browser.
      </p>
      <div class="actions">
        <Button look="quiet" onClick={onRestore}>
          Restore the first keys
        </Button>
        <Button look="primary" onClick={onClose} autofocus>
          Close
        </Button>
      </div>
    </Dialog>
  );
}
