import { describe, expect, it } from "vitest";
import type { Api } from "./client";
import { allReads, wholeTable } from "./pages";

/** A server that has so many things and gives at most as many of them as it is asked for. */
function server(count: number, wrap: (part: readonly number[]) => unknown) {
  const asked: string[] = [];
  const get = async (path: string) => {
    asked.push(path);
    const query = new URLSearchParams(path.split("?")[1]);
    const [offset, limit] = [Number(query.get("offset")), Number(query.get("limit"))];
    return wrap(Array.from({ length: count }, (_, at) => at).slice(offset, offset + limit));
  };
  return { api: { get } as unknown as Api, asked };
}

describe("a list longer than a page", () => {
  it("of reads is fetched whole", async () => {
    const { api, asked } = server(1201, (reads) => ({ total: 1201, offset: 0, reads }));
    const found = await allReads(api, "t");
    expect(found.reads).toHaveLength(1201);
    expect(found.reads[1200]).toBe(1200);
    expect(asked).toHaveLength(3);
  });

  it("of reads ends where the server has no more than it said", async () => {
    const { api } = server(0, (reads) => ({ total: 3, offset: 0, reads }));
    expect((await allReads(api, "t")).reads).toEqual([]);
  });

  it("of a table is fetched whole, also where the last page is full", async () => {
    const { api, asked } = server(1000, (rows) => rows);
    expect(await wholeTable(api, "t")).toHaveLength(1000);
    expect(asked).toHaveLength(3);
  });
});
