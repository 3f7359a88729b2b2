import { useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Me } from "../api/records";
import { Button, Field, Notice, PasswordField } from "../parts/basics";
import { words } from "../parts/load";

interface EnterProps {
  readonly api: Api;
  readonly onEntered: (me: Me) => void;
}

/** What the first start's link asks with, which makes the administrator and so needs a name. */
const FIRST = "?administrator";

/** Uses a one-time link; its secret stands behind the `#`, so that it is never sent in an address. */
export function Password({ api, onEntered }: EnterProps) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [why, setWhy] = useState("");
  const [isFirst] = useState(location.search === FIRST);
  const enter = async (event: Event) => {
    event.preventDefault();
    const given = { secret: location.hash.slice(1), password };
    try {
      const me = await api.post<Me>("/api/set-up", name === "" ? given : { ...given, name });
      history.replaceState(null, "", "/");
      onEntered(me);
    } catch (error) {
      setWhy(words(error));
    }
  };
  return (
    <main class="center">
      <form class="card padded stack enter" onSubmit={(event) => void enter(event)}>
        <div>
          <h1>{isFirst ? "The first administrator" : "Set a password"}</h1>
          <p class="muted">This link works once, within an hour.</p>
        </div>
        {isFirst && (
          <Field
            label="Name"
            hint="Of the administrator: 2 to 32 of a-z, 0-9, dot, dash, underscore."
          >
            {(id) => (
              <input
                id={id}
                class="input"
                autocomplete="username"
                required
                value={name}
                onInput={(event) => setName(event.currentTarget.value)}
              />
            )}
          </Field>
        )}
        <PasswordField
          hint="At least 12 characters."
          isNew
          value={password}
          onValue={setPassword}
        />
        {why !== "" && <Notice look="bad">{why}</Notice>}
        <Button type="submit" look="primary">
          Set it and log in
        </Button>
      </form>
    </main>
  );
}
