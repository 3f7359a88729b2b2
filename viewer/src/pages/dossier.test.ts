import { describe, expect, it } from "vitest";
import { partsOf } from "./dossier-sheet";

describe("a page shown inside another", () => {
  it("keeps its style to itself, in its own measure", () => {
    const page =
      "<html><style>:root { --a: 1px } p { margin: .4rem 1rem }</style><body>x</body></html>";
    expect(partsOf(page)).toEqual({
      style: ":host { --a: 1px } p { margin: 6px 15px }",
      rest: "<html><body>x</body></html>",
    });
  });
});
