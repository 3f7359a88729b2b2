import { Field } from "./basics";

interface ImagesProps {
  readonly onChoose: (files: readonly File[]) => void;
}

/** A choice of images: a zip, or a folder; the attribute is every browser's, though no standard's. */
export function ImageFiles({ onChoose }: ImagesProps) {
  const whole = { webkitdirectory: true };
  const choose = (event: Event) =>
    onChoose([...((event.currentTarget as HTMLInputElement).files ?? [])]);
  return (
    <>
      <Field label="A zip of DICOM files">
        {(id) => <input id={id} class="file" type="file" accept=".zip" onChange={choose} />}
      </Field>
      <Field label="or a folder of them">
        {(id) => <input id={id} class="file" type="file" {...whole} onChange={choose} />}
      </Field>
    </>
  );
}
