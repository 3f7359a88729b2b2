import { useEffect, useRef, useState } from "preact/hooks";
import { RefusedError } from "../api/client";
import type { DossierOut } from "../api/records";
import type { PageProps } from "../app";
import { Button, Field, Notice } from "../parts/basics";
import { words } from "../parts/load";
import { Shell } from "../parts/shell";
import { sheetOf } from "./dossier-sheet";

const PLACEHOLDER = `[patient]
id = "P07"

[symptoms]
onset = 2024-09-01
orthostatic_headache = true

[[studies]]
technique = "mrm"
date = 2024-10-02
reader = "reader 1"
grades = { cervical = 0, thoracic = 2, lumbar = 0 }`;

/** A patient held against published rules, as `myeloscope dossier` shows it. */
export function Dossier(props: PageProps) {
  const { api } = props;
  const [patient, setPatient] = useState("");
  const [readings, setReadings] = useState<readonly File[]>([]);
  const [made, setMade] = useState<DossierOut | null>(null);
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState("");
  const show = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setWhy("");
    try {
      setMade(await api.upload<DossierOut>("/api/dossier", formOf(patient, readings)));
    } catch (error) {
      setWhy(whereAndWhy(error));
      setMade(null);
    }
    setBusy(false);
  };
  return (
    <Shell {...props}>
      <div class="page">
        <div>
          <h1>Dossier</h1>
          <p class="muted">
            What is known of one patient, what it means by which published rule, and what is
            missing. Nothing in it is an order, and nothing that you send is kept.
          </p>
        </div>
        <form class="card padded stack" onSubmit={(event) => void show(event)}>
          <PatientFile text={patient} onText={setPatient} />
          <ReadingFiles onChoose={setReadings} />
          {why !== "" && <Notice look="bad">{why}</Notice>}
          <div class="actions">
            <Button type="submit" look="primary" disabled={busy || patient.trim() === ""}>
              {busy ? "Being made ..." : "Show the dossier"}
            </Button>
          </div>
        </form>
        {made !== null && <Made made={made} />}
      </div>
    </Shell>
  );
}

/** Return what is wrong with a file, and where in it. */
function whereAndWhy(error: unknown): string {
  return error instanceof RefusedError && error.problem.place !== "request"
    ? `${error.problem.place}: ${error.message}`
    : words(error);
}

function formOf(patient: string, readings: readonly File[]): FormData {
  const form = new FormData();
  form.append("patient", new Blob([patient]), "PATIENT.toml");
  for (const file of readings) {
    const name = file.webkitRelativePath === "" ? file.name : file.webkitRelativePath;
    if (name.endsWith(".json")) {
      form.append("readings", file, name);
    }
  }
  return form;
}

interface PatientProps {
  readonly text: string;
  readonly onText: (text: string) => void;
}

/** The patient's file: chosen, or typed. */
function PatientFile({ text, onText }: PatientProps) {
  const choose = async (event: Event) => {
    const file = (event.currentTarget as HTMLInputElement).files?.[0];
    onText(file === undefined ? "" : await file.text());
  };
  return (
    <>
      <Field label="The patient's file (PATIENT.toml)">
        {(id) => (
          <input
            id={id}
            class="file"
            type="file"
            accept=".toml"
            onChange={(event) => void choose(event)}
          />
        )}
      </Field>
      <Field label="or its text">
        {(id) => (
          <textarea
            id={id}
            class="input code"
            rows={12}
            spellcheck={false}
            placeholder={PLACEHOLDER}
            value={text}
            onInput={(event) => onText(event.currentTarget.value)}
          />
        )}
      </Field>
    </>
  );
}

interface ReadingsProps {
  readonly onChoose: (files: readonly File[]) => void;
}

function ReadingFiles({ onChoose }: ReadingsProps) {
  const whole = { webkitdirectory: true };
  return (
    <Field
      label="The folder of the readings that it names"
      hint="Only reading.json files are sent, no image."
    >
      {(id) => (
        <input
          id={id}
          class="file"
          type="file"
          {...whole}
          onChange={(event) => onChoose([...(event.currentTarget.files ?? [])])}
        />
      )}
    </Field>
  );
}

function Made({ made }: { readonly made: DossierOut }) {
  return (
    <section class="stack" aria-label="The dossier">
      <div class="row spread">
        <h2>The dossier</h2>
        <span class="row">
          <Save name="dossier.html" kind="text/html" text={made.page} />
          <Save name="dossier.json" kind="application/json" text={made.record} />
        </span>
      </div>
      <Sheet page={made.page} />
    </section>
  );
}

interface SaveProps {
  readonly name: string;
  readonly kind: string;
  readonly text: string;
}

function Save({ name, kind, text }: SaveProps) {
  const [address, setAddress] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([text], { type: kind }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [text]);
  return (
    <a class="button" href={address} download={name}>
      {name}
    </a>
  );
}

/** The page as it is printed, in a tree of its own: its style and ours stay apart. */
function Sheet({ page }: { readonly page: string }) {
  const own = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const place = own.current;
    if (place !== null) {
      const root = place.shadowRoot ?? place.attachShadow({ mode: "open" });
      const { style, body } = sheetOf(page);
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(style);
      root.adoptedStyleSheets = [sheet];
      const html = document.createElement("html");
      html.append(body);
      root.replaceChildren(html);
    }
  }, [page]);
  return <div ref={own} class="sheet" />;
}
