/** Files and folders that were dropped or chosen, each file with its path inside what was dropped. */

export interface Found {
  readonly file: File;
  readonly path: string;
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
  return [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name })).filter(isWanted);
}

async function walk(entry: FileSystemEntry, found: Found[]): Promise<void> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => { entry.file(resolve, reject); });
    const one = { file, path: entry.fullPath.replace(/^\//, "") };
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
  const parts = found.path.toLowerCase().split("/");
  const name = parts.at(-1) ?? "";
  const system = ["thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store", ".localized"].includes(name);
  return !system && !name.startsWith("._") && !parts.includes("__macosx");
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
