import { useEffect, useRef, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { LookOut } from "../api/records";
import { whenBack, words } from "../parts/load";
import { type Given, givenOf } from "./model";

/** A second look as it stands here and on the server. */
export interface Kept {
  readonly look: LookOut;
  readonly given: Given;
  readonly isSaved: boolean;
  readonly why: string;
  readonly change: (given: Given) => void;
}

/** Keep what is said, and save each change after the one before; the last one's answer counts. */
export function useKept(api: Api, first: LookOut): Kept {
  const [look, setLook] = useState(first);
  const [given, setGiven] = useState<Given>(() => givenOf(first.given));
  const [isSaved, setSaved] = useState(true);
  const [why, setWhy] = useState("");
  const last = useRef(0);
  const running = useRef<Promise<void>>(Promise.resolve());
  const save = async (made: Given, number: number) => {
    if (number !== last.current) {
      return;
    }
    try {
      const answer = await api.put<LookOut>(`/api/looks/${first.id}`, made);
      if (number === last.current) {
        setLook(answer);
        setSaved(true);
        setWhy("");
      }
    } catch (error) {
      setWhy(words(error));
    }
  };
  useEffect(() => (why === "" ? undefined : whenBack(() => change(given))), [why, given]);
  const change = (made: Given) => {
    setGiven(made);
    setSaved(false);
    last.current += 1;
    const number = last.current;
    running.current = running.current.then(() => save(made, number));
  };
  return { look, given, isSaved, why, change };
}
