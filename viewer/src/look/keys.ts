import { useLayoutEffect, useRef } from "preact/hooks";
import type { Judgement } from "../api/records";
import type { Tool } from "../images/stage";
import { keyName } from "../keys/bindings";
import { type LookDesk, nextLayout, reset, windowsOf } from "./desk";
import { withJudgement } from "./model";

const JUDGES: Readonly<Record<string, Judgement>> = { A: "accepted", G: "changed", X: "rejected" };
const TOOLS: Readonly<Record<string, Tool>> = {
  W: "window",
  Z: "zoom",
  H: "pan",
  D: "length",
  E: "roi",
};

/** Let keys judge findings and move the images, unless somebody types. */
export function useLookKeys(desk: LookDesk): void {
  const now = useRef(desk);
  now.current = desk;
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const typing = (event.target as HTMLElement).closest("textarea, select, input");
      const key = keyName(event);
      if (typing === null && key !== null && answer(now.current, key)) {
        event.preventDefault();
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

function answer(desk: LookDesk, key: string): boolean {
  const { view, show, canvas } = desk;
  const tool = TOOLS[key];
  const window = windowsOf(desk).find((each) => each.key === key);
  if (tool !== undefined) {
    show({ tool });
  } else if (window !== undefined) {
    show({ window: window.window, from: null });
  } else if (key === "I") {
    show({ invert: !view.invert });
  } else if (key === "V") {
    show({ layout: nextLayout(view.layout, canvas !== null) });
  } else if (key === "R") {
    reset(desk);
  } else {
    return judged(desk, key);
  }
  return true;
}

/** Judge the chosen finding, or go to the next or the one before. */
function judged({ look, given, chosen, change, choose }: LookDesk, key: string): boolean {
  const judgement = JUDGES[key];
  const found = chosen === null || chosen.own ? undefined : look.evidence[chosen.at];
  if (judgement !== undefined && found !== undefined) {
    change(withJudgement(given, found, judgement));
    return true;
  }
  const step = key === "J" ? 1 : key === "K" ? -1 : 0;
  const count = look.evidence.length;
  if (step === 0 || count === 0) {
    return false;
  }
  choose({ own: false, at: ((chosen?.at ?? 0) + step + count) % count });
  return true;
}
