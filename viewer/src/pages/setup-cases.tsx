import { useState } from "preact/hooks";
import type { CasePage } from "../api/records";
import { Button, Field, Notice } from "../parts/basics";
import { ImageFiles } from "../parts/files";
import { words } from "../parts/load";
import { zipped } from "./zip";

interface CasesProps {
  readonly cases: CasePage;
  readonly busy: boolean;
  readonly onImport: (form: FormData) => void;
}

/** The images, as a zip or a folder, and the list that says what is known of them. */
export function CasesForm({ cases, busy, onImport }: CasesProps) {
  const [images, setImages] = useState<readonly File[]>([]);
  const [listed, setListed] = useState<File | null>(null);
  const [why, setWhy] = useState("");
  const send = async (event: Event) => {
    event.preventDefault();
    try {
      const form = new FormData();
      form.append("images", await zipped(images), "images.zip");
      form.append("cases", listed ?? new Blob(), "cases.csv");
      onImport(form);
      setWhy("");
    } catch (error) {
      setWhy(words(error));
    }
  };
  return (
    <section class="card padded stack" aria-labelledby="what">
      <div class="row spread">
        <h2 id="what">3. Cases</h2>
        <span class="muted">{cases.total} imported</span>
      </div>
      <p class="muted">
        Names, dates and private data are taken out of the images before anything is kept. The list
        needs study_uid, case and truth; it may have visit, level_truth_C to _L, and further
        references as truth_NAME.
      </p>
      <form class="stack" onSubmit={(event) => void send(event)}>
        <div class="settings three">
          <ImageFiles onChoose={setImages} />
          <Field label="List of cases (CSV)">
            {(id) => (
              <input
                id={id}
                class="file"
                type="file"
                accept=".csv"
                required
                onChange={(event) => setListed(event.currentTarget.files?.[0] ?? null)}
              />
            )}
          </Field>
        </div>
        {why !== "" && <Notice look="bad">{why}</Notice>}
        <div class="actions">
          <Button type="submit" disabled={busy || images.length === 0 || listed === null}>
            {busy ? "Importing ..." : "Import"}
          </Button>
        </div>
      </form>
    </section>
  );
}
