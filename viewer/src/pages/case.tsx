import { useState } from "preact/hooks";
import "../styles/reading.css";
import type { CaseOut, ExaminationOut, TrialOut } from "../api/records";
import type { PageProps } from "../app";
import { drawnBy } from "../images/stage";
import { Button, Notice } from "../parts/basics";
import { useLoaded } from "../parts/load";
import { CaseView, examName } from "../reading/case";
import { imagesAt } from "../reading/desk";
import { hashOf } from "../route";

interface CaseProps extends PageProps {
  readonly trial: string;
  readonly name: string;
}

/** A case after unblinding, with its images and every reader's marks. */
export default function Case({ api, trial, name }: CaseProps) {
  const place = `/api/trials/${trial}/cases/${name}`;
  const [at, setAt] = useState(0);
  const [found] = useLoaded(
    () =>
      Promise.all([api.get<TrialOut>(`/api/trials/${trial}`), api.get<CaseOut>(place)] as const),
    [name],
  );
  if (found.kind === "failed") {
    return (
      <main class="page">
        <Notice look="bad">{found.why}</Notice>
        <a href={hashOf({ page: "results", trial })}>Back to the results</a>
      </main>
    );
  }
  if (found.kind === "waiting") {
    return <main class="center" aria-busy="true" />;
  }
  const [heading, file] = found.value;
  const exam = file.examinations[at];
  return (
    <div class="reading">
      <header class="top case-bar">
        <a href={hashOf({ page: "results", trial })}>← Results</a>
        <h1>{file.id}</h1>
        <span class="muted">{file.truth ? "patient" : "control"}</span>
        <fieldset class="row">
          <legend class="only-read">Examination</legend>
          {file.examinations.map((each, own) => (
            <Button small key={examName(each)} aria-pressed={own === at} onClick={() => setAt(own)}>
              {examName(each)}
            </Button>
          ))}
        </fieldset>
        <span class="push muted">{heading.title}</span>
      </header>
      {exam !== undefined && (
        <Exam key={examName(exam)} api={api} place={place} found={file} exam={exam} />
      )}
    </div>
  );
}

interface ExamProps extends Pick<PageProps, "api"> {
  readonly place: string;
  readonly found: CaseOut;
  readonly exam: ExaminationOut;
}

function Exam({ api, place, found, exam }: ExamProps) {
  const [images] = useLoaded(() => imagesAt(api, place, exam.study.uid, exam.study.images), []);
  if (images.kind === "failed") {
    return <Notice look="bad">{images.why}</Notice>;
  }
  if (images.kind === "waiting") {
    return <main class="center" aria-busy="true" />;
  }
  const drawn = drawnBy(location.search);
  return <CaseView api={api} found={found} exam={exam} images={images.value} drawn={drawn} />;
}
