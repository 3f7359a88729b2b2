import { useEffect } from "preact/hooks";
import "../styles/reading.css";
import type { Me } from "../api/records";
import type { PageProps } from "../app";
import { drawnBy } from "../images/stage";
import { Notice } from "../parts/basics";
import { type CaseFile, useCase, type Where } from "../reading/desk";
import { DeskPage } from "../reading/page";
import { hashOf } from "../route";

interface ReadingProps extends PageProps {
  readonly trial: string;
  readonly read: string;
}

/** A case with its images and form. */
export default function Reading({ api, me, trial, read }: ReadingProps) {
  const where: Where = { api, trial, read };
  const [found] = useCase(where);
  useEffect(() => {
    document.title = "Reading - MyeloScope";
    return () => {
      document.title = "MyeloScope";
    };
  }, []);
  if (found.kind === "failed") {
    return (
      <main class="page">
        <Notice look="bad">{found.why}</Notice>
        <a href={hashOf({ page: "work", trial })}>Back to the work list</a>
      </main>
    );
  }
  if (found.kind === "waiting") {
    return <main class="center" aria-busy="true" />;
  }
  return <Ready where={where} me={me} file={found.value} />;
}

interface ReadyProps {
  readonly where: Where;
  readonly me: Me;
  readonly file: CaseFile;
}

function Ready({ where, me, file }: ReadyProps) {
  return <DeskPage where={where} me={me} file={file} drawn={drawnBy(location.search)} />;
}
