/** Which uploads a page shows: the newest so many, in order, whatever arrives in whatever order. Pure. */

export interface Placed {
  readonly id: string;
  readonly at: string;
}

/** The newest first; uploads of the same moment by their id, as the server sorts them. */
export function newestFirst(a: Placed, b: Placed): number {
  const times = compare(instant(b.at), instant(a.at));
  return times === 0 ? compare(b.id, a.id) : times;
}

/** The list after some uploads arrived or changed, cut to `limit`; `older` ones belong to the end of the list. */
export function merged<T extends Placed>(shown: readonly T[], arrived: readonly T[], limit: number, older = false): T[] {
  const byId = new Map(shown.map((one) => [one.id, one]));
  const last = shown.at(-1);
  for (const one of arrived) {
    const behind = last !== undefined && newestFirst(last, one) < 0;
    // A change of an upload that is on a later page is not shown, unless the page has room for it.
    if (byId.has(one.id) || older || !behind || shown.length < limit) byId.set(one.id, one);
  }
  return [...byId.values()].sort(newestFirst).slice(0, limit);
}

/** The place of an upload as the server writes it, for the page behind it. */
export function placeOf(one: Placed): string {
  return `${one.at}_${one.id}`;
}

/** "2026-11-29T08:00:00.123456Z": written out to the same length, so that it sorts as text. */
function instant(at: string): string {
  const [seconds = "", fraction = ""] = at.replace("Z", "").split(".");
  return `${seconds}.${fraction.padEnd(6, "0")}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
