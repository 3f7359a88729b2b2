import { afterEach, describe, expect, it, vi } from "vitest";
import { Api, RefusedError } from "./client";
import type { Me } from "./records";

const ANN: Me = { id: "ann", name: "ann", administrator: false, csrf: "old", expires: "" };

/** A server that knows one session, by its word and account; no session: `null`. */
function serve(session: Me | null): string[] {
  const asked: string[] = [];
  const answer = async (path: string, init: RequestInit): Promise<Response> => {
    const word = new Headers(init.headers).get("X-CSRF-Token");
    asked.push(`${init.method} ${path} ${word ?? "-"}`);
    if (session === null) {
      return Response.json({ rule: "this needs a login", remedy: "log in" }, { status: 401 });
    }
    const fits = init.method === "GET" || word === session.csrf;
    return Response.json(fits ? session : { rule: "no", remedy: "no" }, {
      status: fits ? 200 : 403,
    });
  };
  vi.stubGlobal("fetch", answer);
  return asked;
}

function loggedIn() {
  const api = new Api();
  const ended = vi.fn();
  api.onEnded = ended;
  api.enter(ANN);
  return { api, ended };
}

describe("a session", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("that another tab has renewed goes on here with its new word", async () => {
    const asked = serve({ ...ANN, csrf: "new" });
    const { api, ended } = loggedIn();
    await api.put("/draft", {});
    expect(asked).toEqual(["PUT /draft old", "GET /api/me -", "PUT /draft new"]);
    expect(ended).not.toHaveBeenCalled();
  });

  it("of somebody else in this browser changes nothing and is told", async () => {
    const asked = serve({ ...ANN, id: "bob", csrf: "other" });
    const { api, ended } = loggedIn();
    await expect(api.put("/draft", {})).rejects.toThrow(RefusedError);
    expect(asked).toHaveLength(2);
    expect(ended).toHaveBeenCalledOnce();
  });

  it("that has ended is told, but not after one has logged out", async () => {
    serve(null);
    const { api, ended } = loggedIn();
    await expect(api.get("/api/trials")).rejects.toThrow(RefusedError);
    expect(ended).toHaveBeenCalledOnce();
    api.leave();
    await expect(api.get("/api/trials")).rejects.toThrow(RefusedError);
    expect(ended).toHaveBeenCalledOnce();
  });

  it("that may not do something is refused once", async () => {
    const asked = serve({ ...ANN, csrf: "old" });
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
      asked.push(`${init.method} ${path}`);
      return path === "/api/me"
        ? Response.json(ANN)
        : Response.json({ rule: "no", remedy: "no" }, { status: 403 });
    });
    const { api } = loggedIn();
    await expect(api.post("/lock")).rejects.toThrow(RefusedError);
    expect(asked).toEqual(["POST /lock", "GET /api/me"]);
  });
});
