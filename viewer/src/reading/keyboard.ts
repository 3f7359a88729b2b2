import { useLayoutEffect, useRef } from "preact/hooks";
import { STITCHED } from "../images/stitch";
import { stepped } from "../images/windows";
import { actionOf, keyName } from "../keys/bindings";
import { isDialogOpen } from "../keys/pressed";
import { aim } from "./aim";
import { act } from "./commands";
import type { Desk } from "./model";
import { paneId } from "./panes";

const PAN = 24;
const ZOOM = 1.15;
const STEP = 0.08;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Let keys do what they are bound to, unless somebody types or a dialog is open. */
export function useKeys(desk: Desk): void {
  const now = useRef(desk);
  now.current = desk;
  // before the page is painted, so that no key is lost that is pressed on sight of it
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => answer(now.current, event);
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

function answer(desk: Desk, event: KeyboardEvent): void {
  if (isDialogOpen()) {
    return;
  }
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (event.key === "Escape") {
    target?.blur();
    return;
  }
  if (target !== null && isTyping(target, event.key)) {
    return;
  }
  const key = keyName(event);
  const action = key === null ? null : actionOf(desk.bindings, key);
  if (action !== null && !(key === "Enter" && target?.closest("button, a, summary"))) {
    event.preventDefault();
    act(desk, action);
  } else if (aim(desk, event) || moved(desk, event)) {
    event.preventDefault();
  }
}

/** Return whether a key belongs to the control that has the focus. */
function isTyping(target: HTMLElement, key: string): boolean {
  if (target.closest("textarea, select, input:not([type=range], [type=radio])") !== null) {
    const leaves = key === "Enter" && target instanceof HTMLInputElement;
    if (leaves) {
      target.blur();
    }
    return true;
  }
  return target.closest("input") !== null && key in ARROWS;
}

/** Move or zoom the chosen image, or the window. */
function moved(desk: Desk, event: KeyboardEvent): boolean {
  const { look, stage, change } = desk;
  const id = paneId(look.layout === "stitched" ? STITCHED : look.chosen);
  const arrow = ARROWS[event.key];
  if (arrow !== undefined && event.shiftKey) {
    stage.current?.pan(id, { x: arrow[0] * PAN, y: arrow[1] * PAN });
  } else if (arrow !== undefined) {
    change({ window: stepped(look.window, arrow[0] * STEP, -arrow[1] * STEP), from: null });
  } else if (event.key === "+" || event.key === "=") {
    stage.current?.zoom(id, ZOOM);
  } else if (event.key === "-") {
    stage.current?.zoom(id, 1 / ZOOM);
  } else {
    return false;
  }
  return true;
}
