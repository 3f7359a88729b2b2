/** A row of the statistics, as the server and `analyze` write it. */
export type Row = Readonly<Partial<Record<string, string | number>>>;

/** A figure with its interval. */
export interface Figure {
  readonly reader: string;
  readonly modality: string;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly note: string;
}

/** Return a cell as text, empty where there is none. */
export function cell(row: Row, column: string): string {
  const found = row[column];
  return found === undefined ? "" : String(found);
}

function number(row: Row, column: string): number | null {
  const text = cell(row, column);
  return text === "" ? null : Number(text);
}

/** Return a row's figure with its interval. */
export function figure(row: Row): Figure {
  return {
    reader: cell(row, "reader"),
    modality: cell(row, "modality"),
    value: number(row, "value"),
    low: number(row, "ci_low"),
    high: number(row, "ci_high"),
    note: cell(row, "note"),
  };
}

/** Return rows that have these cells; an empty text asks for an empty cell. */
export function where(
  rows: readonly Row[],
  wanted: Readonly<Record<string, string>>,
): readonly Row[] {
  return rows.filter((row) =>
    Object.entries(wanted).every(([column, text]) => cell(row, column) === text),
  );
}

/** Return a proportion of every reader at a threshold, by Wilson's interval. */
export function proportions(
  rows: readonly Row[],
  statistic: string,
  level: string,
  threshold: string,
): readonly Figure[] {
  return where(rows, { statistic, level, threshold, method: "wilson" })
    .filter((row) => cell(row, "reader") !== "" && cell(row, "reader_2") === "")
    .map(figure);
}

/** How two readers agree. */
export interface Agreement extends Figure {
  readonly other: string;
}

/** Return kappa of every pair of readers, one a pair. */
export function agreements(rows: readonly Row[], level: string, threshold: string) {
  const seen = new Set<string>();
  return where(rows, { statistic: "cohen_kappa", level, threshold })
    .map((row): Agreement => ({ ...figure(row), other: otherOf(row) }))
    .filter((each) => {
      const name = `${each.modality}/${each.reader}/${each.other}`;
      return each.other !== "" && !seen.has(name) && Boolean(seen.add(name));
    });
}

function otherOf(row: Row): string {
  const modality = cell(row, "modality_2");
  const reader = cell(row, "reader_2");
  return modality === "" ? reader : `${reader} (${modality})`;
}

/** Return a number as people print it. */
export function printed(value: number | null): string {
  return value === null || Number.isNaN(value) ? "–" : value.toFixed(3);
}

/** Return a figure with its interval in words. */
export function interval({ low, high }: Figure): string {
  return low === null || high === null ? "" : `${printed(low)} to ${printed(high)}`;
}
