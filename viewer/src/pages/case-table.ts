import type { Grade, TableRow } from "../api/records";

/** A case with each reader's grades, region by region. */
export interface CaseRow {
  readonly name: string;
  readonly truth: boolean | null;
  readonly grades: ReadonlyMap<string, readonly (Grade | null)[]>;
  /** Whether readers of one technique differ in calling it positive. */
  readonly discordant: boolean;
}

/** Return the name under which a read stands in the table: its reader, and which read it is. */
function columnOf(row: TableRow): string {
  const again = row.repeat > 0 ? ", again" : "";
  const technique = row.technique === "mr-myelography" ? "MRM" : "RIC";
  return `${row.reader} (${technique}${again})`;
}

/** Return the columns of the table of cases. */
export function readersOf(table: readonly TableRow[]): readonly string[] {
  return [...new Set(table.map(columnOf))].sort();
}

/** Return the cases of a table of reads, by name. */
export function casesOf(table: readonly TableRow[]): readonly CaseRow[] {
  const names = [...new Set(table.map((row) => row.case))].sort();
  return names.map((name) => caseOf(name, table));
}

function caseOf(name: string, table: readonly TableRow[]): CaseRow {
  const rows = table.filter((row) => row.case === name);
  const grades = new Map<string, (Grade | null)[]>();
  for (const row of rows) {
    const column = columnOf(row);
    grades.set(column, [...(grades.get(column) ?? []), row.grade]);
  }
  const calls = [...grades].map(
    ([column, each]) => [column.includes("RIC"), callOf(each)] as const,
  );
  const differ = [true, false].some((ric) => {
    const own = calls.filter(([is, call]) => is === ric && call !== null).map(([, call]) => call);
    return new Set(own).size > 1;
  });
  return { name, truth: rows[0]?.truth ?? null, grades, discordant: differ };
}

/** Return whether grades call a case positive: any from 1; negative only if all were given. */
function callOf(grades: readonly (Grade | null)[]): boolean | null {
  if (grades.some((grade) => grade !== null && grade > 0)) {
    return true;
  }
  return grades.includes(null) ? null : false;
}
