/** The image of the current reading, with guides, window, polarity, view and measuring tools. */

import { el } from "../dom";
import type { Action, Bindings } from "../keys";
import { mirrorPoints } from "../viewer/mirror";
import type { Pair } from "../viewer/overlay/marks";
import { pixelRatio } from "../viewer/pixelratio";
import type { ViewKind } from "../viewer/presets";
import { Magnifier } from "../viewer/tools/magnifier";
import { Ruler } from "../viewer/tools/ruler";
import { Viewer } from "../viewer/viewer";
import { isSameWindow } from "../viewer/window";
import type { NamedWindow } from "../viewer/window";
import { SizeGate } from "./display/sizegate";
import type { ReaderPreferences } from "./preferences";
import type { LoadedReading } from "./saving/readingcache";
import { toggleFullScreen } from "./view/fullscreen";
import { PreviousView } from "./view/previousview";
import { SideMarks } from "./view/sidemarks";
import { ViewLog } from "./view/viewlog";
import type { ViewReport } from "./view/viewlog";
import { describeImageKeys } from "./view/viewtools";

const LONG_PRESS_MS = 350;
const SAVED_WINDOW_NAME = "Your window";
const ZOOM_STEP = 1.25;
const PAN_STEP_PX = 60;
const KEYS_ID = "image-keys";

export interface ToolState {
  readonly magnifier: boolean;
  readonly ruler: boolean;
}

export class ImagePane {
  readonly root = el("div", { class: "image-pane" });
  onWindow: (name: string, savedOffered: boolean) => void = () => undefined;
  onGuides: (shown: boolean, strength: number) => void = () => undefined;
  onView: (kind: ViewKind, tools: ToolState) => void = () => undefined;
  readonly host = el("div", { class: "room-viewer", role: "region", tabindex: 0, "aria-describedby": KEYS_ID });
  private readonly keys = el("p", { id: KEYS_ID, class: "visually-hidden" });
  readonly viewer: Viewer;
  readonly sizeGate: SizeGate;
  private readonly magnifier: Magnifier;
  private readonly ruler: Ruler;
  private readonly sideMarks: SideMarks;
  private readonly viewLog = new ViewLog();
  private readonly previousView = new PreviousView();
  private loaded: LoadedReading | null = null;
  private mirroredWidth: number | null = null;
  private guidesShown = false;
  private pressedKey: { key: string; since: number } | null = null;

  constructor(private readonly preferences: ReaderPreferences) {
    this.viewer = new Viewer(this.host);
    this.sizeGate = new SizeGate(this.host);
    this.magnifier = new Magnifier(this.viewer, this.host);
    this.ruler = new Ruler(this.viewer, this.host);
    this.ruler.onLeave = () => { this.reportView(); };
    this.sideMarks = new SideMarks(this.host);
    this.viewer.onWindowChange = () => { this.reportWindow(); };
    this.viewer.onPaint = () => { this.handlePaint(); };
    this.root.append(el("h1", { class: "visually-hidden" }, "Reading room"), this.host, this.keys, this.sizeGate.root);
  }

  /**
   * Show a reading as it appears on the screen.
   *
   * `mirroredWidth` is the width of an image that is mirrored; `sameImage` keeps the view of the reading before.
   */
  show(loaded: LoadedReading, mirroredWidth: number | null = null, sameImage = false): void {
    this.loaded = loaded;
    this.mirroredWidth = mirroredWidth;
    const { guides, reading } = loaded;
    const anterior = reading.image.anterior === "left" ? "left" : "right";
    this.sizeGate.setMinimum(reading.display.minimum_image_px);
    this.viewer.overlay.setGuides(guides?.guides ?? []);
    // The plaques of the previous practice case must not appear on this one.
    this.viewer.overlay.setPlaques([]);
    this.viewer.overlay.setStrength(this.preferences.guideStrength);
    this.viewer.show(reading.image, loaded.values);
    if (this.keepsView || sameImage) this.previousView.apply(this.viewer, reading.image);
    // Only now, because earlier views of this image were never on the screen.
    this.viewLog.start();
    this.viewer.redraw();
    // Each guided case opens with its guides, whatever the reader did in the previous one.
    this.showGuides(guides !== null);
    this.sideMarks.show(anterior);
    this.host.setAttribute("aria-label", `Image of the current case, anterior to the ${anterior}`);
    this.describeKeys(this.preferences.keys);
    this.root.dataset["painter"] = this.viewer.painterKind;
  }

  /** Convert the image of the next reading while the reader is busy with this one. */
  prepare({ reading, values }: LoadedReading): void {
    const prepare = (): void => { this.viewer.prepare(reading.image, values); };
    // Safari has no requestIdleCallback.
    if ("requestIdleCallback" in window) window.requestIdleCallback(prepare);
    else setTimeout(prepare);
  }

  /** Keep the image as it is, without its tools, while its second reading is being opened. */
  freeze(): void {
    this.magnifier.setShown(false);
    this.ruler.setShown(false);
  }

  clear(): void {
    this.loaded = null;
    this.magnifier.setShown(false);
    this.ruler.setShown(false);
    this.sideMarks.clear();
    this.sizeGate.setMinimum(0);
    this.viewer.clear();
  }

  describeKeys(bindings: Bindings): void {
    this.keys.textContent = describeImageKeys(bindings);
  }

  /** Draw the plaques of the reference standard, which may be none; used after practice cases. */
  showReference(plaques: readonly (readonly Pair[])[]): void {
    const { mirroredWidth } = this;
    const lines = mirroredWidth === null ? plaques : plaques.map((points) => mirrorPoints(points, mirroredWidth));
    this.viewer.overlay.setPlaques([{ lines }]);
    // Guides and plaques share an overlay, which is hidden while there is nothing to draw.
    this.viewer.overlay.setVisible(plaques.length > 0 || this.guidesShown);
    this.viewer.redraw();
  }

  handleAction(action: Action): void {
    switch (action) {
      case "invert": this.viewer.invert(); break;
      case "reset": this.viewer.reset(); break;
      case "window": this.viewer.nextWindow(this.extraWindows()); break;
      case "guides": if (this.hasGuides) this.showGuides(!this.guidesShown); break;
      case "zoomIn": this.viewer.zoomAbout(ZOOM_STEP, this.viewer.pointer ?? undefined); break;
      case "zoomOut": this.viewer.zoomAbout(1 / ZOOM_STEP, this.viewer.pointer ?? undefined); break;
      case "lowerSpine": this.viewer.showPreset("lower_spine"); break;
      case "actualSize": this.viewer.showPreset("actual_size"); break;
      case "panLeft": this.viewer.panBy({ x: PAN_STEP_PX, y: 0 }); break;
      case "panRight": this.viewer.panBy({ x: -PAN_STEP_PX, y: 0 }); break;
      case "panUp": this.viewer.panBy({ x: 0, y: PAN_STEP_PX }); break;
      case "panDown": this.viewer.panBy({ x: 0, y: -PAN_STEP_PX }); break;
      case "magnifier": this.magnifier.setShown(!this.magnifier.shown); this.reportView(); break;
      case "ruler": this.ruler.setShown(!this.ruler.shown); this.reportView(); break;
      case "fullScreen": toggleFullScreen(); break;
      default:
    }
  }

  /** Note when the guides key was pressed: a short press toggles the guides, a long press hides them until release. */
  keyDown(key: string): void {
    this.pressedKey = { key, since: performance.now() };
  }

  keyUp(key: string): void {
    const pressedKey = this.pressedKey;
    // Another key may have been released while this one is still down.
    if (pressedKey === null || pressedKey.key !== key) return;
    this.pressedKey = null;
    if (performance.now() - pressedKey.since > LONG_PRESS_MS) this.handleAction("guides");
  }

  showBand(level: string | null): void {
    if (!this.hasGuides) return;
    // The image is not painted again: at every key, that would delay the keys that follow.
    this.viewer.overlay.setBand(level);
  }

  setStrength(strength: number): void {
    this.preferences.setGuideStrength(strength);
    this.viewer.overlay.setStrength(strength);
  }

  useSavedWindow(): void {
    const customWindow = this.savedWindow();
    if (customWindow !== null) this.viewer.setWindow(customWindow);
  }

  /** Remember view and window of this case: the view for the next case, the window for the next one of this scanner. */
  rememberView(): void {
    const image = this.loaded?.reading.image;
    if (image === undefined) return;
    this.previousView.remember(this.viewer, image);
    // Only a window that the reader chose is remembered; the image's window already opens by default.
    if (isSameWindow(this.viewer.window, this.viewer.originalWindow())) return;
    this.preferences.setWindow(image.scanner, this.viewer.window);
  }

  /** Return how the image was displayed since the last call, or null without an image. */
  takeView(): ViewReport | null {
    return this.viewLog.take();
  }

  get rulerShown(): boolean {
    return this.ruler.shown;
  }

  private get hasGuides(): boolean {
    return (this.loaded?.guides ?? null) !== null;
  }

  private get keepsView(): boolean {
    // The study decides; it may leave the choice to the reader.
    const option = this.loaded?.reading.display.between_cases ?? "reset";
    return option === "keep" || (option === "reader" && this.preferences.keepView);
  }

  private handlePaint(): void {
    // Both are drawn over the image and follow every change of view or window.
    this.magnifier.update();
    this.ruler.update();
    if (this.loaded === null) return;
    const { kind, zoom, scale, window, inverted } = this.viewer;
    this.sizeGate.update();
    // The height while the case can be scored.
    const paneHeight = this.sizeGate.tooSmall ? null : this.sizeGate.height;
    this.viewLog.record({ kind, zoom, scale: scale * pixelRatio(), window, inverted, paneHeight });
    this.reportView();
  }

  private reportView(): void {
    this.onView(this.viewer.kind, { magnifier: this.magnifier.shown, ruler: this.ruler.shown });
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
