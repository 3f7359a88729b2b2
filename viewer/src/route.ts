/** Where in the program somebody is; the part of the address after `#`. */
export type Route =
  | { readonly page: "trials" }
  | { readonly page: "work"; readonly trial: string }
  | { readonly page: "read"; readonly trial: string; readonly read: string }
  | { readonly page: "case"; readonly trial: string; readonly name: string }
  | { readonly page: "lead"; readonly trial: string }
  | { readonly page: "results"; readonly trial: string }
  | { readonly page: "new-trial" }
  | { readonly page: "set-up"; readonly trial: string }
  | { readonly page: "looks" }
  | { readonly page: "dossier" }
  | { readonly page: "look"; readonly look: string }
  | { readonly page: "accounts" }
  | { readonly page: "audit" }
  | { readonly page: "account" };

const PAGES = new Set(["new-trial", "accounts", "audit", "account", "looks", "dossier"]);
const TRIAL_PAGES: Readonly<Record<string, "lead" | "results" | "set-up">> = {
  lead: "lead",
  results: "results",
  "set-up": "set-up",
};

/** Return the route of an address's hash; the list of trials where it names none. */
export function parseRoute(hash: string): Route {
  const parts = hash
    .replace(/^#?\/?/, "")
    .split("/")
    .map(decodeURIComponent);
  const [first, trial, third, fourth] = parts;
  if (first === "looks" && trial) {
    return { page: "look", look: trial };
  }
  if (first !== undefined && PAGES.has(first)) {
    return { page: first } as Route;
  }
  if (first !== "trials" || !trial) {
    return { page: "trials" };
  }
  if (third === "reads" && fourth) {
    return { page: "read", trial, read: fourth };
  }
  if (third === "cases" && fourth) {
    return { page: "case", trial, name: fourth };
  }
  const named = third === undefined ? undefined : TRIAL_PAGES[third];
  return named === undefined ? { page: "work", trial } : { page: named, trial };
}

/** Return the hash that leads to a route. */
export function hashOf(route: Route): string {
  if (route.page === "look") {
    return `#/looks/${encodeURIComponent(route.look)}`;
  }
  if (!("trial" in route)) {
    return `#/${route.page}`;
  }
  const trial = `#/trials/${encodeURIComponent(route.trial)}`;
  if (route.page === "work") {
    return trial;
  }
  if (route.page === "case") {
    return `${trial}/cases/${encodeURIComponent(route.name)}`;
  }
  return route.page === "read"
    ? `${trial}/reads/${encodeURIComponent(route.read)}`
    : `${trial}/${route.page}`;
}

/** Go to a route. */
export function go(route: Route): void {
  window.location.hash = hashOf(route);
}
