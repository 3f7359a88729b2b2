import { describe, expect, it } from "vitest";
import { type Api, RefusedError } from "../api/client";
import type { ReadOut } from "../api/records";
import { openCase } from "./desk";

const PROBLEM = {
  rule: "a read that is started cannot be begun",
  value: "",
  place: "read r",
  remedy: "reload",
};

/** A server with one read, which somebody else begins just before this page asks to. */
function server(others: boolean): Api {
  let status = "assigned";
  const read = () => ({ id: "r", status, study: { uid: "1", images: 0 }, priors: { images: 0 } });
  return {
    get: async (path: string) =>
      path.endsWith("/reads/r") ? read() : { phase: "open", total: 0, reads: [] },
    post: async () => {
      status = others ? "started" : status;
      throw new RefusedError(409, PROBLEM);
    },
  } as unknown as Api;
}

describe("a case that is opened", () => {
  const where = (others: boolean) => ({ api: server(others), trial: "t", read: "r" });

  it("is shown to every member of a panel who opens it at the same moment", async () => {
    const { read } = await openCase(where(true));
    expect((read as ReadOut).status).toBe("started");
  });

  it("says why where it may not begin", async () => {
    await expect(openCase(where(false))).rejects.toThrow(/cannot be begun/);
  });
});
