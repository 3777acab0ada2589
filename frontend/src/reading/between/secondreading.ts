/**
 * The two readings of a case in a sequential study: the image stays on the screen from the first to the second.
 *
 * The server releases the guides of the second reading only once it is open, so it is opened before it is shown.
 */

import type { Reading } from "../contract";
import type { ImagePane } from "../imagepane";
import type { Panel } from "../panel";
import type { ReadingApi } from "../saving/readingapi";
import type { LoadedReading, ReadingCache } from "../saving/readingcache";

type Prepare = (reading: Reading) => Promise<void>;

const SENDING = "Sending your scores. The second reading of this case follows.";

/** Whether a second reading of the same case follows this one. */
export function isFirstOfTwo({ sequence }: Reading): boolean {
  return sequence !== null && sequence.step < sequence.arms.length;
}

export function isSecondOfTwo({ sequence }: Reading): boolean {
  return sequence !== null && sequence.step > 1;
}

export class SecondReading {
  private imageKept = false;

  constructor(
    private readonly api: Pick<ReadingApi, "openReading">,
    private readonly imagePane: Pick<ImagePane, "clear" | "freeze">,
    private readonly panel: Pick<Panel, "showNotice">,
  ) {}

  /** Whether the image of the first reading is still on the screen. */
  get keepsImage(): boolean {
    return this.imageKept;
  }

  /** Keep the image of a first reading that is being submitted; return whether it was one. */
  keepImage(reading: Reading): boolean {
    if (!isFirstOfTwo(reading)) return false;
    this.imageKept = true;
    this.imagePane.freeze();
    this.panel.showNotice(SENDING);
    return true;
  }

  /** Clear an image that was kept, unless its second reading comes next. */
  clearImageUnless(next: Reading | null): void {
    if (!this.imageKept || (next !== null && isSecondOfTwo(next))) return;
    this.imagePane.clear();
    this.imageKept = false;
  }

  /** Load a reading with what it shows; `prepare` resolves when it may be shown. */
  async load(id: string, known: Reading | null, cache: ReadingCache, prepare: Prepare): Promise<LoadedReading> {
    const opened = known === null ? null : await this.open(known, prepare);
    const loaded = await cache.load(id, opened);
    if (opened === known) await prepare(known ?? loaded.reading);
    return { ...loaded, reading: opened ?? loaded.reading };
  }

  /** Open a second reading, with which its guides and the first scores can be fetched; return any other one as it is. */
  private async open(reading: Reading, prepare: Prepare): Promise<Reading> {
    if (!isSecondOfTwo(reading) || reading.state !== "waiting") return reading;
    // As one that is open: nothing but what the server requires comes between the two readings.
    await prepare({ ...reading, state: "open" });
    return this.api.openReading(reading.id);
  }

  /** Return whether the image of this reading is on the screen already. */
  takeImage(reading: Reading): boolean {
    const onScreen = this.imageKept && isSecondOfTwo(reading);
    this.imageKept = false;
    return onScreen;
  }

  /** State what the reader does in a second reading. */
  announce(reading: Reading): void {
    if (isSecondOfTwo(reading)) this.panel.showNotice(noticeOf(reading));
  }
}

/** Return what the reader does in the second reading. */
function noticeOf(reading: Reading): string {
  // Two lines at most, so that the panel keeps its layout.
  const now = reading.guides_allowed ? "Same case, with guides." : "Same case.";
  return reading.measurement === null ? `${now} Change your first scores where needed.` : `${now} Trace the calcified stretches.`;
}
