import type { ComponentChildren } from "preact";
import type { Me, TrialOut } from "../api/records";
import { hashOf, type Route } from "../route";
import { Button } from "./basics";

interface ShellProps {
  readonly me: Me;
  readonly route: Route;
  readonly trial?: TrialOut | null;
  readonly onLeave: () => void;
  readonly children: ComponentChildren;
}

/** The bar on top of every page but the reading page. */
export function Shell({ me, route, trial, onLeave, children }: ShellProps) {
  return (
    <>
      <header class="top">
        <a class="brand" href="#/trials">
          MyeloScope
        </a>
        <nav aria-label="Pages">
          {linksOf(me, trial ?? null).map(([words, to]) => (
            <a
              key={words}
              href={hashOf(to)}
              aria-current={to.page === route.page ? "page" : undefined}
            >
              {words}
            </a>
          ))}
        </nav>
        <span class="push small muted">Research use, not for clinical decisions</span>
        <a href={hashOf({ page: "account" })} class="small">
          {me.name}
        </a>
        <Button look="quiet" small onClick={onLeave}>
          Log out
        </Button>
      </header>
      <main>{children}</main>
    </>
  );
}

function linksOf(me: Me, trial: TrialOut | null): readonly (readonly [string, Route])[] {
  const links: (readonly [string, Route])[] = [["Trials", { page: "trials" }]];
  if (trial !== null) {
    links.push(...trialLinks(trial));
  } else {
    links.push(["Second look", { page: "looks" }], ["Dossier", { page: "dossier" }]);
  }
  if (trial === null && me.administrator) {
    links.push(["Accounts", { page: "accounts" }], ["Audit", { page: "audit" }]);
  }
  return links;
}

function trialLinks(found: TrialOut): readonly (readonly [string, Route])[] {
  const { id: trial, roles, phase } = found;
  const links: (readonly [string, Route])[] = [];
  const leads = roles.includes("lead");
  if (roles.includes("reader") || roles.includes("panel-member")) {
    links.push(["Work list", { page: "work", trial }]);
  }
  if (leads || roles.includes("administrator")) {
    links.push(["Dashboard", { page: "lead", trial }]);
  }
  if ((leads || roles.includes("administrator")) && phase === "draft") {
    links.push(["Set-up", { page: "set-up", trial }]);
  }
  if (leads && ["locked", "unblinded", "archived"].includes(phase)) {
    links.push(["Results", { page: "results", trial }]);
  }
  return links;
}
