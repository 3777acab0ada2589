/** Unpacking of one file of a zip archive, piece by piece and verified against its checksum. */

import { Inflate } from "fflate";
import { crc32 } from "./crc32";
import type { ZipEntry } from "./zipdirectory";
import { readView, ZipError } from "./zipdirectory";

const LOCAL = 0x04034b50;
const LOCAL_SIZE = 30;
const STORED = 0;
const DEFLATE = 8;
/** Deflate can expand a piece about a thousandfold, so that the size of a piece bounds the memory. */
const PIECE_BYTES = 64 * 1024;
const STORED_PIECE_BYTES = 1024 * 1024;
const ZIP_STARTS = [0x504b0304, 0x504b0506, 0x504b0708];
const DAMAGED = "This file is damaged inside the zip archive. Create the archive again.";
const NESTED = "This is a zip archive inside a zip archive. Unpack the inner one and upload it separately.";

export const MAX_MEMBER_BYTES = 256 * 2 ** 20;
// Files that expand more than this are treated as zip bombs, unless they are small.
const MAX_RATIO = 200;
const RATIO_FREE_BYTES = 8 * 2 ** 20;

/** Return why a file cannot be unpacked, judging by its directory entry; null if it can. */
export function findProblem(entry: ZipEntry): string | null {
  const parts = entry.name.replaceAll("\\", "/").split("/");
  if (parts.includes("..") || parts[0] === "" || entry.name[1] === ":") {
    return "The path of this file points outside the zip archive. The file was not read.";
  }
  if (entry.isLink) return "This entry of the zip archive is a link, not a file.";
  if (entry.encrypted) return "This file is protected by a password in the zip archive. Unpack the archive and upload the files.";
  if (entry.method !== STORED && entry.method !== DEFLATE) {
    return "This file is compressed with a method that is not supported. Create the archive again with the usual method (deflate).";
  }
  if (entry.name.toLowerCase().endsWith(".zip")) return NESTED;
  if (entry.size > MAX_MEMBER_BYTES) {
    return `This file unpacks to more than ${String(MAX_MEMBER_BYTES / 2 ** 20)} MB. It was not read.`;
  }
  if (entry.size > Math.max(RATIO_FREE_BYTES, entry.packedSize * MAX_RATIO)) {
    return "This file expands far more than medical images do, as in a zip bomb. It was not read.";
  }
  return null;
}

/** Return the content of a file. Throws ZipError if it is damaged. Only the content is held in memory. */
export async function readMember(archive: Blob, entry: ZipEntry): Promise<Blob> {
  const local = await readView(archive, entry.offset, LOCAL_SIZE);
  if (local.getUint32(0, true) !== LOCAL) throw new ZipError(DAMAGED);
  const start = entry.offset + LOCAL_SIZE + local.getUint16(26, true) + local.getUint16(28, true);
  if (start + entry.packedSize > archive.size) throw new ZipError(DAMAGED);
  const packed = archive.slice(start, start + entry.packedSize);
  const content = entry.method === STORED ? await checkStored(packed, entry) : await inflate(packed, entry);
  if (await isZip(content)) throw new ZipError(NESTED);
  return content;
}

/** Verify the checksum of stored content, which stays on disk. */
async function checkStored(packed: Blob, entry: ZipEntry): Promise<Blob> {
  let crc = 0;
  for (let at = 0; at < packed.size; at += STORED_PIECE_BYTES) crc = crc32(await readPiece(packed, at, STORED_PIECE_BYTES), crc);
  if (packed.size !== entry.size || crc !== entry.crc) throw new ZipError(DAMAGED);
  return packed;
}

async function inflate(packed: Blob, entry: ZipEntry): Promise<Blob> {
  const pieces: BlobPart[] = [];
  let [size, crc] = [0, 0];
  const inflater = new Inflate((unpacked) => {
    size += unpacked.length;
    if (size > entry.size) throw new ZipError(DAMAGED);
    crc = crc32(unpacked, crc);
    pieces.push(unpacked.slice());
  });
  for (let at = 0; at < packed.size; at += PIECE_BYTES) {
    const bytes = await readPiece(packed, at, PIECE_BYTES);
    try {
      inflater.push(bytes, at + PIECE_BYTES >= packed.size);
    } catch {
      throw new ZipError(DAMAGED);
    }
  }
  if (size !== entry.size || crc !== entry.crc) throw new ZipError(DAMAGED);
  return new Blob(pieces);
}

async function readPiece(packed: Blob, at: number, size: number): Promise<Uint8Array> {
  const bytes = await readView(packed, at, Math.min(size, packed.size - at));
  return new Uint8Array(bytes.buffer);
}

async function isZip(content: Blob): Promise<boolean> {
  return content.size >= 4 && ZIP_STARTS.includes((await readView(content, 0, 4)).getUint32(0, false));
}
