/**
 * The list of files at the end of a zip archive (APPNOTE.TXT 4.3), with zip64. Only the list is read:
 * the archive itself stays on the disk, whatever its size.
 */

export interface ZipEntry {
  readonly name: string;
  /** 0 is stored, 8 is deflate. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly isLink: boolean;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  /** Where the entry's local header begins in the archive. */
  readonly offset: number;
}

/** Why an archive, or one file in it, is not unpacked: a sentence for the person who uploads it. */
export class ZipError extends Error {}

const END = 0x06054b50;
const END_SIZE = 22;
const LONGEST_COMMENT = 0xffff;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const LOCATOR_64_SIZE = 20;
const ENTRY = 0x02014b50;
const ENTRY_SIZE = 46;
const LARGEST_LIST = 16 * 2 ** 20;
const FULL_32 = 0xffffffff;
const FULL_16 = 0xffff;
const UNIX_TYPE = 0o170000;
const UNIX_LINK = 0o120000;
const DAMAGED = "This zip archive is damaged or incomplete. Create or copy it again.";

interface ListPlace {
  readonly offset: number;
  readonly size: number;
  /** Bytes in front of the archive, to be added to every offset in it. */
  readonly before: number;
}

/** The files and folders of an archive, in its order; throws ZipError where it is no usable archive. */
export async function zipEntries(archive: Blob): Promise<ZipEntry[]> {
  const place = await findList(archive);
  if (place.size > LARGEST_LIST) throw new ZipError("This zip archive lists too many files. Split it into smaller archives.");
  const list = await view(archive, place.offset, place.size);
  const entries: ZipEntry[] = [];
  for (let at = 0; at < list.byteLength; ) {
    if (at + ENTRY_SIZE > list.byteLength || list.getUint32(at, true) !== ENTRY) throw new ZipError(DAMAGED);
    const next = at + ENTRY_SIZE + list.getUint16(at + 28, true) + list.getUint16(at + 30, true) + list.getUint16(at + 32, true);
    if (next > list.byteLength) throw new ZipError(DAMAGED);
    entries.push(readEntry(list, at, place.before));
    at = next;
  }
  return entries;
}

export async function view(archive: Blob, start: number, size: number): Promise<DataView> {
  if (start < 0 || start + size > archive.size) throw new ZipError(DAMAGED);
  try {
    return new DataView(await archive.slice(start, start + size).arrayBuffer());
  } catch {
    throw new ZipError("This zip archive can no longer be read. It was moved or changed after you chose it. Choose it again.");
  }
}

async function findList(archive: Blob): Promise<ListPlace> {
  const start = Math.max(0, archive.size - END_SIZE - LONGEST_COMMENT);
  const tail = await view(archive, start, archive.size - start);
  for (let at = tail.byteLength - END_SIZE; at >= 0; at -= 1) {
    const isEnd = tail.getUint32(at, true) === END && at + END_SIZE + tail.getUint16(at + 20, true) === tail.byteLength;
    if (!isEnd) continue;
    if (tail.getUint16(at + 4, true) !== tail.getUint16(at + 6, true)) {
      throw new ZipError("This is one part of a zip archive that was split. Join the parts, or unpack it and upload the folder.");
    }
    const end = start + at;
    const [size, offset] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
    const is64 = tail.getUint16(at + 10, true) === FULL_16 || size === FULL_32 || offset === FULL_32;
    return is64 ? findList64(archive, end) : listPlace(end, size, offset);
  }
  throw new ZipError(DAMAGED);
}

async function findList64(archive: Blob, end: number): Promise<ListPlace> {
  const locator = await view(archive, end - LOCATOR_64_SIZE, LOCATOR_64_SIZE);
  if (locator.getUint32(0, true) !== LOCATOR_64) throw new ZipError(DAMAGED);
  const at = Number(locator.getBigUint64(8, true));
  const end64 = await view(archive, at, 56);
  if (end64.getUint32(0, true) !== END_64) throw new ZipError(DAMAGED);
  return listPlace(at, Number(end64.getBigUint64(40, true)), Number(end64.getBigUint64(48, true)));
}

function listPlace(end: number, size: number, offset: number): ListPlace {
  const before = end - size - offset;
  if (before < 0) throw new ZipError(DAMAGED);
  return { offset: offset + before, size, before };
}

function readEntry(list: DataView, at: number, before: number): ZipEntry {
  const [nameSize, extraSize] = [list.getUint16(at + 28, true), list.getUint16(at + 30, true)];
  const nameAt = at + ENTRY_SIZE;
  const flags = list.getUint16(at + 8, true);
  const sizes = readSizes(list, at, nameAt + nameSize, extraSize);
  return {
    name: decodeName(new Uint8Array(list.buffer, nameAt, nameSize)),
    method: list.getUint16(at + 10, true),
    encrypted: (flags & 0x1) !== 0,
    isLink: ((list.getUint32(at + 38, true) >>> 16) & UNIX_TYPE) === UNIX_LINK,
    crc: list.getUint32(at + 16, true),
    ...sizes,
    offset: sizes.offset + before,
  };
}

/** Sizes and offset; those that do not fit into 32 bits are in the zip64 extra field, in this order. */
function readSizes(list: DataView, at: number, extraAt: number, extraSize: number): Pick<ZipEntry, "size" | "packedSize" | "offset"> {
  const values = [list.getUint32(at + 24, true), list.getUint32(at + 20, true), list.getUint32(at + 42, true)];
  if (values.includes(FULL_32)) {
    let next = extra64(list, extraAt, extraSize);
    values.forEach((value, index) => {
      if (value !== FULL_32) return;
      if (next === null || next + 8 > extraAt + extraSize) throw new ZipError(DAMAGED);
      values[index] = Number(list.getBigUint64(next, true));
      next += 8;
    });
  }
  const [size = 0, packedSize = 0, offset = 0] = values;
  return { size, packedSize, offset };
}

function extra64(list: DataView, start: number, size: number): number | null {
  for (let at = start; at + 4 <= start + size; at += 4 + list.getUint16(at + 2, true)) {
    if (list.getUint16(at, true) === 0x0001) return at + 4;
  }
  return null;
}

/** Names are UTF-8 in practice, with or without the flag that says so; older ones are shown as Latin-1. */
function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
