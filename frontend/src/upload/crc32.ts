/** CRC-32 as zip archives use it (ISO 3309, polynomial 0xEDB88320), over pieces of a file. Pure. */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  // Bitwise operators give signed numbers; >>> 0 makes them unsigned.
  return value >>> 0;
});

/** The checksum after `piece`, where `before` is the one of all earlier pieces (0 at the start). */
export function crc32(piece: Uint8Array, before = 0): number {
  let crc = ~before;
  for (const byte of piece) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
