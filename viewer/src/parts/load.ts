import { useEffect, useRef, useState } from "preact/hooks";
import { OfflineError } from "../api/client";

/** Something that is fetched: not yet there, there, or refused in words. */
export type Loaded<T> =
  | { readonly kind: "waiting" }
  | { readonly kind: "there"; readonly value: T }
  | { readonly kind: "failed"; readonly why: string };

const BACK = "myeloscope-back";

/** Tell everything that waits for the server that it may ask again. */
export function sayBack(): void {
  dispatchEvent(new Event(BACK));
}

/** Run something when the connection or the session is back; return how to stop. */
export function whenBack(run: () => void): () => void {
  addEventListener(BACK, run);
  addEventListener("online", run);
  return () => {
    removeEventListener(BACK, run);
    removeEventListener("online", run);
  };
}

/**
 * Fetch something when what it depends on changes; the second value fetches it again. What failed
 * is fetched again when the connection or the session is back; what is there stays while the
 * server is out of reach.
 */
export function useLoaded<T>(
  fetch: () => Promise<T>,
  on: readonly unknown[],
): readonly [Loaded<T>, () => void] {
  const [found, setFound] = useState<Loaded<T>>({ kind: "waiting" });
  const [again, setAgain] = useState(0);
  const before = useRef(again);
  useEffect(() => {
    let wanted = true;
    const repeats = before.current !== again;
    before.current = again;
    const failed = (error: unknown) => (now: Loaded<T>) =>
      repeats && now.kind === "there" && error instanceof OfflineError
        ? now
        : { kind: "failed" as const, why: words(error) };
    fetch().then(
      (value) => wanted && setFound({ kind: "there", value }),
      (error: unknown) => wanted && setFound(failed(error)),
    );
    return () => {
      wanted = false;
    };
  }, [...on, again]);
  const repeat = () => setAgain((count) => count + 1);
  const failed = found.kind === "failed";
  useEffect(() => (failed ? whenBack(repeat) : undefined), [failed]);
  return [found, repeat];
}

/** Return what went wrong as a sentence. */
export function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Run something every so many seconds while the page shows. */
export function useEvery(seconds: number, run: () => void): void {
  useEffect(() => {
    const timer = setInterval(run, seconds * 1000);
    return () => clearInterval(timer);
  }, []);
}
