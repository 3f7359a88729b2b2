import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Api } from "../api/client";
import { allReads } from "../api/pages";
import type { Me, ReadOut, ReadPage, TrialOut } from "../api/records";
import { type DicomJson, type ImageInfo, imagesOf } from "../images/dicom";
import { neighbour } from "../pages/work-order";
import { useLoaded, whenBack } from "../parts/load";
import { Autosave } from "../save/autosave";
import { ReadingClock } from "../save/clock";
import { Queue } from "../save/queue";

/** Everything that a case needs before it can be read. */
export interface CaseFile {
  readonly trial: TrialOut;
  readonly list: ReadPage;
  readonly read: ReadOut;
  readonly images: readonly ImageInfo[];
  readonly priors: readonly ImageInfo[];
}

/** Which read of which trial. */
export interface Where {
  readonly api: Api;
  readonly trial: string;
  readonly read: string;
}

/** Earlier images are counted from here. */
const EARLIER = 1000;

/** Return a read's address. */
export function placeOf({ trial, read }: Pick<Where, "trial" | "read">): string {
  return `/api/trials/${trial}/reads/${read}`;
}

/** Fetch what showing the images of a study needs. */
export async function imagesAt(api: Api, place: string, uid: string, count: number) {
  if (count === 0) {
    return [];
  }
  const base = `${place}/studies/${uid}`;
  const found = await api.bytes(`${base}/metadata`);
  return imagesOf(JSON.parse(new TextDecoder().decode(found)) as readonly DicomJson[], base);
}

/** Fetch a case; a read that is not begun begins. */
export async function openCase(where: Where): Promise<CaseFile> {
  const { api, trial } = where;
  const place = placeOf(where);
  const [heading, list, seen] = await Promise.all([
    api.get<TrialOut>(`/api/trials/${trial}`),
    listOf(where),
    api.get<ReadOut>(place),
  ]);
  const begins = seen.status === "assigned" && heading.phase === "open";
  const [read, images, priors] = await Promise.all([
    begins ? begun(api, place) : seen,
    imagesAt(api, place, seen.study.uid, seen.study.images),
    imagesAt(api, place, seen.priors.uid, seen.priors.images),
  ]);
  const earlier = priors.map((each, at) => ({
    ...each,
    index: EARLIER + at,
    view: `earlier, ${each.view}`,
    position: null, // another visit, another place on the table
  }));
  return { trial: heading, list, read, images, priors: earlier };
}

/** Begin a read, or take it as it is where another member or tab has begun it meanwhile. */
async function begun(api: Api, place: string): Promise<ReadOut> {
  try {
    return await api.post<ReadOut>(`${place}/start`);
  } catch (error) {
    const found = await api.get<ReadOut>(place);
    if (found.status === "assigned") {
      throw error;
    }
    return found;
  }
}

/** Fetch my reads in my order. */
export function listOf({ api, trial }: Pick<Where, "api" | "trial">): Promise<ReadPage> {
  return allReads(api, trial);
}

/** Fetch the images of the case after this one, so that they are there when it is opened. */
export async function fetchAhead({ api, trial, read }: Where): Promise<void> {
  const next = neighbour((await listOf({ api, trial })).reads, read, 1);
  if (next !== null) {
    const place = placeOf({ trial, read: next.id });
    const { study } = await api.get<ReadOut>(place);
    const images = await imagesAt(api, place, study.uid, study.images);
    if (images.length === 0) {
      return; // out of reach until this case is locked
    }
    api.prefetch([`${place}/studies/${study.uid}/metadata`, ...images.map((each) => each.frame)]);
  }
}

/** Fetch a case when the page opens. */
export function useCase(where: Where) {
  return useLoaded(() => openCase(where), [where.read]);
}

/** An autosave whose every change draws the page anew. */
export function useAutosave(where: Where, me: Me, read: ReadOut): Autosave {
  const [, draw] = useState(0);
  const { api } = where;
  const place = placeOf(where);
  const clock = useMemo(() => new ReadingClock(() => performance.now() / 1000), []);
  const autosave = useMemo(() => {
    const outside = {
      send: (draft: object) => api.put<ReadOut>(`${place}/draft`, draft),
      look: () => api.get<ReadOut>(place),
      later: (run: () => void, ms: number) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
      queue: new Queue(localStorage, me.id),
      clock,
    };
    return new Autosave(where.trial, read, outside, () => draw((count) => count + 1));
  }, []);
  const begun = useRef(false);
  useEffect(() => {
    if (!begun.current) {
      begun.current = true;
      autosave.resume();
    }
    return watch(clock, autosave);
  }, []);
  return autosave;
}

/** Tell the clock of actions and the autosave of the connection; return how to stop. */
function watch(clock: ReadingClock, autosave: Autosave): () => void {
  const acted = () => clock.acted();
  const hidden = () => clock.hide(document.visibilityState === "hidden");
  const back = () => void autosave.flush();
  const actions = ["pointerdown", "pointermove", "keydown", "wheel"] as const;
  for (const each of actions) {
    addEventListener(each, acted, { passive: true });
  }
  document.addEventListener("visibilitychange", hidden);
  const stop = whenBack(back);
  return () => {
    for (const each of actions) {
      removeEventListener(each, acted);
    }
    document.removeEventListener("visibilitychange", hidden);
    stop();
    void autosave.flush();
    autosave.close();
  };
}
