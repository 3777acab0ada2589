/**
 * Reader of the central directory of a zip archive (APPNOTE.TXT 4.3), including zip64. Only the directory is
 * read into memory; the archive itself stays on disk, whatever its size.
 */

export interface ZipEntry {
  readonly name: string;
  /** Compression method: 0 is stored, 8 is deflate. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly isLink: boolean;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  /** Offset of the local header in the archive, in bytes. */
  readonly offset: number;
}

/** An archive, or a file in it, that cannot be unpacked; the message is shown to the person who uploads it. */
export class ZipError extends Error {}

// Signatures and record sizes of APPNOTE.TXT 4.3, in bytes, little-endian.
const END = 0x06054b50;
const END_SIZE = 22;
const MAX_COMMENT_BYTES = 0xffff;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const LOCATOR_64_SIZE = 20;
const ENTRY = 0x02014b50;
const ENTRY_SIZE = 46;
// Far more than the directory of 5,000 files; the directory is read into memory as a whole.
const MAX_DIRECTORY_BYTES = 16 * 2 ** 20;
/** These values mean that the real one is in a zip64 record. */
const FULL_32 = 0xffffffff;
const FULL_16 = 0xffff;
const UNIX_TYPE = 0o170000;
const UNIX_LINK = 0o120000;
const DAMAGED = "This zip archive is damaged or incomplete. Create or copy it again.";

interface DirectoryLocation {
  readonly offset: number;
  readonly size: number;
  /** Number of bytes in front of the archive, such as a self-extractor; added to every offset. */
  readonly prefixBytes: number;
}

/** Return the files and folders of an archive in order. Throws ZipError if it cannot be read. */
export async function zipEntries(archive: Blob): Promise<ZipEntry[]> {
  const location = await findDirectory(archive);
  if (location.size > MAX_DIRECTORY_BYTES) throw new ZipError("This zip archive lists too many files. Split it into smaller archives.");
  const directory = await readView(archive, location.offset, location.size);
  const entries: ZipEntry[] = [];
  for (let at = 0; at < directory.byteLength; ) {
    if (at + ENTRY_SIZE > directory.byteLength || directory.getUint32(at, true) !== ENTRY) throw new ZipError(DAMAGED);
    const next = at + ENTRY_SIZE + directory.getUint16(at + 28, true) + directory.getUint16(at + 30, true) + directory.getUint16(at + 32, true);
    if (next > directory.byteLength) throw new ZipError(DAMAGED);
    entries.push(readEntry(directory, at, location.prefixBytes));
    at = next;
  }
  return entries;
}

export async function readView(archive: Blob, start: number, size: number): Promise<DataView> {
  if (start < 0 || start + size > archive.size) throw new ZipError(DAMAGED);
  try {
    return new DataView(await archive.slice(start, start + size).arrayBuffer());
  } catch {
    throw new ZipError("This zip archive can no longer be read because it was moved or changed after you selected it. Select it again.");
  }
}

async function findDirectory(archive: Blob): Promise<DirectoryLocation> {
  const start = Math.max(0, archive.size - END_SIZE - MAX_COMMENT_BYTES);
  const tail = await readView(archive, start, archive.size - start);
  for (let at = tail.byteLength - END_SIZE; at >= 0; at -= 1) {
    const isEnd = tail.getUint32(at, true) === END && at + END_SIZE + tail.getUint16(at + 20, true) === tail.byteLength;
    if (!isEnd) continue;
    if (tail.getUint16(at + 4, true) !== tail.getUint16(at + 6, true)) {
      throw new ZipError("This is one part of a zip archive that was split. Join the parts, or unpack it and upload the folder.");
    }
    const end = start + at;
    const [size, offset] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
    const is64 = tail.getUint16(at + 10, true) === FULL_16 || size === FULL_32 || offset === FULL_32;
    return is64 ? findDirectory64(archive, end) : directoryLocation(end, size, offset);
  }
  throw new ZipError(DAMAGED);
}

async function findDirectory64(archive: Blob, end: number): Promise<DirectoryLocation> {
  const locator = await readView(archive, end - LOCATOR_64_SIZE, LOCATOR_64_SIZE);
  if (locator.getUint32(0, true) !== LOCATOR_64) throw new ZipError(DAMAGED);
  const at = Number(locator.getBigUint64(8, true));
  const end64 = await readView(archive, at, 56);
  if (end64.getUint32(0, true) !== END_64) throw new ZipError(DAMAGED);
  return directoryLocation(at, Number(end64.getBigUint64(40, true)), Number(end64.getBigUint64(48, true)));
}

function directoryLocation(end: number, size: number, offset: number): DirectoryLocation {
  const prefixBytes = end - size - offset;
  if (prefixBytes < 0) throw new ZipError(DAMAGED);
  return { offset: offset + prefixBytes, size, prefixBytes };
}

function readEntry(directory: DataView, at: number, prefixBytes: number): ZipEntry {
  const [nameSize, extraSize] = [directory.getUint16(at + 28, true), directory.getUint16(at + 30, true)];
  const nameAt = at + ENTRY_SIZE;
  const flags = directory.getUint16(at + 8, true);
  const sizes = readSizes(directory, at, nameAt + nameSize, extraSize);
  return {
    name: decodeName(new Uint8Array(directory.buffer, nameAt, nameSize)),
    method: directory.getUint16(at + 10, true),
    encrypted: (flags & 0x1) !== 0,
    isLink: ((directory.getUint32(at + 38, true) >>> 16) & UNIX_TYPE) === UNIX_LINK,
    crc: directory.getUint32(at + 16, true),
    ...sizes,
    offset: sizes.offset + prefixBytes,
  };
}

/** Read sizes and offset; values that do not fit in 32 bits are in the zip64 extra field, in this order. */
function readSizes(directory: DataView, at: number, extraAt: number, extraSize: number): Pick<ZipEntry, "size" | "packedSize" | "offset"> {
  const values = [directory.getUint32(at + 24, true), directory.getUint32(at + 20, true), directory.getUint32(at + 42, true)];
  if (values.includes(FULL_32)) {
    let next = extra64(directory, extraAt, extraSize);
    values.forEach((value, index) => {
      if (value !== FULL_32) return;
      if (next === null || next + 8 > extraAt + extraSize) throw new ZipError(DAMAGED);
      values[index] = Number(directory.getBigUint64(next, true));
      next += 8;
    });
  }
  const [size = 0, packedSize = 0, offset = 0] = values;
  return { size, packedSize, offset };
}

function extra64(directory: DataView, start: number, size: number): number | null {
  for (let at = start; at + 4 <= start + size; at += 4 + directory.getUint16(at + 2, true)) {
    if (directory.getUint16(at, true) === 0x0001) return at + 4;
  }
  return null;
}

/** Decode a name. Names are UTF-8 in practice, with or without the flag; others are decoded as Windows-1252. */
function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
