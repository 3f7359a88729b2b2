import { useState } from "preact/hooks";
import type { AccountOut, Done, Invitation, OpenIdentity } from "../api/records";
import type { PageProps } from "../app";
import { Button, Chip, Dialog, Field, Notice, Sure } from "../parts/basics";
import { useLoaded, words } from "../parts/load";
import { Shell } from "../parts/shell";
import { useOpenid } from "./login";

/** All accounts; new ones get a link to set their password. */
export function Accounts(props: PageProps) {
  const { api } = props;
  const [found, again] = useLoaded(() => api.get<readonly AccountOut[]>("/api/accounts"), []);
  const openid = useOpenid(api);
  const [invited, setInvited] = useState<Invitation | null>(null);
  const [why, setWhy] = useState("");
  const ask = (path: string, body: object) => {
    const done = (made: Invitation | Done) => {
      setInvited("secret" in made ? made : null);
      setWhy("");
      again();
    };
    api.post<Invitation | Done>(path, body).then(done, (error: unknown) => setWhy(words(error)));
  };
  return (
    <Shell {...props}>
      <div class="page">
        <h1>Accounts</h1>
        {why !== "" && <Notice look="bad">{why}</Notice>}
        {invited !== null && <Link invited={invited} />}
        <NewAccount onMake={(body) => ask("/api/accounts", body)} />
        {found.kind === "there" && (
          <div class="card">
            <table>
              <thead>
                <tr>
                  <th>Name</th>
                  <th>Is</th>
                  <th>
                    <span class="only-read">Change</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {found.value.map((each) => (
                  <Line
                    key={each.id}
                    account={each}
                    own={each.id === props.me.id}
                    openid={openid}
                    onAsk={ask}
                  />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
    </Shell>
  );
}

interface LineProps {
  readonly account: AccountOut;
  readonly own: boolean;
  /** Whether people may log in at an identity provider. */
  readonly openid: boolean;
  readonly onAsk: (path: string, body: object) => void;
}

function Line({ account, own, openid, onAsk }: LineProps) {
  const place = `/api/accounts/${account.id}`;
  const [asked, setAsked] = useState(false);
  const [binding, setBinding] = useState(false);
  return (
    <tr>
      <td>{account.name}</td>
      <td>
        {account.disabled ? (
          <Chip look="warn">disabled</Chip>
        ) : (
          <span class="muted">{account.administrator ? "administrator" : "person"}</span>
        )}
      </td>
      <td>
        <div class="actions">
          {openid && (
            <Button small disabled={account.disabled} onClick={() => setBinding(true)}>
              Hospital login
            </Button>
          )}
          <Button small disabled={account.disabled} onClick={() => onAsk(`${place}/link`, {})}>
            New link
          </Button>
          <Button
            small
            look="danger"
            disabled={account.disabled || own}
            onClick={() => setAsked(true)}
          >
            Disable
          </Button>
        </div>
        {binding && (
          <BindDialog
            name={account.name}
            onBind={(identity) => {
              setBinding(false);
              onAsk(`${place}/identity`, identity);
            }}
            onClose={() => setBinding(false)}
          />
        )}
        {asked && (
          <Sure
            title={`Disable ${account.name}?`}
            does="Disable the account"
            onDo={() => onAsk(`${place}/disable`, {})}
            onClose={() => setAsked(false)}
          >
            {account.name} is logged out and cannot log in any more. What {account.name} has read
            stays. This cannot be taken back.
          </Sure>
        )}
      </td>
    </tr>
  );
}

interface BindProps {
  readonly name: string;
  readonly onBind: (identity: OpenIdentity) => void;
  readonly onClose: () => void;
}

/** Lets somebody whom the identity provider knows log in as an account. */
function BindDialog({ name, onBind, onClose }: BindProps) {
  const [issuer, setIssuer] = useState("");
  const [subject, setSubject] = useState("");
  const bind = (event: Event) => {
    event.preventDefault();
    onBind({ issuer: issuer.trim(), subject: subject.trim() });
  };
  return (
    <Dialog title={`Hospital login of ${name}`} onClose={onClose}>
      <form class="stack" onSubmit={bind}>
        <Field label="Issuer" hint="The address that --openid-issuer names.">
          {(id) => (
            <input
              id={id}
              class="input"
              type="url"
              required
              maxLength={255}
              value={issuer}
              onInput={(event) => setIssuer(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="Subject" hint={`What ${name} is shown after a first login there.`}>
          {(id) => (
            <input
              id={id}
              class="input"
              required
              maxLength={255}
              value={subject}
              onInput={(event) => setSubject(event.currentTarget.value)}
            />
          )}
        </Field>
        <div class="actions">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="primary">
            Bind it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Link({ invited }: { readonly invited: Invitation }) {
  const link = `${location.origin}/set-up#${invited.secret}`;
  return (
    <Notice>
      <div class="stack grows">
        <span>
          Give {invited.account.name} this link; it sets the password, works once, and ends in an
          hour.
        </span>
        <input
          class="input mono"
          readOnly
          aria-label={`Link for ${invited.account.name}`}
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
      </div>
    </Notice>
  );
}

function NewAccount({ onMake }: { readonly onMake: (body: object) => void }) {
  const [name, setName] = useState("");
  const [administrator, setAdministrator] = useState(false);
  const make = (event: Event) => {
    event.preventDefault();
    onMake({ name, administrator });
    setName("");
  };
  return (
    <form class="card padded row wrap bottom" onSubmit={make}>
      <Field label="Name of a new account">
        {(id) => (
          <input
            id={id}
            class="input"
            required
            pattern="[a-z0-9][a-z0-9._\-]{1,31}"
            title="2 to 32 of a-z, 0-9, dot, dash and underscore"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <label class="check">
        <input
          type="checkbox"
          checked={administrator}
          onChange={(event) => setAdministrator(event.currentTarget.checked)}
        />
        administrator
      </label>
      <Button type="submit" look="primary">
        Make it
      </Button>
    </form>
  );
}
