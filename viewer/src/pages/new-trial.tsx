import { useState } from "preact/hooks";
import type { AccountOut, TrialOut } from "../api/records";
import type { PageProps } from "../app";
import { Button, Field, Notice } from "../parts/basics";
import { useLoaded, words } from "../parts/load";
import { Shell } from "../parts/shell";
import { go } from "../route";

/** A trial begins with a title and who leads it. */
export function NewTrial(props: PageProps) {
  const { api } = props;
  const [found] = useLoaded(() => api.get<readonly AccountOut[]>("/api/accounts"), []);
  const [title, setTitle] = useState("");
  const [leads, setLeads] = useState<readonly string[]>([]);
  const [why, setWhy] = useState("");
  const make = async (event: Event) => {
    event.preventDefault();
    try {
      const made = await api.post<TrialOut>("/api/trials", { title, leads });
      go({ page: "set-up", trial: made.id });
    } catch (error) {
      setWhy(words(error));
    }
  };
  const toggle = (id: string) =>
    setLeads(leads.includes(id) ? leads.filter((each) => each !== id) : [...leads, id]);
  const accounts = found.kind === "there" ? found.value.filter((each) => !each.disabled) : [];
  return (
    <Shell {...props}>
      <div class="page">
        <h1>New trial</h1>
        <form class="card padded stack" onSubmit={(event) => void make(event)}>
          <Field label="Title">
            {(id) => (
              <input
                id={id}
                class="input"
                required
                maxLength={200}
                value={title}
                onInput={(event) => setTitle(event.currentTarget.value)}
              />
            )}
          </Field>
          <fieldset class="choices">
            <legend class="label">Leads: they open, lock and unblind it</legend>
            {accounts.map((each) => (
              <label key={each.id}>
                <input
                  type="checkbox"
                  checked={leads.includes(each.id)}
                  onChange={() => toggle(each.id)}
                />
                {each.name}
              </label>
            ))}
          </fieldset>
          {why !== "" && <Notice look="bad">{why}</Notice>}
          <div class="actions">
            <Button type="submit" look="primary" disabled={leads.length === 0}>
              Create it
            </Button>
          </div>
        </form>
      </div>
    </Shell>
  );
}
