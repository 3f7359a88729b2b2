import { useState } from "preact/hooks";
import type { Done, SessionOut } from "../api/records";
import type { PageProps } from "../app";
import { Button, Chip, Notice, PasswordField } from "../parts/basics";
import { useLoaded, words } from "../parts/load";
import { Shell } from "../parts/shell";
import { moment } from "../parts/time";

/** My password and my sessions. */
export function Account(props: PageProps) {
  const { api } = props;
  const [sessions, again] = useLoaded(() => api.get<readonly SessionOut[]>("/api/sessions"), []);
  const end = (session: SessionOut) =>
    void api.delete<Done>(`/api/sessions/${session.id}`).then(again, again);
  return (
    <Shell {...props}>
      <div class="page">
        <h1>Your account</h1>
        <PasswordForm {...props} />
        <section class="stack" aria-labelledby="sessions">
          <h2 id="sessions">Sessions</h2>
          <div class="card">
            <table>
              <thead>
                <tr>
                  <th>Browser</th>
                  <th>Begun</th>
                  <th>Last seen</th>
                  <th>
                    <span class="only-read">End</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {sessions.kind === "there" &&
                  sessions.value.map((each) => (
                    <tr key={each.id}>
                      <td>{browserOf(each.agent)}</td>
                      <td>{moment(each.created)}</td>
                      <td>{moment(each.seen)}</td>
                      <td class="number">
                        {each.current ? (
                          <Chip look="good">this one</Chip>
                        ) : (
                          <Button small onClick={() => end(each)}>
                            End
                          </Button>
                        )}
                      </td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </div>
        </section>
      </div>
    </Shell>
  );
}

function PasswordForm({ api, onLeave }: PageProps) {
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [why, setWhy] = useState("");
  const change = async (event: Event) => {
    event.preventDefault();
    try {
      await api.post<Done>("/api/password", { old, new: fresh });
      onLeave();
    } catch (error) {
      setWhy(words(error));
    }
  };
  return (
    <form class="card padded stack enter" onSubmit={(event) => void change(event)}>
      <h2>Password</h2>
      <PasswordField label="Old password" value={old} onValue={setOld} />
      <PasswordField
        label="New password"
        hint="At least 12 characters. Every session ends."
        isNew
        value={fresh}
        onValue={setFresh}
      />
      {why !== "" && <Notice look="bad">{why}</Notice>}
      <div class="actions">
        <Button type="submit">Change it</Button>
      </div>
    </form>
  );
}

/** Return the browser that an agent string names. */
function browserOf(agent: string): string {
  const found = /(Firefox|Edg|Chrome|Safari)\/[\d.]+/.exec(agent);
  return found?.[1]?.replace("Edg", "Edge") ?? "unknown";
}
