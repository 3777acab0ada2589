/** Zip archives among the chosen files, replaced by the files in them; each is unpacked when it is sent. */

import type { Found } from "./droppedfiles";
import { isWanted } from "./droppedfiles";
import type { ZipEntry } from "./zipdirectory";
import { zipEntries, ZipError } from "./zipdirectory";
import { readMember, refusalOf } from "./zipmember";

export const MAX_MEMBERS = 5_000;
export const MAX_TOTAL_BYTES = 32 * 2 ** 30;
const DIRECTORY_NAME = "DICOMDIR";

/** The chosen files, with the files of each archive in the archive's place. */
export async function unpacked(chosen: readonly Found[]): Promise<Found[]> {
  const all: Found[] = [];
  for (const found of chosen) {
    if (found.path.toLowerCase().endsWith(".zip")) all.push(...(await filesOf(found)));
    else all.push(found);
  }
  return all;
}

async function filesOf(found: Found): Promise<Found[]> {
  try {
    const archive = await found.open();
    const entries = wanted(await zipEntries(archive));
    checkLimits(entries);
    return entries.map((entry) => member(found.path, archive, entry));
  } catch (error) {
    const problem = error instanceof ZipError ? error.message : "This zip archive cannot be read. Unpack it and upload the folder.";
    return [{ path: found.path, refusal: problem, open: () => Promise.reject(new ZipError(problem)) }];
  }
}

function member(archivePath: string, archive: Blob, entry: ZipEntry): Found {
  return {
    path: `${archivePath}/${entry.name}`,
    refusal: refusalOf(entry),
    open: () => readMember(archive, entry),
  };
}

/** Without folders, what file managers leave behind, and a DICOMDIR beside other files. */
function wanted(entries: readonly ZipEntry[]): ZipEntry[] {
  const files = entries.filter(({ name }) => !name.endsWith("/") && isWanted({ path: name }));
  const images = files.filter(({ name }) => name.split("/").at(-1) !== DIRECTORY_NAME);
  return images.length > 0 ? images : files;
}

function checkLimits(entries: readonly ZipEntry[]): void {
  if (entries.length === 0) throw new ZipError("This zip archive contains no files.");
  if (entries.length > MAX_MEMBERS) {
    const [count, limit] = [String(entries.length), String(MAX_MEMBERS)];
    throw new ZipError(`This zip archive contains ${count} files, more than the ${limit} that can be uploaded at once. Split it.`);
  }
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total > MAX_TOTAL_BYTES) {
    throw new ZipError(`This zip archive unpacks to more than ${String(MAX_TOTAL_BYTES / 2 ** 30)} GB. Split it.`);
  }
}
