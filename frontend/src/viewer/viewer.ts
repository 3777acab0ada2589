/** The viewer: one image with overlay, window, polarity and view. */

import type { Image as ImageInfo } from "../schema";
import { CanvasPainter } from "./canvas";
import { createGlPainter } from "./gl";
import { Overlay } from "./overlay/overlay";
import type { OverlayShapes } from "./overlay/overlayshapes";
import type { Painter, Picture } from "./painter";
import { pixelRatio, watchPixelRatio } from "./pixelratio";
import { SQUARE_PIXELS, pixelSize } from "./pixelsize";
import type { PixelSize } from "./pixelsize";
import { fromRelative, presetView, toRelative, zoomOf } from "./presets";
import type { Preset, RelativeView, ViewKind } from "./presets";
import { listenToPointers } from "./pointer";
import { readSquare } from "./windowlut";
import type { PixelValues } from "./windowlut";
import { fitImage, fitPart, panIntoView, panBy, toRaster, resizeView, toImage, toScreen, zoomAbout } from "./view";
import type { Point, Raster, Size, View } from "./view";
import { dragWindow, isSameWindow, greyTable } from "./window";
import type { NamedWindow, Window } from "./window";

export type { ImageInfo };

const NO_VIEW: View = { scale: 1, x: 0, y: 0 };

export class Viewer {
  readonly overlay = new Overlay();
  window: Window = { center: 128, width: 256 };
  inverted = false;
  /** Called when the window has changed, by a gesture or a preset. */
  onWindowChange: (window: Window) => void = () => undefined;
  /** Called after every paint, when the position of the image on the screen may have changed. */
  onPaint: () => void = () => undefined;
  /** Position of the pointer over the viewer in CSS pixels; null elsewhere. */
  pointer: Point | null = null;
  private painter: Painter | null = null;
  private picture: Picture | null = null;
  private imageInfo: ImageInfo | null = null;
  private screen: Size;
  private view: View = NO_VIEW;
  private viewKind: ViewKind = "fit";
  private tableStale = true;
  private frame = 0;
  private painterRatio = 1;
  /** Longer side of the largest image for which the painter was chosen. */
  private painterLargest = 0;

  constructor(private readonly host: HTMLElement) {
    host.classList.add("viewer");
    host.append(this.overlay.svg);
    // At least 1: a hidden host has no size, and scales divide by it.
    this.screen = { width: host.clientWidth || 1, height: host.clientHeight || 1 };
    new ResizeObserver(() => { this.handleResize(); }).observe(host);
    watchPixelRatio(() => { this.handleResize(); });
    // In the capture phase, because drawing tools stop the event.
    host.addEventListener("pointermove", (event) => { this.trackPointer(event); }, { capture: true });
    host.addEventListener("pointerleave", () => { this.pointer = null; });
    listenToPointers(host, {
      windowBy: (dx, dy) => { this.dragWindow(dx, dy); },
      panBy: (by) => { this.panBy(by); },
      zoomAbout: (factor, at) => { this.zoomAbout(factor, at); },
    });
  }

  get painterKind(): "webgl2" | "2d" | "none" {
    return this.painter?.kind ?? "none";
  }

  show(imageInfo: ImageInfo, values: PixelValues): void {
    this.imageInfo = imageInfo;
    this.picture = { raster: toRaster(imageInfo, pixelSize(imageInfo)), values };
    this.overlay.setAnterior(imageInfo.anterior === "left" ? "left" : "right");
    this.ensurePainter(Math.max(imageInfo.width, imageInfo.height));
    this.reset();
    this.painter?.setPicture(this.picture, this.table());
    this.tableStale = false;
    this.paint();
  }

  /** Convert the image that will be shown next, as it opens. */
  prepare(imageInfo: ImageInfo, values: PixelValues): void {
    const picture = { raster: toRaster(imageInfo, pixelSize(imageInfo)), values };
    if (Math.max(imageInfo.width, imageInfo.height) > this.painterLargest) return;
    this.painter?.prepare(picture, greyTable(imageInfo.bits, openingWindow(imageInfo), imageInfo.invert));
  }

  clear(): void {
    this.picture = null;
    this.imageInfo = null;
    // The painter stays: a new canvas, WebGL context and program for each image would delay the next one.
    this.painter?.setPicture(null, null);
    this.painter?.draw(NO_VIEW);
    this.overlay.setGuides([]);
    this.overlay.setBodies({});
  }

  /** Size and pixel aspect of the image; null without an image. */
  get raster(): Raster | null {
    return this.picture?.raster ?? null;
  }

  get size(): Size {
    return this.screen;
  }

  get pixels(): PixelSize {
    return this.imageInfo === null ? SQUARE_PIXELS : pixelSize(this.imageInfo);
  }

  /** CSS pixels per column of the image. */
  get scale(): number {
    return this.view.scale;
  }

  /** Zoom relative to the fitted image. */
  get zoom(): number {
    return this.picture === null ? 1 : zoomOf(this.picture.raster, this.screen, this.view);
  }

  get kind(): ViewKind {
    return this.viewKind;
  }

  /** Convert image pixels to CSS pixels of the viewer; toImage does the reverse. */
  toScreen(point: Point): Point {
    return this.picture === null ? point : toScreen(this.picture.raster, this.view, point);
  }

  toImage(point: Point): Point {
    return this.picture === null ? point : toImage(this.picture.raster, this.view, point);
  }

  /** Zoom to the part of the image between two corners. */
  fitPart(from: Point, to: Point): void {
    this.updateView((r, s) => fitPart(r, s, from, to));
  }

  /** Pan as little as needed to make a point of the image visible. */
  panIntoView(point: Point): void {
    this.updateView((r, s, v) => panIntoView(r, s, v, point));
  }

  showPreset(preset: Preset): void {
    this.updateView((r, s, v) => presetView(preset, r, s, v, pixelRatio()), preset);
  }

  panBy(by: Point): void {
    this.updateView((r, s, v) => panBy(r, s, v, by));
  }

  /** Return the view relative to the image, for applyView on another image. */
  relativeView(): RelativeView | null {
    return this.picture === null ? null : toRelative(this.viewKind, this.picture.raster, this.screen, this.view);
  }

  applyView(relative: RelativeView): void {
    this.updateView((r, s) => fromRelative(relative, r, s, pixelRatio()), relative.kind);
  }

  /** Adapt shapes in image pixels to the present view. */
  updateShapes(shapes: OverlayShapes): void {
    if (this.picture !== null) shapes.updatePositions(this.picture.raster, this.view, this.screen);
  }

  /** Return a square of the image with the current window; `left`, `top` and `side` in image pixels. */
  readSquare(left: number, top: number, side: number): ImageData | null {
    if (this.picture === null || this.imageInfo === null) return null;
    const greys = greyTable(this.imageInfo.bits, this.window, this.inverted);
    const pixels = readSquare(this.picture.values, this.picture.raster, greys, { left, top, side });
    return new ImageData(new Uint8ClampedArray(pixels.buffer as ArrayBuffer), side, side);
  }

  /** Restore view, window and polarity to those with which the image opened. */
  reset(): void {
    if (this.picture === null || this.imageInfo === null) return;
    this.view = fitImage(this.picture.raster, this.screen);
    this.viewKind = "fit";
    this.inverted = this.imageInfo.invert;
    this.setWindow(this.originalWindow());
  }

  originalWindow(): Window {
    return this.imageInfo === null ? this.window : openingWindow(this.imageInfo);
  }

  setWindow(window: Window): void {
    this.window = { center: window.center, width: window.width };
    this.tableStale = true;
    this.redraw();
    this.onWindowChange(this.window);
  }

  invert(): void {
    this.inverted = !this.inverted;
    this.tableStale = true;
    this.redraw();
  }

  zoomAbout(factor: number, at?: Point): void {
    const middle = { x: this.screen.width / 2, y: this.screen.height / 2 };
    this.updateView((r, s, v) => zoomAbout(r, s, v, factor, at ?? middle));
  }

  /** Switch to the next of the image's windows and the extra ones; returns its name. */
  nextWindow(extraWindows: readonly NamedWindow[]): string {
    const windows = [...(this.imageInfo?.windows ?? []), ...extraWindows];
    const currentIndex = windows.findIndex((choice) => isSameWindow(choice, this.window));
    const next = windows[(currentIndex + 1) % Math.max(1, windows.length)];
    if (next === undefined) return "";
    this.setWindow(next);
    return next.name;
  }

  redraw(): void {
    // Several changes in one frame are painted once.
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => { this.paint(); });
  }

  private table(): Uint8Array {
    return greyTable(this.imageInfo?.bits ?? 8, this.window, this.inverted);
  }

  private dragWindow(dx: number, dy: number): void {
    if (this.imageInfo === null) return;
    this.setWindow(dragWindow(this.window, this.originalWindow(), dx, dy));
  }

  private trackPointer(event: PointerEvent): void {
    const box = this.host.getBoundingClientRect();
    this.pointer = { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private updateView(to: (r: Picture["raster"], s: Size, v: View) => View, kind: ViewKind = "manual"): void {
    if (this.picture === null) return;
    this.view = to(this.picture.raster, this.screen, this.view);
    this.viewKind = kind;
    this.redraw();
  }

  private paint(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (this.painter === null || this.picture === null || this.imageInfo === null) return;
    if (this.tableStale) {
      this.painter.setTable(this.table());
      this.tableStale = false;
    }
    // Not every change of the ratio is announced, for example not that of an emulated screen.
    if (this.painterRatio !== pixelRatio()) this.resizePainter();
    this.painter.draw(this.view);
    this.overlay.updatePositions(this.picture.raster, this.view, this.screen);
    this.onPaint();
  }

  private handleResize(): void {
    const before = this.screen;
    this.screen = { width: this.host.clientWidth || 1, height: this.host.clientHeight || 1 };
    this.resizePainter();
    this.updateView((r, s, v) => this.resizedView(r, before, s, v), this.viewKind);
    this.paint();
  }

  private resizePainter(): void {
    this.painterRatio = pixelRatio();
    this.painter?.resize(this.screen, this.painterRatio);
  }

  /** Return the view after a change of the screen; presets stay presets. */
  private resizedView(image: Raster, before: Size, after: Size, view: View): View {
    const resized = resizeView(image, before, after, view);
    return this.viewKind === "manual" ? resized : presetView(this.viewKind, image, after, resized, pixelRatio());
  }

  private ensurePainter(largest: number): void {
    if (this.painter !== null && largest <= this.painterLargest) return;
    this.painterLargest = largest;
    this.setPainter(createGlPainter(largest, () => { this.setPainter(new CanvasPainter()); }) ?? new CanvasPainter());
  }

  private setPainter(painter: Painter): void {
    this.painter?.canvas.remove();
    this.painter?.dispose();
    this.painter = painter;
    this.host.prepend(painter.canvas);
    this.resizePainter();
    this.tableStale = true;
    if (this.picture !== null) painter.setPicture(this.picture, this.table());
    this.redraw();
  }
}

function openingWindow({ bits, windows }: ImageInfo): Window {
  const range = 2 ** bits;
  return windows[0] ?? { center: range / 2, width: range };
}
