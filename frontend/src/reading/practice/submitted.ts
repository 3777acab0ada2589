/** Shows a submitted practice case with its reference grades until the reader continues. */

import type { Progress, Submitted } from "../contract";
import type { ImagePane } from "../imagepane";
import { startPad } from "../padstate";
import type { PadState } from "../padstate";
import type { Panel } from "../panel";
import type { ReadingApi } from "../saving/readingapi";
import type { ReadingCache } from "../saving/readingcache";
import type { ScorePad } from "../scorepad";
import type { StatusScreen } from "../statusscreen";
import { displayedReading } from "../view/displayedreading";
import type { Feedback } from "./feedback";

export interface RoomParts {
  readonly api: ReadingApi;
  readonly main: HTMLElement;
  readonly cache: ReadingCache;
  readonly feedback: Feedback;
  readonly imagePane: ImagePane;
  readonly panel: Panel;
  readonly pad: ScorePad;
  readonly statusScreen: StatusScreen;
  closeReading(): void;
}

/** Resolve when the reader continues; without a pad, image and scores are shown again, for example after a reload. */
export async function showSubmittedCase(
  submitted: Submitted,
  progress: Progress,
  pad: PadState | null,
  parts: RoomParts,
): Promise<void> {
  const shownPad = pad ?? (await showAgain(submitted, progress, parts));
  await parts.feedback.show(submitted.feedback, shownPad, parts.imagePane, parts.panel.root);
  // Before the request, so that no key scores the submitted case while it is answered.
  parts.closeReading();
  parts.imagePane.clear();
  parts.statusScreen.showLoading();
  // If this fails, the grades are shown again.
  await parts.api.markFeedbackSeen(submitted.reading.id).catch(() => undefined);
}

async function showAgain({ reading }: Submitted, progress: Progress, parts: RoomParts): Promise<PadState> {
  const fetched = { ...(await parts.cache.load(reading.id, reading)), reading };
  const loaded = displayedReading(fetched);
  parts.statusScreen.hide();
  parts.main.classList.remove("resting");
  parts.imagePane.show(loaded, loaded === fetched ? null : reading.image.width);
  const pad = startPad(loaded.reading);
  parts.pad.render(pad, reading.validity_codes);
  parts.panel.showReading(loaded.reading);
  parts.panel.showCount(`${String(progress.read)} of ${String(progress.total)}`);
  parts.panel.showPad(pad, reading.comment);
  return pad;
}
