/** Selection and order of the uploads shown on the page, independent of the order in which they arrive. Pure. */

export interface DatedUpload {
  readonly id: string;
  readonly at: string;
}

/** Compare two uploads, newest first; uploads of the same time are sorted by id, as on the server. */
export function compareNewestFirst(a: DatedUpload, b: DatedUpload): number {
  const times = compare(sortableTime(b.at), sortableTime(a.at));
  return times === 0 ? compare(b.id, a.id) : times;
}

/** Merge new or changed uploads into the list, cut to `limit`; `older` means that they extend its end. */
export function mergeUploads<T extends DatedUpload>(visible: readonly T[], arrived: readonly T[], limit: number, older = false): T[] {
  const byId = new Map(visible.map((upload) => [upload.id, upload]));
  const last = visible.at(-1);
  for (const upload of arrived) {
    const isOlder = last !== undefined && compareNewestFirst(last, upload) < 0;
    // A changed upload of a later page is not shown, unless this page has space for it.
    if (byId.has(upload.id) || older || !isOlder || visible.length < limit) byId.set(upload.id, upload);
  }
  return [...byId.values()].sort(compareNewestFirst).slice(0, limit);
}

/** Return the position of an upload in the format of the server, to request the page after it. */
export function pageCursor(upload: DatedUpload): string {
  return `${upload.at}_${upload.id}`;
}

/** Pad a time such as "2026-11-29T08:00:00.123Z" to microseconds, so that times sort as text. */
function sortableTime(at: string): string {
  const [seconds = "", fraction = ""] = at.replace("Z", "").split(".");
  return `${seconds}.${fraction.padEnd(6, "0")}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
