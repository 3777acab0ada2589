/** The image of the current reading, with guides, window and polarity. */

import { el } from "../dom";
import type { Action } from "../keys";
import type { Pair } from "../viewer/overlay/marks";
import { Viewer } from "../viewer/viewer";
import { isSameWindow } from "../viewer/window";
import type { NamedWindow } from "../viewer/window";
import type { ReaderPreferences } from "./preferences";
import type { LoadedReading } from "./saving/readingcache";

const LONG_PRESS_MS = 350;
const SAVED_WINDOW_NAME = "Your window";

export class ImagePane {
  readonly root = el("div", { class: "image-pane" });
  onWindow: (name: string, savedOffered: boolean) => void = () => undefined;
  onGuides: (shown: boolean, strength: number) => void = () => undefined;
  private readonly viewer: Viewer;
  private readonly note = el("p", { class: "viewer-note", hidden: true });
  private loaded: LoadedReading | null = null;
  private guidesShown = false;
  private pressedKey: { key: string; since: number } | null = null;

  constructor(private readonly preferences: ReaderPreferences) {
    const host = el("div", { class: "room-viewer" });
    this.viewer = new Viewer(host);
    this.viewer.onWindowChange = () => { this.reportWindow(); };
    host.append(this.note);
    this.root.append(host);
  }

  show(loaded: LoadedReading): void {
    this.loaded = loaded;
    const { guides } = loaded;
    this.viewer.overlay.setGuides(guides?.guides ?? []);
    this.viewer.overlay.setPlaques([]);
    this.viewer.overlay.setStrength(this.preferences.guideStrength);
    this.viewer.show(loaded.reading.image, loaded.values);
    this.showGuides(guides !== null);
    const detail = guides?.level_doubt?.detail;
    const warning = detail === undefined ? "" : `Level labelling uncertain: ${detail} `;
    this.note.textContent = `${warning}${guides?.note ?? ""}`.trim();
    this.note.hidden = this.note.textContent === "";
    this.root.dataset["painter"] = this.viewer.painterKind;
  }

  clear(): void {
    this.loaded = null;
    this.note.hidden = true;
    this.viewer.clear();
  }

  /** Draw the plaques of the reference standard, which may be none; used after practice cases. */
  showReference(plaques: readonly (readonly Pair[])[]): void {
    this.viewer.overlay.setPlaques(plaques);
    this.viewer.overlay.setVisible(plaques.length > 0 || this.guidesShown);
    this.viewer.redraw();
  }

  handleAction(action: Action): void {
    if (action === "invert") this.viewer.invert();
    if (action === "reset") this.viewer.reset();
    if (action === "window") this.viewer.nextWindow(this.extraWindows());
    if (action === "guides" && this.hasGuides) this.showGuides(!this.guidesShown);
  }

  /** Note when the guides key was pressed: a short press toggles the guides, a long press hides them until release. */
  keyDown(key: string): void {
    this.pressedKey = { key, since: performance.now() };
  }

  keyUp(key: string): void {
    const pressedKey = this.pressedKey;
    if (pressedKey === null || pressedKey.key !== key) return;
    this.pressedKey = null;
    if (performance.now() - pressedKey.since > LONG_PRESS_MS) this.handleAction("guides");
  }

  showBand(level: string | null): void {
    if (!this.hasGuides) return;
    this.viewer.overlay.setBand(level);
    this.viewer.redraw();
  }

  setStrength(strength: number): void {
    this.preferences.setGuideStrength(strength);
    this.viewer.overlay.setStrength(strength);
  }

  useSavedWindow(): void {
    const customWindow = this.savedWindow();
    if (customWindow !== null) this.viewer.setWindow(customWindow);
  }

  /** Save the window of this case, to be offered for the next case of the same scanner. */
  rememberWindow(): void {
    const image = this.loaded?.reading.image;
    if (image === undefined || isSameWindow(this.viewer.window, this.viewer.originalWindow())) return;
    this.preferences.setWindow(image.scanner, this.viewer.window);
  }

  private get hasGuides(): boolean {
    return (this.loaded?.guides ?? null) !== null;
  }

  private showGuides(shown: boolean): void {
    this.guidesShown = shown;
    this.viewer.overlay.setVisible(shown);
    this.onGuides(shown, this.preferences.guideStrength);
  }

  private savedWindow(): NamedWindow | null {
    const scanner = this.loaded?.reading.image.scanner ?? "";
    const customWindow = this.preferences.windowFor(scanner);
    return customWindow === null ? null : { ...customWindow, name: SAVED_WINDOW_NAME };
  }

  private extraWindows(): NamedWindow[] {
    const customWindow = this.savedWindow();
    return customWindow === null ? [] : [customWindow];
  }

  private reportWindow(): void {
    const windows = [...(this.loaded?.reading.image.windows ?? []), ...this.extraWindows()];
    const named = windows.find((window) => isSameWindow(window, this.viewer.window));
    const customWindow = this.savedWindow();
    const savedOffered = customWindow !== null && !isSameWindow(customWindow, this.viewer.window);
    this.onWindow(named === undefined ? "Manual window" : named.name || "Default window", savedOffered);
  }
}
