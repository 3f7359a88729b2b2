import { useState } from "preact/hooks";
import type { AccountOut, AuditRow, HeadOut } from "../api/records";
import type { PageProps } from "../app";
import { Button, Notice } from "../parts/basics";
import { useLoaded, words } from "../parts/load";
import { Shell } from "../parts/shell";
import { moment } from "../parts/time";

const ROWS = 50;

/** The audit log: what happened, never what was read. */
export function Audit(props: PageProps) {
  const { api } = props;
  const [after, setAfter] = useState(0);
  const [head, setHead] = useState("");
  const [why, setWhy] = useState("");
  const address = `/api/audit?after=${after}&limit=${ROWS}`;
  const [found] = useLoaded(() => api.get<readonly AuditRow[]>(address), [after]);
  const [known] = useLoaded(() => api.get<readonly AccountOut[]>("/api/accounts"), []);
  const accounts = known.kind === "there" ? known.value : [];
  const names = new Map(accounts.map((each) => [each.id, each.name]));
  const verify = () => {
    setWhy("");
    api.post<HeadOut>("/api/audit/verify").then(
      (made) => setHead(made.head),
      (error: unknown) => setWhy(words(error)),
    );
  };
  const rows = found.kind === "there" ? found.value : [];
  return (
    <Shell {...props}>
      <div class="page">
        <div class="row spread">
          <div>
            <h1>Audit log</h1>
            <p class="muted">
              Every change, chained to the one before it. What was read is not shown.
            </p>
          </div>
          <Button look="primary" onClick={verify}>
            Check the chain
          </Button>
        </div>
        {head !== "" && (
          <Notice>
            <div>
              Every row is as it was written. Head:
              <div class="mono breaks">{head}</div>
            </div>
          </Notice>
        )}
        {why !== "" && <Notice look="bad">{why}</Notice>}
        {found.kind === "failed" && <Notice look="bad">{found.why}</Notice>}
        <Rows rows={rows} names={names} />
        <div class="actions">
          <Button disabled={after === 0} onClick={() => setAfter(Math.max(0, after - ROWS))}>
            Earlier
          </Button>
          <Button disabled={rows.length < ROWS} onClick={() => setAfter(after + ROWS)}>
            Later
          </Button>
        </div>
      </div>
    </Shell>
  );
}

interface RowsProps {
  readonly rows: readonly AuditRow[];
  /** Names of accounts by their id. */
  readonly names: ReadonlyMap<string, string>;
}

function Rows({ rows, names }: RowsProps) {
  return (
    <div class="card">
      <table>
        <thead>
          <tr>
            <th class="number">Row</th>
            <th>When</th>
            <th>What</th>
            <th>Trial</th>
            <th>By</th>
            <th>Seal</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.seq}>
              <td class="number">{row.seq}</td>
              <td>{moment(row.at)}</td>
              <td>{row.kind}</td>
              <td class="muted">{row.trial ?? ""}</td>
              <td title={row.actor}>{names.get(row.actor) ?? row.actor.slice(0, 8)}</td>
              <td class="mono muted">{row.mac.slice(0, 12)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
