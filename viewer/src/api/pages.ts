import type { Api } from "./client";
import type { ReadLine, ReadPage, TableRow } from "./records";

/** As many as the server gives at once. */
const PAGE = 500;

/** Fetch all of my reads, in my order. */
export async function allReads(api: Api, trial: string): Promise<ReadPage> {
  const reads: ReadLine[] = [];
  for (;;) {
    const address = `/api/trials/${trial}/reads?limit=${PAGE}&offset=${reads.length}`;
    const page = await api.get<ReadPage>(address);
    reads.push(...page.reads);
    if (page.reads.length === 0 || reads.length >= page.total) {
      return { ...page, offset: 0, reads };
    }
  }
}

/** Fetch every read of a trial as a table. */
export async function wholeTable(api: Api, trial: string): Promise<readonly TableRow[]> {
  const rows: TableRow[] = [];
  for (;;) {
    const address = `/api/trials/${trial}/table?limit=${PAGE}&offset=${rows.length}`;
    const page = await api.get<readonly TableRow[]>(address);
    rows.push(...page);
    if (page.length < PAGE) {
      return rows;
    }
  }
}
