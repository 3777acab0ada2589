/** Files and folders that were dropped or chosen, each file with its path inside what was dropped. */

export interface Found {
  readonly path: string;
  /** Why it cannot be uploaded; null where nothing speaks against it. */
  readonly refusal: string | null;
  /** Its content; a file of a zip archive is unpacked only now. */
  open(): Promise<Blob>;
}

const SYSTEM_FILES = new Set([".ds_store", ".localized", "icon\r", "thumbs.db", "ehthumbs.db", "desktop.ini"]);
const SYSTEM_FOLDERS = ["__macosx", ".trashes", ".fseventsd", ".spotlight-v100", "@eadir", "$recycle.bin"];

export function foundFile(file: File, path: string): Found {
  return { path, refusal: null, open: () => Promise.resolve(file) };
}

/** Must be called while the drop event lasts: the browser empties the list afterwards. */
export async function droppedFiles(transfer: DataTransfer): Promise<Found[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const plain = [...transfer.files];
  if (entries.every((entry) => entry === null)) return chosenFiles(plain);
  const found: Found[] = [];
  for (const entry of entries) {
    if (entry !== null) await walk(entry, found);
  }
  return found;
}

export function chosenFiles(files: Iterable<File>): Found[] {
  return [...files].map((file) => foundFile(file, file.webkitRelativePath || file.name)).filter(isWanted);
}

async function walk(entry: FileSystemEntry, found: Found[]): Promise<void> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => { entry.file(resolve, reject); });
    const one = foundFile(file, entry.fullPath.replace(/^\//, ""));
    if (isWanted(one)) found.push(one);
  } else if (isFolder(entry)) {
    for (const child of await children(entry)) await walk(child, found);
  }
}

/** The browser gives a folder's entries in lots of a hundred, until an empty lot. */
async function children(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const lot = await new Promise<FileSystemEntry[]>((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (lot.length === 0) return all;
    all.push(...lot);
  }
}

/** What a file manager leaves in a folder is not sent. */
export function isWanted(found: { readonly path: string }): boolean {
  const parts = found.path.toLowerCase().replaceAll("\\", "/").split("/");
  const name = parts.at(-1) ?? "";
  return !SYSTEM_FILES.has(name) && !name.startsWith("._") && !SYSTEM_FOLDERS.some((folder) => parts.includes(folder));
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
