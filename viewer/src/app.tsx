import { lazy, Suspense } from "preact/compat";
import { useEffect, useState } from "preact/hooks";
import { Api, RefusedError } from "./api/client";
import type { Me } from "./api/records";
import { Account } from "./pages/account";
import { Accounts } from "./pages/accounts";
import { Audit } from "./pages/audit";
import { Dossier } from "./pages/dossier";
import { Dashboard } from "./pages/lead";
import { Again, Login } from "./pages/login";
import { Looks } from "./pages/looks";
import { NewTrial } from "./pages/new-trial";
import { Password } from "./pages/password";
import { Results } from "./pages/results";
import { SetUp } from "./pages/setup";
import { Trials } from "./pages/trials";
import { WorkList } from "./pages/work";
import { sayBack, words } from "./parts/load";
import { parseRoute, type Route } from "./route";
import { Queue } from "./save/queue";

const Reading = lazy(() => import("./pages/reading"));
const Case = lazy(() => import("./pages/case"));
const OneLook = lazy(() => import("./pages/look"));

const api = new Api();

/** Who is logged in: not known yet, nobody, or somebody. */
type Session = "unknown" | "nobody" | Me;

/** What every page is given. */
export interface PageProps {
  readonly api: Api;
  readonly me: Me;
  readonly route: Route;
  readonly onLeave: () => void;
}

function useRoute(): Route {
  const [route, setRoute] = useState(parseRoute(location.hash));
  useEffect(() => {
    const moved = () => setRoute(parseRoute(location.hash));
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  return route;
}

async function whoAmI(): Promise<Session> {
  try {
    const me = await api.get<Me>("/api/me");
    api.enter(me);
    return me;
  } catch (error) {
    if (error instanceof RefusedError && error.status === 401) {
      return "nobody";
    }
    throw error;
  }
}

/** The whole program. */
export function App() {
  const [session, setSession] = useState<Session>("unknown");
  const [failed, setFailed] = useState("");
  const route = useRoute();
  useEffect(() => {
    whoAmI().then(setSession, (error: unknown) => setFailed(words(error)));
  }, []);
  const [ended, setEnded] = useState(false);
  useEffect(() => {
    api.onEnded = () => setEnded(true);
  }, []);
  const entered = (me: Me) => {
    api.enter(me);
    setSession(me);
    setEnded(false);
    sayBack();
  };
  const left = () => {
    api.leave();
    location.hash = "";
    setSession("nobody");
    setEnded(false);
  };
  if (failed !== "") {
    return (
      <main class="center">
        <p>{failed}</p>
      </main>
    );
  }
  if (location.pathname === "/set-up") {
    return <Password api={api} onEntered={entered} />;
  }
  if (session === "unknown") {
    return <main class="center" aria-busy="true" />;
  }
  if (session === "nobody") {
    return <Login api={api} onEntered={entered} />;
  }
  const leave = () => void logOut(session).then((out) => out && left());
  return (
    <>
      <Page api={api} me={session} route={route} onLeave={leave} />
      {ended && <Again api={api} me={session} onEntered={entered} onOther={left} />}
    </>
  );
}

/**
 * End the session and tell whether it is; answers that the server does not have are lost only if
 * one agrees.
 */
async function logOut(me: Me): Promise<boolean> {
  const queue = new Queue(localStorage, me.id);
  const unsent = queue.all().length;
  const ask = `${unsent} of your answers could not be sent yet. Log out and lose them?`;
  if (unsent > 0 && !confirm(ask)) {
    return false;
  }
  try {
    await api.post("/api/logout");
  } catch (error) {
    if (!(error instanceof RefusedError && error.status === 401)) {
      alert(`You are still logged in. ${words(error)}`);
      return false;
    }
  }
  queue.wipe();
  return true;
}

function Page(props: PageProps) {
  const { route } = props;
  if (route.page === "read") {
    return (
      <Suspense fallback={<main class="center" aria-busy="true" />}>
        <Reading {...props} key={route.read} trial={route.trial} read={route.read} />
      </Suspense>
    );
  }
  if (route.page === "look") {
    return (
      <Suspense fallback={<main class="center" aria-busy="true" />}>
        <OneLook {...props} key={route.look} look={route.look} />
      </Suspense>
    );
  }
  if (route.page === "case") {
    return (
      <Suspense fallback={<main class="center" aria-busy="true" />}>
        <Case {...props} key={route.name} trial={route.trial} name={route.name} />
      </Suspense>
    );
  }
  if ("trial" in route) {
    const Found = TRIAL_PAGES[route.page];
    return <Found {...props} key={`${route.page} ${route.trial}`} trial={route.trial} />;
  }
  const Found = OWN_PAGES[route.page];
  return <Found {...props} />;
}

const TRIAL_PAGES = { work: WorkList, lead: Dashboard, results: Results, "set-up": SetUp } as const;
const OWN_PAGES = {
  trials: Trials,
  looks: Looks,
  dossier: Dossier,
  "new-trial": NewTrial,
  accounts: Accounts,
  audit: Audit,
  account: Account,
} as const;
