import { useEffect, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Me, WaysIn } from "../api/records";
import { Button, Dialog, Field, Notice, PasswordField } from "../parts/basics";
import { words } from "../parts/load";

interface EnterProps {
  readonly api: Api;
  readonly onEntered: (me: Me) => void;
}

/** Name and password. */
export function Login({ api, onEntered }: EnterProps) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [why, setWhy] = useState(() => cameBack(location.hash));
  const openid = useOpenid(api);
  const [busy, setBusy] = useState(false);
  const enter = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      onEntered(await api.post<Me>("/api/login", { name, password }));
    } catch (error) {
      setWhy(words(error));
      setBusy(false);
    }
  };
  return (
    <main class="center">
      <form class="card padded stack enter" onSubmit={(event) => void enter(event)}>
        <div>
          <h1>MyeloScope</h1>
          <p class="muted">Reader studies of MR myelography</p>
        </div>
        <Field label="Name">
          {(id) => (
            <input
              id={id}
              class="input"
              autocomplete="username"
              required
              autofocus
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          )}
        </Field>
        <PasswordField value={password} onValue={setPassword} />
        {why !== "" && <Notice look="bad">{why}</Notice>}
        <Button type="submit" look="primary" disabled={busy}>
          Log in
        </Button>
        {openid && (
          <a class="button" href="/api/openid">
            Log in at your hospital
          </a>
        )}
        <p class="foot">Research use, not for clinical decisions.</p>
      </form>
    </main>
  );
}

interface AgainProps extends EnterProps {
  readonly me: Me;
  /** Somebody else wants to log in. */
  readonly onOther: () => void;
}

/** A session ended in the midst of something: it goes on where it was after the password. */
export function Again({ api, me, onEntered, onOther }: AgainProps) {
  const [password, setPassword] = useState("");
  const [why, setWhy] = useState("");
  const openid = useOpenid(api);
  const enter = async (event: Event) => {
    event.preventDefault();
    try {
      onEntered(await api.post<Me>("/api/login", { name: me.name, password }));
    } catch (error) {
      setWhy(words(error));
    }
  };
  return (
    <Dialog title="Your session has ended" onClose={() => undefined}>
      <p class="muted">
        Log in again, {me.name}, and go on where you were. An answer that is not saved yet is kept
        in this browser.
      </p>
      <form class="stack" onSubmit={(event) => void enter(event)}>
        <PasswordField autofocus value={password} onValue={setPassword} />
        {why !== "" && <Notice look="bad">{why}</Notice>}
        <div class="actions">
          <Button look="quiet" onClick={onOther}>
            Log in as somebody else
          </Button>
          {openid && (
            <a class="button" href="/api/openid">
              Log in at your hospital
            </a>
          )}
          <Button type="submit" look="primary">
            Log in
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Return whether people may log in at an identity provider. */
export function useOpenid(api: Api): boolean {
  const [openid, setOpenid] = useState(false);
  useEffect(() => {
    api.get<WaysIn>("/api/login").then(
      (ways) => setOpenid(ways.openid),
      () => undefined, // the form says so when it is sent
    );
  }, []);
  return openid;
}

/** Return what the identity provider's way back says, where it came to nothing. */
function cameBack(hash: string): string {
  if (hash === "#openid-failed") {
    return "The login at your hospital came to nothing. Try again, or log in with a password.";
  }
  const [, subject] = hash.split("#openid-unknown=");
  return subject === undefined
    ? ""
    : `No account here is yours yet. Tell the administrator this name: ${decodeURIComponent(subject)}`;
}
