import "../styles/reading.css";
import type { LookOut } from "../api/records";
import type { PageProps } from "../app";
import type { ImageInfo } from "../images/dicom";
import { drawnBy } from "../images/stage";
import { LookPage } from "../look/page";
import { Notice } from "../parts/basics";
import { useLoaded } from "../parts/load";
import { imagesAt } from "../reading/desk";
import { hashOf } from "../route";

interface LookProps extends PageProps {
  readonly look: string;
}

/** A study that is open for a second look. */
export default function OneLook({ api, look }: LookProps) {
  const place = `/api/looks/${look}`;
  const [found] = useLoaded(async (): Promise<readonly [LookOut, readonly ImageInfo[]]> => {
    const first = await api.get<LookOut>(place);
    return [first, await imagesAt(api, place, first.study.uid, first.study.images)];
  }, [look]);
  if (found.kind === "failed") {
    return (
      <main class="page">
        <Notice look="bad">{found.why}</Notice>
        <a href={hashOf({ page: "looks" })}>Back to second looks</a>
      </main>
    );
  }
  if (found.kind === "waiting") {
    return <main class="center" aria-busy="true" />;
  }
  const [first, images] = found.value;
  return <LookPage api={api} first={first} images={images} drawn={drawnBy(location.search)} />;
}
