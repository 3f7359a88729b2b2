import { useState } from "preact/hooks";
import { TECHNIQUE_WORD } from "../answer/words";
import type { LookLine, LookOut } from "../api/records";
import type { PageProps } from "../app";
import { Button, Chip, Notice } from "../parts/basics";
import { ImageFiles } from "../parts/files";
import { useLoaded, words } from "../parts/load";
import { Shell } from "../parts/shell";
import { go, hashOf } from "../route";
import { zipped } from "./zip";

/** Second look: open a study, or go on with one. */
export function Looks(props: PageProps) {
  const { api } = props;
  const [found, again] = useLoaded(() => api.get<readonly LookLine[]>("/api/looks"), []);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState("");
  const open = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setWhy("");
    try {
      const form = new FormData();
      form.append("images", await zipped(files), "images.zip");
      const made = await api.upload<LookOut>("/api/looks", form);
      go({ page: "look", look: made.id });
    } catch (error) {
      setWhy(words(error));
      setBusy(false);
    }
  };
  const close = async (look: string) => {
    try {
      await api.delete(`/api/looks/${look}`);
      again();
    } catch (error) {
      setWhy(words(error));
    }
  };
  return (
    <Shell {...props}>
      <div class="page">
        <div>
          <h1>Second look</h1>
          <p class="muted">
            The algorithm reads a study; you accept, change or reject each finding, and take your
            reading along as a DICOM structured report. For studies outside blinded reads: one that
            you read blinded in a trial is refused.
          </p>
        </div>
        <form class="card padded stack" onSubmit={(event) => void open(event)}>
          <h2>Open a study</h2>
          <div class="settings">
            <ImageFiles onChoose={setFiles} />
          </div>
          {why !== "" && <Notice look="bad">{why}</Notice>}
          <div class="row spread">
            <span class="hint">
              Images stay on the server with the patient's identity, which the report needs: for you
              alone, until you close them, at most a day.
            </span>
            <Button type="submit" look="primary" disabled={busy || files.length === 0}>
              {busy ? "Being read ..." : "Read it"}
            </Button>
          </div>
        </form>
        {found.kind === "failed" && <Notice look="bad">{found.why}</Notice>}
        {found.kind === "there" && (
          <Open looks={found.value} onClose={(look) => void close(look)} />
        )}
      </div>
    </Shell>
  );
}

interface OpenProps {
  readonly looks: readonly LookLine[];
  readonly onClose: (look: string) => void;
}

function Open({ looks, onClose }: OpenProps) {
  if (looks.length === 0) {
    return <p class="muted">No study is open.</p>;
  }
  return (
    <section class="stack" aria-labelledby="open">
      <h2 id="open">Open studies</h2>
      <div class="card">
        <table>
          <thead>
            <tr>
              <th>Study Instance UID</th>
              <th>Technique</th>
              <th>Opened</th>
              <th>State</th>
              <th>
                <span class="only-read">What can be done</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {looks.map((each) => (
              <tr key={each.id}>
                <td class="uid">
                  <a href={hashOf({ page: "look", look: each.id })}>{each.study_uid}</a>
                </td>
                <td>{TECHNIQUE_WORD[each.technique]}</td>
                <td class="muted">{each.begun.replace("T", " ").slice(0, 16)}</td>
                <td>
                  <Chip look={each.left === 0 ? "good" : "busy"}>
                    {each.left === 0 ? "Judged" : `${each.left} to judge`}
                  </Chip>
                </td>
                <td>
                  <Button small look="danger" onClick={() => onClose(each.id)}>
                    Close
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
