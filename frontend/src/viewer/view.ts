/** Mapping between image pixels and the screen, with the true aspect ratio. Pure and immutable. */

import type { PixelSize } from "./pixelsize";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Size of an image in pixels; `aspect` is the height of a pixel divided by its width. */
export interface Raster extends Size {
  readonly aspect: number;
}

/**
 * Position and scale of the image on the screen.
 *
 * `scale` is the number of CSS pixels per column; a row is `scale * aspect` high. `x`, `y` is the position of the
 * image's top left edge. Pixel centres are at integers, so that edge is at -0.5 in image pixels.
 */
export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

const MAX_SCALE = 24;
/** At least this many CSS pixels of the image stay visible. */
const MIN_VISIBLE_PX = 64;
const PART_MARGIN_SHARE = 0.08;

export function toRaster(size: Size, pixels: PixelSize): Raster {
  return { width: size.width, height: size.height, aspect: pixels.down / pixels.across };
}

/** Fit the whole image to the screen, centred. */
export function fitImage(image: Raster, screen: Size): View {
  const scale = Math.min(screen.width / image.width, screen.height / (image.height * image.aspect));
  return centreImage(image, screen, scale);
}

/** Fit a part of the image, given by its top left and bottom right points, with a margin around it. */
export function fitPart(image: Raster, screen: Size, from: Point, to: Point): View {
  const margin = 1 + 2 * PART_MARGIN_SHARE;
  const [width, height] = [Math.max(1, to.x - from.x) * margin, Math.max(1, to.y - from.y) * margin];
  const scale = Math.min(screen.width / width, screen.height / (height * image.aspect), MAX_SCALE);
  const middle = toScreen(image, { scale, x: 0, y: 0 }, { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 });
  return clampView(image, screen, { scale, x: screen.width / 2 - middle.x, y: screen.height / 2 - middle.y });
}

function centreImage(image: Raster, screen: Size, scale: number): View {
  return {
    scale,
    x: (screen.width - image.width * scale) / 2,
    y: (screen.height - image.height * image.aspect * scale) / 2,
  };
}

export function toScreen(image: Raster, view: View, point: Point): Point {
  return {
    x: view.x + (point.x + 0.5) * view.scale,
    y: view.y + (point.y + 0.5) * view.scale * image.aspect,
  };
}

export function toImage(image: Raster, view: View, point: Point): Point {
  return {
    x: (point.x - view.x) / view.scale - 0.5,
    y: (point.y - view.y) / (view.scale * image.aspect) - 0.5,
  };
}

/** Zoom by a factor; the image point under `at` stays under it. */
export function zoomAbout(image: Raster, screen: Size, view: View, factor: number, at: Point): View {
  // Half the fitted size at least, so that an image cannot be lost by zooming out.
  const smallest = fitImage(image, screen).scale / 2;
  const scale = Math.min(Math.max(view.scale * factor, smallest), Math.max(MAX_SCALE, smallest));
  const ratio = scale / view.scale;
  const zoomed = { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio };
  return clampView(image, screen, zoomed);
}

export function panBy(image: Raster, screen: Size, view: View, by: Point): View {
  return clampView(image, screen, { ...view, x: view.x + by.x, y: view.y + by.y });
}

/** Pan as little as needed to make a point visible, with a margin around it. */
export function panIntoView(image: Raster, screen: Size, view: View, point: Point): View {
  const at = toScreen(image, view, point);
  const margin = Math.min(MIN_VISIBLE_PX, screen.width / 2, screen.height / 2);
  const x = clamp(at.x, margin, screen.width - margin) - at.x;
  const y = clamp(at.y, margin, screen.height - margin) - at.y;
  return x === 0 && y === 0 ? view : panBy(image, screen, view, { x, y });
}

/** Adapt the view to a new screen size; a fitted view stays fitted. */
export function resizeView(image: Raster, before: Size, after: Size, view: View): View {
  const fittedBefore = fitImage(image, before);
  // Scales come from divisions, so they are compared with a tolerance.
  if (Math.abs(view.scale / fittedBefore.scale - 1) < 1e-6) return fitImage(image, after);
  const middle = { x: (after.width - before.width) / 2, y: (after.height - before.height) / 2 };
  return clampView(image, after, { ...view, x: view.x + middle.x, y: view.y + middle.y });
}

/** Return the SVG matrix from image points (pixel centres at integers) to the screen. */
export function svgMatrix(image: Raster, view: View): [number, number, number, number, number, number] {
  const rowScale = view.scale * image.aspect;
  return [view.scale, 0, 0, rowScale, view.x + 0.5 * view.scale, view.y + 0.5 * rowScale];
}

function clampView(image: Raster, screen: Size, view: View): View {
  const width = image.width * view.scale;
  const height = image.height * image.aspect * view.scale;
  return {
    scale: view.scale,
    x: clamp(view.x, MIN_VISIBLE_PX - width, screen.width - MIN_VISIBLE_PX),
    y: clamp(view.y, MIN_VISIBLE_PX - height, screen.height - MIN_VISIBLE_PX),
  };
}

function clamp(value: number, low: number, high: number): number {
  // The limits change places when the image is smaller than its margins.
  return Math.min(Math.max(value, Math.min(low, high)), Math.max(low, high));
}
