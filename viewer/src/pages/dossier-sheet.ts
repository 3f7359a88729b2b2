/**
 * Return the style and the body of a page of ours. The server's policy allows no inline style, but
 * a style sheet that the program makes; `:root` and `rem` mean the page itself there.
 */
export function sheetOf(page: string): { style: string; body: HTMLElement } {
  const { style, rest } = partsOf(page);
  return { style, body: new DOMParser().parseFromString(rest, "text/html").body };
}

const STYLE = /<style>([\s\S]*?)<\/style>/;
const ROOT_PX = 15;

/** Return a page's style, and the page without it. */
export function partsOf(page: string): { style: string; rest: string } {
  const style = STYLE.exec(page)?.[1] ?? "";
  const own = style
    .replaceAll(":root", ":host")
    .replace(/(\d*\.?\d+)rem\b/g, (_, size: string) => `${Number(size) * ROOT_PX}px`);
  return { style: own, rest: page.replace(STYLE, "") };
}
