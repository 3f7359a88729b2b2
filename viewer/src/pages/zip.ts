import { type AsyncZippable, zip } from "fflate";

/** Return files as one zip; a single zip as it is. Nothing is compressed: images hardly shrink. */
export async function zipped(files: readonly File[]): Promise<Blob> {
  const [first] = files;
  if (files.length === 1 && first?.name.endsWith(".zip")) {
    return first;
  }
  const entries: AsyncZippable = {};
  for (const file of files) {
    const name = file.webkitRelativePath === "" ? file.name : file.webkitRelativePath;
    entries[name] = new Uint8Array(await file.arrayBuffer());
  }
  return new Promise((done, failed) => {
    zip(entries, { level: 0, consume: true }, (error, made) =>
      error === null ? done(new Blob([made as BlobPart])) : failed(error),
    );
  });
}
