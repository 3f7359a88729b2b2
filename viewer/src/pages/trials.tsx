import { counted } from "../answer/words";
import type { Phase, Role, TrialOut } from "../api/records";
import type { PageProps } from "../app";
import { Chip, Notice } from "../parts/basics";
import { useEvery, useLoaded } from "../parts/load";
import { Shell } from "../parts/shell";
import { hashOf, type Route } from "../route";

const PHASE_WORD: Readonly<Record<Phase, string>> = {
  draft: "In preparation",
  open: "Reading",
  locked: "Locked",
  unblinded: "Unblinded",
  archived: "Archived",
};

const PHASE_LOOK: Readonly<Record<Phase, "busy" | "good" | undefined>> = {
  draft: undefined,
  open: "busy",
  locked: "good",
  unblinded: "good",
  archived: "good",
};

const ROLE_WORD: Readonly<Record<Role, string>> = {
  administrator: "administrator",
  lead: "lead",
  reader: "reader",
  "panel-member": "panel member",
};

/** The trials that one has a role in. */
export function Trials(props: PageProps) {
  const { api, me } = props;
  const [found, again] = useLoaded(() => api.get<readonly TrialOut[]>("/api/trials"), []);
  useEvery(10, again);
  return (
    <Shell {...props}>
      <div class="page">
        <div class="row spread">
          <h1>Trials</h1>
          {me.administrator && (
            <a class="button primary" href={hashOf({ page: "new-trial" })}>
              New trial
            </a>
          )}
        </div>
        {found.kind === "failed" && <Notice look="bad">{found.why}</Notice>}
        {found.kind === "there" && <TrialTable trials={found.value} />}
      </div>
    </Shell>
  );
}

/** Return the page that a role works on. */
export function homeOf(trial: TrialOut): Route {
  const reads = trial.roles.includes("reader") || trial.roles.includes("panel-member");
  return { page: reads ? "work" : "lead", trial: trial.id };
}

function TrialTable({ trials }: { readonly trials: readonly TrialOut[] }) {
  if (trials.length === 0) {
    return (
      <p class="muted">
        No trial has a place for your account yet. Ask the lead of the study to add you.
      </p>
    );
  }
  return (
    <div class="card">
      <table>
        <thead>
          <tr>
            <th>Title</th>
            <th>State</th>
            <th>You are</th>
          </tr>
        </thead>
        <tbody>
          {trials.map((trial) => (
            <tr key={trial.id}>
              <td>
                <a href={hashOf(homeOf(trial))}>{trial.title}</a>
              </td>
              <td>
                <Chip look={PHASE_LOOK[trial.phase]}>{PHASE_WORD[trial.phase]}</Chip>
                {trial.phase === "draft" && (
                  <span class="muted small beside-chip">{counted(trial.cases ?? 0, "case")}</span>
                )}
              </td>
              <td class="muted">{trial.roles.map((role) => ROLE_WORD[role]).join(", ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
