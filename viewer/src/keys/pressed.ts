import { useLayoutEffect, useRef } from "preact/hooks";
import { keyName } from "./bindings";

/** Return whether a dialog has the keys. */
export function isDialogOpen(): boolean {
  return document.querySelector("dialog[open]") !== null;
}

/** Let keys do what they say, unless somebody types; `answer` tells whether a key says anything. */
export function usePressed(answer: (key: string) => boolean): void {
  const now = useRef(answer);
  now.current = answer;
  // before the page is painted, so that no key is lost that is pressed on sight of it
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const typing = (event.target as HTMLElement).closest("textarea, select, input");
      const key = keyName(event);
      if (!isDialogOpen() && typing === null && key !== null && now.current(key)) {
        event.preventDefault();
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}
