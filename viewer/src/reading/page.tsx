import { useEffect, useRef, useState } from "preact/hooks";
import type { ReadOut } from "../api/records";
import { onLength } from "../images/measure";
import { Button, Notice } from "../parts/basics";
import { Others } from "./answers";
import { CaseBar, ImageBar } from "./bars";
import { act, amend, giveKey, leaveUnsaved, lock, place, restoreKeys, take } from "./commands";
import { fetchAhead } from "./desk";
import { AmendDialog, ConflictDialog, HelpDialog, LockDialog } from "./dialogs";
import { Form } from "./form";
import { useKeys } from "./keyboard";
import { type Desk, type DeskProps, mayEdit, useDesk } from "./model";
import type { Foreign } from "./overlay";
import { Panes } from "./panes";

/** The reading page of one case. */
export function DeskPage(props: DeskProps) {
  const desk = useDesk(props);
  const [ready, setReady] = useState(false);
  const now = useRef(desk);
  now.current = desk;
  useEffect(() => onLength((mm) => take(now.current, mm)), []);
  useKeys(desk);
  const { file, autosave, stage } = desk;
  return (
    <div class="reading" data-ready={ready}>
      <CaseBar desk={desk} />
      <Why desk={desk} />
      <main class="desk">
        <div class="images">
          <ImageBar desk={desk} />
          <Panes
            api={desk.where.api}
            images={file.images}
            priors={file.priors}
            canvas={desk.canvas}
            look={desk.look}
            marks={autosave.answer.findings}
            others={foreignMarks(autosave.read)}
            aim={desk.aim}
            onLook={desk.change}
            onPlace={(on, pixel) => place(now.current, on, pixel)}
            onStage={(made) => {
              stage.current = made;
            }}
            onDrawn={() => {
              setReady(true);
              fetchAhead(desk.where).catch(() => undefined); // it is fetched again when asked for
            }}
          />
        </div>
        <Beside desk={desk} />
      </main>
      <Dialogs desk={desk} />
    </div>
  );
}

/** Why something was refused, above the images until one has read it. */
function Why({ desk }: { readonly desk: Desk }) {
  const { state } = desk.autosave;
  const why = state.kind === "refused" ? `Not saved. ${state.why}` : desk.why;
  if (why === "") {
    return null;
  }
  return (
    <div class="refusal">
      <span role="alert">{why}</span>
      {state.kind === "refused" ? (
        <Button small onClick={() => void leaveUnsaved(desk)}>
          Show what is saved
        </Button>
      ) : (
        <Button small look="quiet" onClick={() => desk.setWhy("")}>
          Close
        </Button>
      )}
    </div>
  );
}

/** Return the marks of others that this reader may see, named as beside the form. */
function foreignMarks(read: ReadOut): readonly Foreign[] {
  const readers = read.others.map((answer, at) => [`R${at + 1}`, answer] as const);
  const all = read.algorithm === null ? readers : [...readers, ["alg.", read.algorithm] as const];
  return all.flatMap(([name, answer], tone) =>
    (answer.findings ?? []).map((mark) => ({ mark, name, tone })),
  );
}

function Beside({ desk }: { readonly desk: Desk }) {
  const { file, autosave, readOnly, show } = desk;
  const { read } = autosave;
  const waits = file.trial.phase === "open" && read.status !== "locked" && !mayEdit(read);
  return (
    <aside class="beside" aria-label="Reading form">
      {readOnly && !waits && (
        <Notice>
          {file.trial.phase === "open" ? "This case is locked." : "Reading has ended."}
        </Notice>
      )}
      {read.reason !== null && <Notice>Being amended: {read.reason}</Notice>}
      <Others desk={desk} />
      {!waits && (
        <Form
          trial={file.trial}
          read={read}
          answer={autosave.answer}
          bindings={desk.bindings}
          {...desk.shown}
          readOnly={readOnly}
          onAct={(action) => act(desk, action)}
          onEdit={(made) => autosave.edit(made)}
          onShow={show}
          onMeasure={(field) => {
            desk.change({ tool: "length" });
            desk.measure.current = field;
          }}
        />
      )}
      {desk.drawn === "cpu" && (
        <p class="foot">No graphics card: the images are drawn by the processor.</p>
      )}
    </aside>
  );
}

function Dialogs({ desk }: { readonly desk: Desk }) {
  const { autosave, regions, open } = desk;
  const { answer, read, state } = autosave;
  const close = () => desk.setOpen("none");
  if (state.kind === "conflict") {
    return (
      <ConflictDialog
        mine={answer}
        theirs={state.theirs}
        regions={regions}
        onMine={() => void autosave.keepMine()}
        onTheirs={() => autosave.takeTheirs()}
      />
    );
  }
  if (open === "lock") {
    return (
      <LockDialog
        answer={answer}
        regions={regions}
        number={read.number}
        members={read.members}
        gaps={read.gaps}
        onLock={() => void lock(desk)}
        onClose={close}
        onMoved={() => {
          close();
          desk.setWhy("The answer was changed meanwhile: look at it, then lock it.");
        }}
      />
    );
  }
  if (open === "amend") {
    return <AmendDialog onAmend={(reason) => void amend(desk, reason)} onClose={close} />;
  }
  if (open === "help") {
    return (
      <HelpDialog
        bindings={desk.bindings}
        onRebind={(action, key) => giveKey(desk, action, key)}
        onRestore={() => restoreKeys(desk)}
        onClose={close}
      />
    );
  }
  return null;
}
