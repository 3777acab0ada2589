/** The correction of corners: connects the draft, its handles and its panel until it is saved or discarded. */

import { ApiError, getJson, sendJson } from "../api";
import { confirmInDialog } from "../dialog";
import { letterForKey } from "../keys";
import { drawGuides } from "../viewer/overlay/guides";
import { CornerMagnifier } from "../viewer/cornermagnifier";
import type { Bodies, GuideLine, Pair } from "../viewer/overlay/marks";
import { SQUARE_PIXELS, pixelSize } from "../viewer/pixelsize";
import type { Viewer } from "../viewer/viewer";
import type { CaseDetail, LandmarkSet } from "./contract";
import { CORNER_IDS, cornerAt, startDraft, changedCorners, cornersToJson, estimateCorner, moveCorner, rebaseDraft, redoChange, endRun, undoChange } from "./draft";
import type { Draft, CornerId } from "./draft";
import { Handles, inside } from "./handles";
import { CorrectionPanel } from "./correctionpanel";

export interface CorrectionEvents {
  /** Draw the draft's bodies and guides; `fresh` when they equal the stored ones. */
  draw(bodies: Bodies, guides: readonly GuideLine[], fresh: boolean): void;
  saved(caseDetail: CaseDetail): void;
  replaced(caseDetail: CaseDetail): void;
  closed(): void;
}

const REBASED_NOTE = "Your changes are kept and applied to the new version, which is drawn in dashed lines for comparison.";

export class Correction {
  readonly panel: CorrectionPanel;
  private readonly handles: Handles;
  private readonly magnifier: CornerMagnifier;
  private draft: Draft;
  private selected: CornerId | null = null;
  private saving = false;
  private readonly listeners = new AbortController();

  constructor(
    private readonly viewer: Viewer,
    host: HTMLElement,
    private readonly path: string,
    private caseDetail: CaseDetail,
    private set: LandmarkSet,
    private readonly events: CorrectionEvents,
  ) {
    this.draft = startDraft(set.landmarks);
    this.magnifier = new CornerMagnifier(viewer);
    this.panel = new CorrectionPanel({
      step: (by) => { if (this.selected !== null) this.stepCorner(this.selected, by); },
      remove: () => { if (this.selected !== null) this.removeCorner(this.selected); },
      add: (cornerId) => { this.addCorner(cornerId); },
      undo: () => { this.setDraft(undoChange(this.draft)); },
      redo: () => { this.setDraft(redoChange(this.draft)); },
      discard: () => void this.discard(),
      save: () => void this.save(),
    });
    this.handles = new Handles(viewer, host, {
      selected: (cornerId) => { this.selectCorner(cornerId); },
      dragged: (cornerId, to) => { this.setDraft(moveCorner(this.draft, cornerId, to, "drag")); },
      released: () => { this.setDraft(endRun(this.draft)); },
      stepped: (cornerId, by) => { this.stepCorner(cornerId, by); },
      removed: (cornerId) => { this.removeCorner(cornerId); },
    });
    host.append(this.magnifier.canvas);
    this.handles.begin();
    viewer.onPaint = () => { this.updatePositions(); };
    const { signal } = this.listeners;
    document.addEventListener("keydown", (event) => { this.handleKey(event); }, { signal });
    window.addEventListener("beforeunload", (event) => { if (this.hasChanges) event.preventDefault(); }, { signal });
  }

  /** Zoom to the vertebral bodies and select the first corner. */
  begin(): void {
    const visibleCorners = CORNER_IDS.map((cornerId) => cornerAt(this.draft.now, cornerId)).filter((corner) => corner !== null);
    const [xs, ys] = [visibleCorners.map(([x]) => x), visibleCorners.map(([, y]) => y)];
    if (visibleCorners.length > 1) {
      this.viewer.fitPart({ x: Math.min(...xs), y: Math.min(...ys) }, { x: Math.max(...xs), y: Math.max(...ys) });
    }
    this.refresh();
    const first = CORNER_IDS.find((cornerId) => cornerAt(this.draft.now, cornerId) !== null);
    if (first !== undefined) this.handles.focus(first);
  }

  refresh(): void {
    this.setDraft(this.draft);
  }

  get hasChanges(): boolean {
    return changedCorners(this.draft).length > 0;
  }

  /** Position of the selected corner in image pixels. */
  get selectedCorner(): Pair | null {
    return this.selected === null ? null : cornerAt(this.draft.now, this.selected);
  }

  stop(): void {
    this.listeners.abort();
    this.viewer.onPaint = () => undefined;
    this.handles.end();
    this.magnifier.canvas.remove();
  }

  private selectCorner(cornerId: CornerId): void {
    // Moves of one corner are undone together, those of two corners separately.
    if (cornerId !== this.selected) this.draft = endRun(this.draft);
    this.selected = cornerId;
    this.setDraft(this.draft);
  }

  private setDraft(draft: Draft): void {
    // A change made while a save is in progress would be in no version, so it is not accepted.
    if (!this.saving) this.draft = draft;
    const size = this.caseDetail.image === null ? SQUARE_PIXELS : pixelSize(this.caseDetail.image);
    this.handles.show(this.draft.now);
    this.handles.highlight(this.selected);
    this.events.draw(this.draft.now, drawGuides(this.draft.now, size), !this.hasChanges);
    this.panel.show(this.draft, this.selected, size);
  }

  /** Update handles and magnifier after the image was redrawn. */
  private updatePositions(): void {
    const corner = this.selectedCorner;
    this.handles.updatePositions();
    if (corner === null) this.magnifier.hide();
    else this.magnifier.show(corner, this.draft.now);
  }

  private stepCorner(cornerId: CornerId, by: readonly [number, number]): void {
    const corner = cornerAt(this.draft.now, cornerId);
    const image = this.viewer.raster;
    if (corner === null || image === null) return;
    const to = [corner[0] + by[0], corner[1] + by[1]] as const;
    // Corners outside the image could be neither seen nor moved back with the pointer.
    if (!inside(image, { x: to[0], y: to[1] })) return;
    this.setDraft(moveCorner(this.draft, cornerId, to, "keys"));
    this.viewer.panIntoView({ x: to[0], y: to[1] });
  }

  private removeCorner(cornerId: CornerId): void {
    this.setDraft(moveCorner(this.draft, cornerId, null, ""));
    this.panel.focusMissing(cornerId);
  }

  private addCorner(cornerId: CornerId): void {
    const image = this.viewer.raster;
    if (image === null) return;
    const { width, height } = this.viewer.size;
    const middle = this.viewer.toImage({ x: width / 2, y: height / 2 });
    // Close to where the corner belongs, so that it need not be dragged across the image.
    const [x, y] = estimateCorner(this.draft.now, cornerId) ?? [middle.x, middle.y];
    const to = [roundToHalf(x, image.width), roundToHalf(y, image.height)] as const;
    this.selected = cornerId;
    this.setDraft(moveCorner(this.draft, cornerId, to, ""));
    this.handles.focus(cornerId);
  }

  private handleKey(event: KeyboardEvent): void {
    // In the field for the reason, undo concerns its text.
    if (!(event.ctrlKey || event.metaKey) || event.target instanceof HTMLTextAreaElement) return;
    const key = letterForKey(event);
    if (key === "z") this.setDraft(event.shiftKey ? redoChange(this.draft) : undoChange(this.draft));
    else if (key === "y") this.setDraft(redoChange(this.draft));
    else return;
    event.preventDefault();
  }

  private async discard(): Promise<void> {
    const text = "All corners return to their last saved positions.";
    if (this.hasChanges && !(await confirmInDialog({ title: "Discard changes", text, confirmLabel: "Discard changes", danger: true }))) return;
    this.events.closed();
  }

  private async save(): Promise<void> {
    if (this.saving) return;
    this.saving = true;
    this.panel.setSaving(true);
    try {
      const body = { based_on: this.set.version, landmarks: cornersToJson(this.draft.now), reason: this.panel.reason };
      this.events.saved(await sendJson<CaseDetail>("POST", `${this.path}/landmarks`, body));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // Another person saved a version meanwhile; the work on this one is not lost.
      const stale = error.code === "stale";
      this.panel.showError(stale ? `${error.message} ${REBASED_NOTE}` : error.message);
      // Before rebasing, because no change of the draft is accepted while saving.
      this.saving = false;
      if (stale) await this.rebaseOnCurrent();
    } finally {
      this.saving = false;
      this.panel.setSaving(false);
    }
  }

  /** Apply the changes to the version that another person has saved meanwhile. */
  private async rebaseOnCurrent(): Promise<void> {
    const caseDetail = await getJson<CaseDetail>(this.path);
    if (caseDetail.landmark_set === null) return;
    this.caseDetail = caseDetail;
    this.set = caseDetail.landmark_set;
    this.setDraft(rebaseDraft(this.draft, caseDetail.landmark_set.landmarks));
    this.events.replaced(caseDetail);
  }
}

/** Round to half a pixel within an axis of the image of `length` pixels. */
function roundToHalf(value: number, length: number): number {
  return Math.min(Math.max(Math.round(value * 2) / 2, 0), length - 1);
}
