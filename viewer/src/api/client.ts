import type { Me, Problem } from "./records";

/** The server refused; `problem` says the rule, what was found and what to do. */
export class RefusedError extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(sentence(problem));
    this.status = status;
    this.problem = problem;
  }
}

/** The server could not be reached. */
export class OfflineError extends Error {
  constructor() {
    super("The server cannot be reached.");
  }
}

/** Return a refusal as a sentence for people. */
export function sentence(problem: Problem): string {
  const rule = problem.rule.charAt(0).toUpperCase() + problem.rule.slice(1);
  const found = problem.value === "" ? "" : ` (found: ${problem.value})`;
  return `${rule}${found}. To do: ${problem.remedy}.`;
}

export type Method = "GET" | "POST" | "PUT" | "DELETE";

const STARTED = "The server answered something unreadable";

/** Speaks to the server; knows the session's word once somebody is logged in. */
export class Api {
  /** Called when the server knows the session no more, which nobody here has ended. */
  onEnded: () => void = () => undefined;
  private me: Me | null = null;
  private early = new Map<string, Promise<ArrayBuffer>>();

  enter(me: Me): void {
    this.me = me;
  }

  /** Forget who is logged in; what is still under way says nothing when it is refused. */
  leave(): void {
    this.me = null;
    this.early.clear();
  }

  get<T>(path: string): Promise<T> {
    return this.ask<T>("GET", path);
  }

  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.ask<T>("POST", path, body);
  }

  put<T>(path: string, body: unknown, keepalive = false): Promise<T> {
    return this.ask<T>("PUT", path, body, keepalive);
  }

  delete<T>(path: string): Promise<T> {
    return this.ask<T>("DELETE", path);
  }

  async upload<T>(path: string, form: FormData): Promise<T> {
    const answer = await this.change(path, { method: "POST", body: form });
    return (await answer.json()) as T;
  }

  /** Fetch bytes that will be asked for soon; what came early and was not asked for is dropped. */
  prefetch(paths: readonly string[]): void {
    this.early = new Map(paths.map((path) => [path, this.fetchBytes(path)]));
    for (const coming of this.early.values()) {
      coming.catch(() => this.early.clear());
    }
  }

  bytes(path: string): Promise<ArrayBuffer> {
    const coming = this.early.get(path);
    this.early.delete(path);
    return coming ?? this.fetchBytes(path);
  }

  private async fetchBytes(path: string): Promise<ArrayBuffer> {
    const answer = await this.send(path, { method: "GET" });
    return answer.arrayBuffer();
  }

  private async ask<T>(
    method: Method,
    path: string,
    body?: unknown,
    keepalive = false,
  ): Promise<T> {
    const init: RequestInit = { method, keepalive };
    if (method !== "GET") {
      init.headers = { "Content-Type": "application/json" };
      init.body = JSON.stringify(body ?? {});
    }
    const answer = await (method === "GET" ? this.send(path, init) : this.change(path, init));
    return (await answer.json()) as T;
  }

  /** Change something; once more with a new word where another tab has logged the account in. */
  private async change(path: string, init: RequestInit): Promise<Response> {
    const said = () => {
      const headers = { ...init.headers, "X-CSRF-Token": this.me?.csrf ?? "" };
      return this.send(path, { ...init, headers });
    };
    try {
      return await said();
    } catch (error) {
      if (error instanceof RefusedError && error.status === 403 && (await this.isRenewed())) {
        return said();
      }
      throw error;
    }
  }

  /** Return whether the browser holds another session of the same account, and take its word. */
  private async isRenewed(): Promise<boolean> {
    const before = this.me;
    if (before === null) {
      return false;
    }
    const found = await this.ask<Me>("GET", "/api/me");
    if (found.id !== before.id) {
      this.onEnded();
      return false;
    }
    this.enter(found);
    return found.csrf !== before.csrf;
  }

  private async send(path: string, init: RequestInit): Promise<Response> {
    let answer: Response;
    try {
      answer = await fetch(path, { ...init, cache: "no-store", credentials: "same-origin" });
    } catch {
      throw new OfflineError();
    }
    if (answer.ok) {
      return answer;
    }
    if (answer.status === 401 && this.me !== null) {
      this.onEnded();
    }
    throw new RefusedError(answer.status, await problemOf(answer));
  }
}

async function problemOf(answer: Response): Promise<Problem> {
  const found: unknown = await answer.json().catch(() => null);
  if (isProblem(found)) {
    return found;
  }
  return { rule: STARTED, value: String(answer.status), place: "server", remedy: "try again" };
}

function isProblem(found: unknown): found is Problem {
  return typeof found === "object" && found !== null && "rule" in found && "remedy" in found;
}
