import { full, regionOf } from "../answer/answer";
import { REGION_LETTER } from "../answer/words";
import type { Answer, Region } from "../api/records";
import { Button, GradeMark, Notice } from "../parts/basics";
import { useEvery } from "../parts/load";
import { act, vote } from "./commands";
import { type Desk, mayEdit } from "./model";

interface AnswersProps {
  readonly title: string;
  readonly names: readonly string[];
  readonly answers: readonly Answer[];
  readonly regions: readonly Region[];
}

/** Several answers side by side: a column each, a row for each region. */
export function Answers({ title, names, answers, regions }: AnswersProps) {
  const all = answers.map(full);
  return (
    <section class="answers" aria-label={title}>
      <h3>{title}</h3>
      <table>
        <thead>
          <tr>
            <th>
              <span class="only-read">Region</span>
            </th>
            {names.map((name) => (
              <th key={name}>{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {regions.map((region) => (
            <tr key={region}>
              <th scope="row">{REGION_LETTER[region]}</th>
              {all.map((answer, at) => {
                const given = regionOf(answer, region);
                return (
                  <td key={String(at)} title={given.reason ?? ""}>
                    <GradeMark grade={given.grade} />
                    {given.confidence !== null && <span class="hint"> {given.confidence}</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {all.map(
        (answer, at) =>
          answer.comment !== "" && (
            <p class="quoted small" key={String(at)}>
              <span class="muted">{names[at]}:</span> {answer.comment}
            </p>
          ),
      )}
    </section>
  );
}

/** What others said of this case, where it may be seen: the panel, differing readers, the algorithm. */
export function Others({ desk }: { readonly desk: Desk }) {
  const { autosave, regions } = desk;
  const { read } = autosave;
  return (
    <>
      {read.members > 1 && <Panel desk={desk} />}
      {read.others.length > 0 && (
        <Answers
          title="The readers differ"
          names={read.others.map((_, at) => `R${at + 1}`)}
          answers={read.others}
          regions={regions}
        />
      )}
      {read.algorithm !== null && (
        <Answers
          title="The algorithm's reading"
          names={["Grade, confidence"]}
          answers={[read.algorithm]}
          regions={regions}
        />
      )}
    </>
  );
}

function Panel({ desk }: { readonly desk: Desk }) {
  const { autosave, regions } = desk;
  const { read } = autosave;
  useEvery(4, () => void autosave.refresh().catch(() => undefined)); // the next look may succeed
  if (read.status === "locked" && read.votes.length === 0) {
    return null;
  }
  if (!read.voted) {
    return (
      <Notice>
        <div class="stack">
          <span>Your own answer first. You see the other members' after you have given it.</span>
          <Button look="primary" onClick={() => void vote(desk)}>
            Give my vote
          </Button>
        </div>
      </Notice>
    );
  }
  return (
    <>
      <Answers
        title={`Votes: ${read.votes.length} of ${read.members}`}
        names={read.votes.map((_, at) => `Vote ${at + 1}`)}
        answers={read.votes}
        regions={regions}
      />
      <Consensus desk={desk} />
    </>
  );
}

function Consensus({ desk }: { readonly desk: Desk }) {
  const { autosave } = desk;
  const { read } = autosave;
  if (read.status === "locked") {
    return null;
  }
  if (!mayEdit(read)) {
    return <Notice>The panel's answer begins when every member has voted.</Notice>;
  }
  if (read.confirmed) {
    return <Notice>You have agreed. The case locks when every member has.</Notice>;
  }
  const [first] = read.votes;
  return (
    <Notice>
      <div class="stack">
        <span>Agree on one answer; every member locks it.</span>
        <span class="row">
          {read.draft === null && first !== undefined && (
            <Button small onClick={() => autosave.edit(full(first))}>
              Begin with the first vote
            </Button>
          )}
          {read.draft !== null && (
            <Button small look="primary" onClick={() => act(desk, "lock")}>
              Agree and lock
            </Button>
          )}
        </span>
      </div>
    </Notice>
  );
}
