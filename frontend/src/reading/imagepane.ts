/** The image of the current reading with its guides, window and polarity. */

import { el } from "../dom";
import type { Action } from "../keys";
import { Viewer } from "../viewer/viewer";
import { same } from "../viewer/window";
import type { NamedWindow } from "../viewer/window";
import type { Choices } from "./preferences";
import type { Prepared } from "./saving/queue";

const HOLD_MS = 350;
const OWN = "Your own window";

export class LightBox {
  readonly root = el("div", { class: "room-image" });
  onWindow: (name: string, ownOffered: boolean) => void = () => undefined;
  onGuides: (shown: boolean, strength: number) => void = () => undefined;
  private readonly viewer: Viewer;
  private readonly note = el("p", { class: "viewer-note", hidden: true });
  private prepared: Prepared | null = null;
  private guidesShown = false;
  private held: { key: string; since: number } | null = null;

  constructor(private readonly choices: Choices) {
    const host = el("div", { class: "room-viewer" });
    this.viewer = new Viewer(host);
    this.viewer.onWindow = () => { this.tellWindow(); };
    host.append(this.note);
    this.root.append(host);
  }

  show(prepared: Prepared): void {
    this.prepared = prepared;
    const { guides } = prepared;
    this.viewer.overlay.setGuides(guides?.guides ?? []);
    this.viewer.overlay.setStrength(this.choices.guideStrength);
    this.viewer.show(prepared.reading.image, prepared.values);
    this.showGuides(guides !== null);
    const detail = guides?.level_doubt?.detail;
    const doubt = detail === undefined ? "" : `The names of the levels may be wrong: ${detail} `;
    this.note.textContent = `${doubt}${guides?.note ?? ""}`.trim();
    this.note.hidden = this.note.textContent === "";
    this.root.dataset["painter"] = this.viewer.painterKind;
  }

  clear(): void {
    this.prepared = null;
    this.note.hidden = true;
    this.viewer.clear();
  }

  act(action: Action): void {
    if (action === "invert") this.viewer.invert();
    if (action === "reset") this.viewer.reset();
    if (action === "window") this.viewer.nextWindow(this.offered());
    if (action === "guides" && this.guided) this.showGuides(!this.guidesShown);
  }

  /** A tap switches the guides; held longer, they come back when the key goes up. */
  keyDown(key: string): void {
    this.held = { key, since: performance.now() };
  }

  keyUp(key: string): void {
    const held = this.held;
    if (held === null || held.key !== key) return;
    this.held = null;
    if (performance.now() - held.since > HOLD_MS) this.act("guides");
  }

  showBand(level: string | null): void {
    if (!this.guided) return;
    this.viewer.overlay.setBand(level);
    this.viewer.redraw();
  }

  setStrength(share: number): void {
    this.choices.setGuideStrength(share);
    this.viewer.overlay.setStrength(share);
  }

  useOwnWindow(): void {
    const own = this.ownWindow();
    if (own !== null) this.viewer.setWindow(own);
  }

  /** The window that this case was read with is offered for the next of the same scanner. */
  rememberWindow(): void {
    const image = this.prepared?.reading.image;
    if (image === undefined || same(this.viewer.window, this.viewer.originalWindow())) return;
    this.choices.setWindow(image.scanner, this.viewer.window);
  }

  private get guided(): boolean {
    return (this.prepared?.guides ?? null) !== null;
  }

  private showGuides(shown: boolean): void {
    this.guidesShown = shown;
    this.viewer.overlay.setVisible(shown);
    this.onGuides(shown, this.choices.guideStrength);
  }

  private ownWindow(): NamedWindow | null {
    const scanner = this.prepared?.reading.image.scanner ?? "";
    const own = this.choices.windowFor(scanner);
    return own === null ? null : { ...own, name: OWN };
  }

  private offered(): NamedWindow[] {
    const own = this.ownWindow();
    return own === null ? [] : [own];
  }

  private tellWindow(): void {
    const windows = [...(this.prepared?.reading.image.windows ?? []), ...this.offered()];
    const named = windows.find((window) => same(window, this.viewer.window));
    const own = this.ownWindow();
    const offered = own !== null && !same(own, this.viewer.window);
    this.onWindow(named === undefined ? "Window by hand" : named.name || "First window", offered);
  }
}
