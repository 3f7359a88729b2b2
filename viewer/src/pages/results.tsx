import { useState } from "preact/hooks";
import { capital } from "../answer/words";
import { wholeTable } from "../api/pages";
import type { Results as Found, TableRow, TrialOut } from "../api/records";
import type { PageProps } from "../app";
import { Button, GradeMark, Notice } from "../parts/basics";
import { Forest } from "../parts/forest";
import { useLoaded } from "../parts/load";
import { Shell } from "../parts/shell";
import { hashOf } from "../route";
import { type CaseRow, casesOf, readersOf } from "./case-table";
import { agreements, cell, figure, interval, printed, proportions, type Row } from "./statistics";

interface ResultsProps extends PageProps {
  readonly trial: string;
}

const LEVELS: readonly (readonly [string, string])[] = [
  ["", "Whole case"],
  ["C", "Cervical"],
  ["T", "Thoracic"],
  ["L", "Lumbar"],
];

/** The tables and figures of a trial: agreement after the lock, all of them after unblinding. */
export function Results(props: ResultsProps) {
  const { api, trial } = props;
  const place = `/api/trials/${trial}`;
  const [found] = useLoaded(
    () =>
      Promise.all([
        api.get<TrialOut>(place),
        api.get<Found>(`${place}/results`),
        wholeTable(api, trial),
      ] as const),
    [trial],
  );
  const there = found.kind === "there" ? found.value : null;
  return (
    <Shell {...props} trial={there?.[0] ?? null}>
      <div class="page">
        {found.kind === "waiting" && <p class="muted">The statistics are being worked out.</p>}
        {found.kind === "failed" && <Notice look="bad">{found.why}</Notice>}
        {there !== null && <Tables heading={there[0]} found={there[1]} table={there[2]} />}
      </div>
    </Shell>
  );
}

interface TablesProps {
  readonly heading: TrialOut;
  readonly found: Found;
  readonly table: readonly TableRow[];
}

function Tables({ heading, found, table }: TablesProps) {
  const [level, setLevel] = useState("");
  const [threshold, setThreshold] = useState("1");
  const rows: readonly Row[] = found.statistics;
  return (
    <>
      <div class="row spread">
        <div>
          <h1>{heading.title}</h1>
          <p class="muted">
            {found.unblinded
              ? "The figures that analyze writes from the export."
              : "Agreement only: truth is shown after unblinding."}
          </p>
        </div>
        <a class="button" href={`#/trials/${heading.id}/lead`}>
          Dashboard
        </a>
      </div>
      <div class="row wrap">
        <Choice title="Level" all={LEVELS} chosen={level} onChoose={setLevel} />
        <Choice
          title="Positive from grade"
          all={GRADES}
          chosen={threshold}
          onChoose={setThreshold}
        />
      </div>
      {found.unblinded && <Accuracy {...{ rows, level, threshold }} />}
      <Kappas {...{ rows, level, threshold }} />
      <Cases table={table} trial={heading.id} opens={found.unblinded} />
      <AllRows rows={rows} />
    </>
  );
}

const GRADES: readonly (readonly [string, string])[] = [
  ["1", "1"],
  ["2", "2"],
  ["3", "3"],
];

interface ChoiceProps {
  readonly title: string;
  readonly all: readonly (readonly [string, string])[];
  readonly chosen: string;
  readonly onChoose: (value: string) => void;
}

function Choice({ title, all, chosen, onChoose }: ChoiceProps) {
  return (
    <fieldset class="row">
      <legend class="only-read">{title}</legend>
      <span class="label">{title}</span>
      {all.map(([value, name]) => (
        <Button small key={value} aria-pressed={value === chosen} onClick={() => onChoose(value)}>
          {name}
        </Button>
      ))}
    </fieldset>
  );
}

interface PartProps {
  readonly rows: readonly Row[];
  readonly level: string;
  readonly threshold: string;
}

function Accuracy({ rows, level, threshold }: PartProps) {
  return (
    <section class="stack" aria-labelledby="accuracy">
      <h2 id="accuracy">Accuracy</h2>
      <div class="card padded forests">
        {["sensitivity", "specificity", "accuracy"].map((statistic) => (
          <Forest
            key={statistic}
            title={capital(statistic)}
            figures={proportions(rows, statistic, level, threshold)}
          />
        ))}
        <p class="hint">95 % intervals after Wilson.</p>
      </div>
    </section>
  );
}

function Kappas({ rows, level, threshold }: PartProps) {
  const found = agreements(rows, level, threshold);
  return (
    <section class="stack" aria-labelledby="agreement">
      <h2 id="agreement">Agreement</h2>
      <div class="card">
        <table>
          <thead>
            <tr>
              <th>Readers</th>
              <th>Technique</th>
              <th class="number">Kappa</th>
              <th>95 % interval</th>
              <th>Note</th>
            </tr>
          </thead>
          <tbody>
            {found.map((each) => (
              <tr key={`${each.modality} ${each.reader} ${each.other}`}>
                <td>
                  {each.reader} and {each.other}
                </td>
                <td class="muted">{each.modality}</td>
                <td class="number">{printed(each.value)}</td>
                <td>{interval(each)}</td>
                <td class="muted small">{each.note}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface CasesProps {
  readonly table: readonly TableRow[];
  readonly trial: string;
  /** Whether a case's images and marks may be opened. */
  readonly opens: boolean;
}

/** Every case with every reader's grades; cases that readers call differently are marked. */
function Cases({ table, trial, opens }: CasesProps) {
  const [differing, setDiffering] = useState(false);
  const readers = readersOf(table);
  const cases = casesOf(table).filter((each) => !differing || each.discordant);
  return (
    <section class="stack" aria-labelledby="cases">
      <div class="row spread">
        <h2 id="cases">Cases</h2>
        <Button small aria-pressed={differing} onClick={() => setDiffering(!differing)}>
          Discordant only
        </Button>
      </div>
      <div class="card scrolls">
        <table>
          <thead>
            <tr>
              <th>Case</th>
              <th>Truth</th>
              {readers.map((reader) => (
                <th key={reader}>{reader}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {cases.map((each) => (
              <CaseLine
                key={each.name}
                found={each}
                readers={readers}
                to={opens ? hashOf({ page: "case", trial, name: each.name }) : null}
              />
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint">Grades from the neck downward: cervical, thoracic, lumbar.</p>
    </section>
  );
}

interface LineProps {
  readonly found: CaseRow;
  readonly readers: readonly string[];
  readonly to: string | null;
}

function CaseLine({ found, readers, to }: LineProps) {
  const truth = found.truth === null ? "" : found.truth ? "patient" : "control";
  return (
    <tr class={found.discordant ? "discordant" : ""}>
      <td>{to === null ? found.name : <a href={to}>{found.name}</a>}</td>
      <td class="muted">{truth}</td>
      {readers.map((reader) => (
        <td key={reader}>
          <span class="row">
            {(found.grades.get(reader) ?? []).map((grade, at) => (
              <GradeMark key={String(at)} grade={grade} />
            ))}
          </span>
        </td>
      ))}
    </tr>
  );
}

/** Return a row's value as people print it: counts whole, the rest to a thousandth. */
function shownValue(row: Row): string {
  const { value, low } = figure(row);
  return low === null && Number.isInteger(value) ? String(value) : printed(value);
}

const COLUMNS = ["statistic", "modality", "reader", "reader_2", "level", "threshold", "method"];
const MOST_SHOWN = 200;

function AllRows({ rows }: { readonly rows: readonly Row[] }) {
  const [sought, setSought] = useState("");
  const found = rows.filter((row) => COLUMNS.some((name) => cell(row, name).includes(sought)));
  return (
    <details class="stack">
      <summary>All {rows.length} statistics</summary>
      <input
        class="input"
        type="search"
        aria-label="Show statistics that hold"
        placeholder="sensitivity, reader 1, T ..."
        value={sought}
        onInput={(event) => setSought(event.currentTarget.value)}
      />
      <div class="card scrolls">
        <table>
          <thead>
            <tr>
              {COLUMNS.map((name) => (
                <th key={name}>{name}</th>
              ))}
              <th class="number">value</th>
              <th>interval</th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, MOST_SHOWN).map((row, at) => (
              <tr key={String(at)}>
                {COLUMNS.map((name) => (
                  <td key={name}>{cell(row, name)}</td>
                ))}
                <td class="number">{shownValue(row)}</td>
                <td>{interval(figure(row))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint">
        {found.length > MOST_SHOWN
          ? `The first ${MOST_SHOWN} of ${found.length}; the export has all, with every digit.`
          : "The export has every digit."}
      </p>
    </details>
  );
}
