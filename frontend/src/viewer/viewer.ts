/** The viewer: one image under an overlay, with its window, polarity and view. */

import { CanvasPainter } from "./canvas";
import { createGlPainter } from "./gl";
import { Overlay } from "./overlay/overlay";
import type { Painter, Picture } from "./painter";
import { pixelSize } from "./pixelsize";
import type { PixelShape } from "./pixelsize";
import { listenToPointers } from "./pointer";
import { cutOut } from "./windowlut";
import type { Stored } from "./windowlut";
import { fit, fitPart, inSight, panBy, raster, resized, toImage, toScreen, zoomAbout } from "./view";
import type { Point, Raster, Size, View } from "./view";
import { dragged, same, table } from "./window";
import type { NamedWindow, Window } from "./window";

export interface ImageFacts extends PixelShape {
  readonly width: number;
  readonly height: number;
  readonly bits: 8 | 16;
  readonly windows: readonly NamedWindow[];
  readonly invert: boolean;
  readonly anterior: "right" | "left" | "" | null;
}

const NO_VIEW: View = { scale: 1, x: 0, y: 0 };

export class Viewer {
  readonly overlay = new Overlay();
  window: Window = { center: 128, width: 256 };
  inverted = false;
  /** Called when the person, or a preset, has set another window. */
  onWindow: (window: Window) => void = () => undefined;
  /** Called whenever the image may stand elsewhere on the screen. */
  onPlaced: () => void = () => undefined;
  private painter: Painter | null = null;
  private picture: Picture | null = null;
  private facts: ImageFacts | null = null;
  private screen: Size;
  private view: View = NO_VIEW;
  private tableStale = true;
  private frame = 0;

  constructor(private readonly host: HTMLElement) {
    host.classList.add("viewer");
    host.append(this.overlay.svg);
    this.screen = { width: host.clientWidth || 1, height: host.clientHeight || 1 };
    new ResizeObserver(() => { this.follow(); }).observe(host);
    listenToPointers(host, {
      windowBy: (dx, dy) => { this.dragWindow(dx, dy); },
      panBy: (by) => { this.change((r, s, v) => panBy(r, s, v, by)); },
      zoomAbout: (factor, at) => { this.zoomAbout(factor, at); },
      ended: () => undefined,
    });
  }

  get painterKind(): "webgl2" | "2d" | "none" {
    return this.painter?.kind ?? "none";
  }

  show(facts: ImageFacts, values: Stored): void {
    this.facts = facts;
    this.picture = { raster: raster(facts, pixelSize(facts)), values };
    this.overlay.setAnterior(facts.anterior === "left" ? "left" : "right");
    this.usePainter(Math.max(facts.width, facts.height));
    this.painter?.setPicture(this.picture);
    this.reset();
    this.paint();
  }

  clear(): void {
    this.picture = null;
    this.facts = null;
    this.painter?.canvas.remove();
    this.painter?.dispose();
    this.painter = null;
    this.overlay.setGuides([]);
    this.overlay.setBodies({});
  }

  /** The image's size and the height of a pixel over its width; null without an image. */
  get raster(): Raster | null {
    return this.picture?.raster ?? null;
  }

  get size(): Size {
    return this.screen;
  }

  /** From a place of the image to one of the viewer, in CSS pixels, and back. */
  toScreen(point: Point): Point {
    return this.picture === null ? point : toScreen(this.picture.raster, this.view, point);
  }

  toImage(point: Point): Point {
    return this.picture === null ? point : toImage(this.picture.raster, this.view, point);
  }

  /** Shows the part of the image between two places as large as fits. */
  showPart(from: Point, to: Point): void {
    this.change((r, s) => fitPart(r, s, from, to));
  }

  /** Pans as little as it takes to see a place of the image. */
  bringIntoSight(point: Point): void {
    this.change((r, s, v) => inSight(r, s, v, point));
  }

  /** A square of the image as it looks now, `side` pixels wide, from its top left pixel on. */
  cutOut(left: number, top: number, side: number): ImageData | null {
    if (this.picture === null || this.facts === null) return null;
    const greys = table(this.facts.bits, this.window, this.inverted);
    const words = cutOut(this.picture.values, this.picture.raster, greys, { left, top, side });
    return new ImageData(new Uint8ClampedArray(words.buffer as ArrayBuffer), side, side);
  }

  /** Fitted, with the image's first window and its own polarity: exactly as it opened. */
  reset(): void {
    if (this.picture === null || this.facts === null) return;
    this.view = fit(this.picture.raster, this.screen);
    this.inverted = this.facts.invert;
    this.setWindow(this.originalWindow());
  }

  originalWindow(): Window {
    const facts = this.facts;
    if (facts === null) return this.window;
    const full = 2 ** facts.bits;
    return facts.windows[0] ?? { center: full / 2, width: full };
  }

  setWindow(window: Window): void {
    this.window = { center: window.center, width: window.width };
    this.tableStale = true;
    this.redraw();
    this.onWindow(this.window);
  }

  invert(): void {
    this.inverted = !this.inverted;
    this.tableStale = true;
    this.redraw();
  }

  zoomAbout(factor: number, at?: Point): void {
    const middle = { x: this.screen.width / 2, y: this.screen.height / 2 };
    this.change((r, s, v) => zoomAbout(r, s, v, factor, at ?? middle));
  }

  /** The next of the image's windows and those offered; returns its name. */
  nextWindow(offered: readonly NamedWindow[]): string {
    const choices = [...(this.facts?.windows ?? []), ...offered];
    const now = choices.findIndex((choice) => same(choice, this.window));
    const next = choices[(now + 1) % Math.max(1, choices.length)];
    if (next === undefined) return "";
    this.setWindow(next);
    return next.name;
  }

  redraw(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => { this.paint(); });
  }

  private dragWindow(dx: number, dy: number): void {
    if (this.facts === null) return;
    this.setWindow(dragged(this.window, this.originalWindow(), dx, dy));
  }

  private change(to: (r: Picture["raster"], s: Size, v: View) => View): void {
    if (this.picture === null) return;
    this.view = to(this.picture.raster, this.screen, this.view);
    this.redraw();
  }

  private paint(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (this.painter === null || this.picture === null || this.facts === null) return;
    if (this.tableStale) {
      this.painter.setTable(table(this.facts.bits, this.window, this.inverted));
      this.tableStale = false;
    }
    this.painter.draw(this.view);
    this.overlay.place(this.picture.raster, this.view, this.screen);
    this.onPlaced();
  }

  private follow(): void {
    const before = this.screen;
    this.screen = { width: this.host.clientWidth || 1, height: this.host.clientHeight || 1 };
    this.painter?.resize(this.screen, window.devicePixelRatio || 1);
    this.change((r, s, v) => resized(r, before, s, v));
    this.paint();
  }

  private usePainter(largest: number): void {
    if (this.painter !== null) return;
    this.install(createGlPainter(largest, () => { this.install(new CanvasPainter()); }) ?? new CanvasPainter());
  }

  private install(painter: Painter): void {
    this.painter?.canvas.remove();
    this.painter = painter;
    this.host.prepend(painter.canvas);
    painter.resize(this.screen, window.devicePixelRatio || 1);
    this.tableStale = true;
    if (this.picture !== null) painter.setPicture(this.picture);
    this.redraw();
  }
}
