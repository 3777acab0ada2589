/** Files and folders selected for upload, by dropping them or with a file dialog. */

export interface SelectedFile {
  /** Path within the selected folder or archive. */
  readonly path: string;
  /** Why the file cannot be uploaded; null if it can. */
  readonly problem: string | null;
  /** Return the content; a file of a zip archive is only unpacked at this point. */
  open(): Promise<Blob>;
}

// As in studies/cases/upload/system_files.py, which also looks at the content.
const SYSTEM_FILES = new Set([".ds_store", ".localized", "icon\r", "thumbs.db", "ehthumbs.db", "desktop.ini"]);
const SYSTEM_FOLDERS = ["__macosx", ".trashes", ".fseventsd", ".spotlight-v100", "@eadir", "$recycle.bin"];

export function toSelectedFile(file: File, path: string): SelectedFile {
  return { path, problem: null, open: () => Promise.resolve(file) };
}

/** Return the dropped files. Call it during the drop event, because the browser empties the list afterwards. */
export async function filesFromDrop(transfer: DataTransfer): Promise<SelectedFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const plainFiles = [...transfer.files];
  if (entries.every((entry) => entry === null)) return filesFromInput(plainFiles);
  const files: SelectedFile[] = [];
  for (const entry of entries) {
    if (entry !== null) await collectFiles(entry, files);
  }
  return files;
}

export function filesFromInput(files: Iterable<File>): SelectedFile[] {
  return [...files].map((file) => toSelectedFile(file, file.webkitRelativePath || file.name)).filter(isUploadable);
}

async function collectFiles(entry: FileSystemEntry, files: SelectedFile[]): Promise<void> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => { entry.file(resolve, reject); });
    const selected = toSelectedFile(file, entry.fullPath.replace(/^\//, ""));
    if (isUploadable(selected)) files.push(selected);
  } else if (isFolder(entry)) {
    for (const child of await listFolder(entry)) await collectFiles(child, files);
  }
}

/** List a folder. Browsers return its entries in batches of 100, followed by an empty batch. */
async function listFolder(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (batch.length === 0) return all;
    all.push(...batch);
  }
}

/** Return whether a file should be uploaded, rather than created by a file manager or operating system. */
export function isUploadable(files: { readonly path: string }): boolean {
  const parts = files.path.toLowerCase().replaceAll("\\", "/").split("/");
  const name = parts.at(-1) ?? "";
  return !SYSTEM_FILES.has(name) && !name.startsWith("._") && !SYSTEM_FOLDERS.some((folder) => parts.includes(folder));
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
