/** Replaces zip archives in a selection by the files in them; each file is unpacked when it is sent. */

import type { SelectedFile } from "./selectedfiles";
import { isUploadable } from "./selectedfiles";
import type { ZipEntry } from "./zipdirectory";
import { zipEntries, ZipError } from "./zipdirectory";
import { readMember, findProblem } from "./zipmember";

// Limits against archives that would exhaust the memory or disk of the browser or the server.
export const MAX_MEMBERS = 5_000;
export const MAX_TOTAL_BYTES = 32 * 2 ** 30;
const DIRECTORY_NAME = "DICOMDIR";

/** Return the selected files, with each archive replaced by its files. */
export async function expandArchives(selection: readonly SelectedFile[]): Promise<SelectedFile[]> {
  const all: SelectedFile[] = [];
  for (const selected of selection) {
    if (selected.path.toLowerCase().endsWith(".zip")) all.push(...(await filesInArchive(selected)));
    else all.push(selected);
  }
  return all;
}

async function filesInArchive(selected: SelectedFile): Promise<SelectedFile[]> {
  try {
    const archive = await selected.open();
    const entries = uploadableEntries(await zipEntries(archive));
    checkLimits(entries);
    return entries.map((entry) => toSelectedFile(selected.path, archive, entry));
  } catch (error) {
    const problem = error instanceof ZipError ? error.message : "This zip archive cannot be read. Unpack it and upload the folder.";
    // A row with the reason takes the place of the archive; the other files are still sent.
    return [{ path: selected.path, problem, open: () => Promise.reject(new ZipError(problem)) }];
  }
}

function toSelectedFile(archivePath: string, archive: Blob, entry: ZipEntry): SelectedFile {
  return {
    path: `${archivePath}/${entry.name}`,
    problem: findProblem(entry),
    open: () => readMember(archive, entry),
  };
}

/** Return the entries without folders, system files, and a DICOMDIR that accompanies other files. */
function uploadableEntries(entries: readonly ZipEntry[]): ZipEntry[] {
  const files = entries.filter(({ name }) => !name.endsWith("/") && isUploadable({ path: name }));
  const images = files.filter(({ name }) => name.split("/").at(-1) !== DIRECTORY_NAME);
  return images.length > 0 ? images : files;
}

function checkLimits(entries: readonly ZipEntry[]): void {
  if (entries.length === 0) throw new ZipError("This zip archive contains no files.");
  if (entries.length > MAX_MEMBERS) {
    const [count, limit] = [String(entries.length), String(MAX_MEMBERS)];
    throw new ZipError(`This zip archive contains ${count} files, more than the ${limit} that can be uploaded at once. Split the archive.`);
  }
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total > MAX_TOTAL_BYTES) {
    throw new ZipError(`This zip archive unpacks to more than ${String(MAX_TOTAL_BYTES / 2 ** 30)} GB. Split the archive.`);
  }
}
