import { useEffect, useRef, useState } from "preact/hooks";
import type { AccountOut, CasePage, ProgressOut, Protocol, TrialOut } from "../api/records";
import type { PageProps } from "../app";
import { Button, Notice } from "../parts/basics";
import { useLoaded, words } from "../parts/load";
import { Shell } from "../parts/shell";
import { go } from "../route";
import { CasesForm } from "./setup-cases";
import { ProtocolForm } from "./setup-protocol";
import { ReadersForm } from "./setup-readers";

interface SetUpProps extends PageProps {
  readonly trial: string;
}

/** What the set-up of a trial shows. */
export interface SetUpState {
  readonly heading: TrialOut;
  readonly readers: readonly ProgressOut[];
  readonly cases: CasePage;
  /** Everybody with an account; empty for a lead who does not administer. */
  readonly accounts: readonly AccountOut[];
}

/** Changes a trial, tells whether it did, and says why not where it is refused. */
export type Ask = (run: () => Promise<unknown>) => Promise<boolean>;

/** A trial in preparation: protocol, readers, cases, and the start. */
export function SetUp(props: SetUpProps) {
  const { api, me, trial } = props;
  const place = `/api/trials/${trial}`;
  const [why, setWhy] = useState("");
  const [busy, setBusy] = useState(false);
  const [found, again] = useLoaded(async (): Promise<SetUpState> => {
    const [heading, readers, cases] = await Promise.all([
      api.get<TrialOut>(place),
      api.get<readonly ProgressOut[]>(`${place}/progress`),
      api.get<CasePage>(`${place}/cases?limit=500`),
    ]);
    const all = me.administrator ? await api.get<readonly AccountOut[]>("/api/accounts") : [];
    return { heading, readers, cases, accounts: all.filter((each) => !each.disabled) };
  }, [trial]);
  const told = useRef<HTMLDivElement>(null);
  useEffect(() => told.current?.scrollIntoView({ block: "nearest" }), [why]);
  const ask: Ask = async (run) => {
    setBusy(true);
    setWhy("");
    try {
      await run();
      again();
      return true;
    } catch (error) {
      setWhy(words(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  const there = found.kind === "there" ? found.value : null;
  return (
    <Shell {...props} trial={there?.heading ?? null}>
      <div class="page" aria-busy={busy}>
        {found.kind === "failed" && <Notice look="bad">{found.why}</Notice>}
        {there !== null && <h1>{there.heading.title}</h1>}
        {why !== "" && (
          <div ref={told} class="told">
            <Notice look="bad">{why}</Notice>
          </div>
        )}
        {there !== null && <Steps {...props} state={there} busy={busy} onAsk={ask} />}
      </div>
    </Shell>
  );
}

interface StepsProps extends SetUpProps {
  readonly state: SetUpState;
  readonly busy: boolean;
  readonly onAsk: Ask;
}

function Steps(props: StepsProps) {
  const { api, trial, state, busy, onAsk } = props;
  const place = `/api/trials/${trial}`;
  const { heading, readers, cases } = state;
  const people = readers.filter((each) => each.kind !== "algorithm").length;
  return (
    <>
      <ProtocolForm
        key={JSON.stringify(heading.protocol)}
        protocol={heading.protocol}
        onSave={(made: Protocol) => onAsk(() => api.put(`${place}/protocol`, made))}
      />
      <ReadersForm
        state={state}
        onAdd={(reader) => onAsk(() => api.post(`${place}/readers`, reader))}
      />
      <CasesForm
        cases={cases}
        busy={busy}
        onImport={(form) => onAsk(() => api.upload(`${place}/cases`, form))}
      />
      <Start
        {...props}
        ready={people > 0 && cases.total > 0}
        drawn={readers.some((each) => each.reads > 0)}
      />
    </>
  );
}

interface StartProps extends StepsProps {
  readonly ready: boolean;
  readonly drawn: boolean;
}

/** Draws the readers' orders, and lets reading begin. */
function Start({ api, trial, state, busy, ready, drawn, onAsk }: StartProps) {
  const [seed, setSeed] = useState(() => String(Math.floor(Math.random() * 1_000_000)));
  const place = `/api/trials/${trial}`;
  const leads = state.heading.roles.includes("lead");
  const open = () =>
    onAsk(async () => {
      await api.post(`${place}/open`);
      go({ page: "lead", trial });
    });
  return (
    <section class="card padded stack" aria-labelledby="start">
      <h2 id="start">4. Start</h2>
      <p class="muted">
        Each reader gets an own random order, drawn from this number; the same number draws the same
        order.
      </p>
      <div class="row">
        <input
          class="input short"
          type="number"
          min="0"
          aria-label="Number that orders are drawn from"
          value={seed}
          onInput={(event) => setSeed(event.currentTarget.value)}
        />
        <Button
          disabled={busy || !ready}
          onClick={() => onAsk(() => api.post(`${place}/assign`, { seed: Number(seed) }))}
        >
          {drawn ? "Draw the orders anew" : "Draw the orders"}
        </Button>
        <Button look="primary" disabled={busy || !drawn || !leads} onClick={open}>
          Let reading begin
        </Button>
      </div>
      {!ready && <p class="hint">Add a reader and import cases first.</p>}
      {ready && !leads && <p class="hint">Only the lead opens a trial.</p>}
    </section>
  );
}
