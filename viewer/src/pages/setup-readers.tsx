import { useState } from "preact/hooks";
import { TECHNIQUE_WORD } from "../answer/words";
import type { AccountOut, Reader, ReaderKind, Technique } from "../api/records";
import { Button, Field } from "../parts/basics";
import type { SetUpState } from "./setup";

interface ReadersProps {
  readonly state: SetUpState;
  /** Tells whether the reader was added. */
  readonly onAdd: (reader: Reader) => Promise<boolean>;
}

const KINDS: readonly (readonly [ReaderKind, string])[] = [
  ["person", "a person"],
  ["panel", "a panel"],
  ["algorithm", "the algorithm"],
];

/** Who reads: people, panels, the algorithm. */
export function ReadersForm({ state, onAdd }: ReadersProps) {
  return (
    <section class="card padded stack" aria-labelledby="who">
      <h2 id="who">2. Readers</h2>
      {state.readers.length > 0 && (
        <table>
          <thead>
            <tr>
              <th>Reader</th>
              <th>Kind</th>
              <th class="number">Reads</th>
            </tr>
          </thead>
          <tbody>
            {state.readers.map((each) => (
              <tr key={each.reader}>
                <td>{each.reader}</td>
                <td class="muted">{each.kind}</td>
                <td class="number">{each.reads === 0 ? "–" : each.reads}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <NewReader state={state} onAdd={onAdd} />
    </section>
  );
}

function NewReader({ state, onAdd }: ReadersProps) {
  const { accounts, heading } = state;
  const all = heading.protocol.techniques ?? [];
  const [id, setId] = useState("");
  const [kind, setKind] = useState<ReaderKind>("person");
  const [users, setUsers] = useState<readonly string[]>([]);
  const [chosen, setChosen] = useState<readonly Technique[]>(all.slice(0, 1));
  const [adjudicates, setAdjudicates] = useState(false);
  const techniques = all.filter((each) => chosen.includes(each));
  const add = async (event: Event) => {
    event.preventDefault();
    const own = kind === "algorithm" ? [] : users;
    if (await onAdd({ id, kind, users: own, techniques, adjudicates })) {
      setId("");
      setUsers([]);
    }
  };
  const toggle = (technique: Technique) =>
    setChosen(
      chosen.includes(technique)
        ? chosen.filter((each) => each !== technique)
        : [...chosen, technique],
    );
  return (
    <form class="stack" onSubmit={(event) => void add(event)}>
      <div class="settings four">
        <Field label="Name in the tables">
          {(own) => (
            <input
              id={own}
              class="input"
              required
              maxLength={64}
              value={id}
              onInput={(event) => setId(event.currentTarget.value)}
            />
          )}
        </Field>
        <Choice title="Is" all={KINDS} value={kind} onChoose={setKind} />
        <fieldset class="choices">
          <legend class="label">Reads</legend>
          {all.map((each) => (
            <label key={each}>
              <input
                type="checkbox"
                checked={chosen.includes(each)}
                onChange={() => toggle(each)}
              />
              {TECHNIQUE_WORD[each]}
            </label>
          ))}
        </fieldset>
        <label class="check">
          <input
            type="checkbox"
            disabled={kind === "algorithm"}
            checked={adjudicates}
            onChange={(event) => setAdjudicates(event.currentTarget.checked)}
          />
          only discordant cases
        </label>
      </div>
      {kind !== "algorithm" && (
        <People accounts={accounts} chosen={users} many={kind === "panel"} onChoose={setUsers} />
      )}
      <div class="actions">
        <Button type="submit" disabled={techniques.length === 0}>
          Add the reader
        </Button>
      </div>
    </form>
  );
}

interface ChoiceProps<T extends string> {
  readonly title: string;
  readonly all: readonly (readonly [T, string])[];
  readonly value: T;
  readonly onChoose: (value: T) => void;
}

function Choice<T extends string>({ title, all, value, onChoose }: ChoiceProps<T>) {
  return (
    <Field label={title}>
      {(id) => (
        <select
          id={id}
          class="input"
          value={value}
          onChange={(event) => onChoose(event.currentTarget.value as T)}
        >
          {all.map(([each, name]) => (
            <option key={each} value={each}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface PeopleProps {
  readonly accounts: readonly AccountOut[];
  readonly chosen: readonly string[];
  readonly many: boolean;
  readonly onChoose: (users: readonly string[]) => void;
}

function People({ accounts, chosen, many, onChoose }: PeopleProps) {
  if (accounts.length === 0) {
    return <p class="hint">The administrator adds people, as only they see the accounts.</p>;
  }
  const toggle = (id: string) => {
    const others = chosen.filter((each) => each !== id);
    onChoose(chosen.includes(id) ? others : many ? [...chosen, id] : [id]);
  };
  return (
    <fieldset class="choices">
      <legend class="label">{many ? "Members" : "Account"}</legend>
      {accounts.map((each) => (
        <label key={each.id}>
          <input
            type={many ? "checkbox" : "radio"}
            name="people"
            checked={chosen.includes(each.id)}
            onChange={() => toggle(each.id)}
          />
          {each.name}
        </label>
      ))}
    </fieldset>
  );
}
