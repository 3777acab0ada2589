/** Correcting corners: the draft, its handles and its panel, until it is saved or given up. */

import { ApiError, getJson, send } from "../api";
import { agree } from "../dialog";
import { drawGuides } from "../viewer/overlay/guides";
import { Loupe } from "../viewer/magnifier";
import type { Bodies, GuideLine, Pair } from "../viewer/overlay/marks";
import { SQUARE, pixelSize } from "../viewer/pixelsize";
import type { Viewer } from "../viewer/viewer";
import type { CaseDetail, LandmarkSet } from "./contract";
import { PLACES, at, begun, changedPlaces, corners, likely, moved, rebased, redone, settled, undone } from "./draft";
import type { Draft, Place } from "./draft";
import { Handles, inside } from "./handles";
import { Panel } from "./panel";

export interface CorrectionEvents {
  /** The draft's bodies and guides; `fresh` where they are still those that are stored. */
  drawn(bodies: Bodies, guides: readonly GuideLine[], fresh: boolean): void;
  saved(found: CaseDetail): void;
  overtaken(found: CaseDetail): void;
  closed(): void;
}

const TAKEN_OVER = "What you moved is kept here, over their corners; theirs alone are drawn in broken lines.";

export class Correction {
  readonly panel: Panel;
  private readonly handles: Handles;
  private readonly loupe: Loupe;
  private draft: Draft;
  private picked: Place | null = null;
  private saving = false;
  private readonly stop = new AbortController();

  constructor(
    private readonly viewer: Viewer,
    host: HTMLElement,
    private readonly path: string,
    private found: CaseDetail,
    private set: LandmarkSet,
    private readonly events: CorrectionEvents,
  ) {
    this.draft = begun(set.landmarks);
    this.loupe = new Loupe(viewer);
    this.panel = new Panel({
      stepped: (by) => { if (this.picked !== null) this.step(this.picked, by); },
      takenOut: () => { if (this.picked !== null) this.takeOut(this.picked); },
      putIn: (place) => { this.putIn(place); },
      undo: () => { this.change(undone(this.draft)); },
      redo: () => { this.change(redone(this.draft)); },
      discard: () => void this.discard(),
      save: () => void this.save(),
    });
    this.handles = new Handles(viewer, host, {
      picked: (place) => { this.pick(place); },
      dragged: (place, to) => { this.change(moved(this.draft, place, to, "drag")); },
      released: () => { this.change(settled(this.draft)); },
      stepped: (place, by) => { this.step(place, by); },
      takenOut: (place) => { this.takeOut(place); },
    });
    host.append(this.loupe.canvas);
    this.handles.begin();
    viewer.onPlaced = () => { this.follow(); };
    const { signal } = this.stop;
    document.addEventListener("keydown", (event) => { this.key(event); }, { signal });
    window.addEventListener("beforeunload", (event) => { if (this.unsaved) event.preventDefault(); }, { signal });
  }

  /** Shows the bodies as large as fits, and takes the first corner in hand. */
  begin(): void {
    const known = PLACES.map((place) => at(this.draft.now, place)).filter((corner) => corner !== null);
    const [xs, ys] = [known.map(([x]) => x), known.map(([, y]) => y)];
    if (known.length > 1) {
      this.viewer.showPart({ x: Math.min(...xs), y: Math.min(...ys) }, { x: Math.max(...xs), y: Math.max(...ys) });
    }
    this.refresh();
    const first = PLACES.find((place) => at(this.draft.now, place) !== null);
    if (first !== undefined) this.handles.focus(first);
  }

  refresh(): void {
    this.change(this.draft);
  }

  get unsaved(): boolean {
    return changedPlaces(this.draft).length > 0;
  }

  /** Where the corner in hand stands on the image. */
  get inHand(): Pair | null {
    return this.picked === null ? null : at(this.draft.now, this.picked);
  }

  end(): void {
    this.stop.abort();
    this.viewer.onPlaced = () => undefined;
    this.handles.end();
    this.loupe.canvas.remove();
  }

  private pick(place: Place): void {
    if (place !== this.picked) this.draft = settled(this.draft);
    this.picked = place;
    this.change(this.draft);
  }

  private change(draft: Draft): void {
    // What is moved while a save is under way would be in no version: the corner goes back.
    if (!this.saving) this.draft = draft;
    const size = this.found.image === null ? SQUARE : pixelSize(this.found.image);
    this.handles.show(this.draft.now);
    this.handles.mark(this.picked);
    this.events.drawn(this.draft.now, drawGuides(this.draft.now, size), !this.unsaved);
    this.panel.show(this.draft, this.picked, size);
  }

  /** Handles and magnifier after the image was drawn anew. */
  private follow(): void {
    const corner = this.inHand;
    this.handles.place();
    if (corner === null) this.loupe.hide();
    else this.loupe.show(corner, this.draft.now);
  }

  private step(place: Place, by: readonly [number, number]): void {
    const corner = at(this.draft.now, place);
    const image = this.viewer.raster;
    if (corner === null || image === null) return;
    const to = [corner[0] + by[0], corner[1] + by[1]] as const;
    if (!inside(image, { x: to[0], y: to[1] })) return;
    this.change(moved(this.draft, place, to, "keys"));
    this.viewer.bringIntoSight({ x: to[0], y: to[1] });
  }

  private takeOut(place: Place): void {
    this.change(moved(this.draft, place, null, ""));
    this.panel.focusMissing(place);
  }

  private putIn(place: Place): void {
    const image = this.viewer.raster;
    if (image === null) return;
    const { width, height } = this.viewer.size;
    const middle = this.viewer.toImage({ x: width / 2, y: height / 2 });
    const [x, y] = likely(this.draft.now, place) ?? [middle.x, middle.y];
    const to = [half(x, image.width), half(y, image.height)] as const;
    this.picked = place;
    this.change(moved(this.draft, place, to, ""));
    this.handles.focus(place);
  }

  private key(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || event.target instanceof HTMLTextAreaElement) return;
    const key = event.key.toLowerCase();
    if (key === "z") this.change(event.shiftKey ? redone(this.draft) : undone(this.draft));
    else if (key === "y") this.change(redone(this.draft));
    else return;
    event.preventDefault();
  }

  private async discard(): Promise<void> {
    const text = "The corners go back to where they were saved last.";
    if (this.unsaved && !(await agree({ title: "Discard what you moved", text, yes: "Discard", danger: true }))) return;
    this.events.closed();
  }

  private async save(): Promise<void> {
    if (this.saving) return;
    this.saving = true;
    this.panel.busy(true);
    try {
      const body = { based_on: this.set.version, landmarks: corners(this.draft.now), reason: this.panel.reason };
      this.events.saved(await send<CaseDetail>("POST", `${this.path}/landmarks`, body));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const stale = error.code === "stale";
      this.panel.complain(stale ? `${error.message} ${TAKEN_OVER}` : error.message);
      this.saving = false;
      if (stale) await this.catchUp();
    } finally {
      this.saving = false;
      this.panel.busy(false);
    }
  }

  /** Somebody else's version is the current one: what was moved here is moved on that. */
  private async catchUp(): Promise<void> {
    const found = await getJson<CaseDetail>(this.path);
    if (found.landmark_set === null) return;
    this.found = found;
    this.set = found.landmark_set;
    this.change(rebased(this.draft, found.landmark_set.landmarks));
    this.events.overtaken(found);
  }
}

/** The nearest half pixel on the image. */
function half(value: number, length: number): number {
  return Math.min(Math.max(Math.round(value * 2) / 2, 0), length - 1);
}
