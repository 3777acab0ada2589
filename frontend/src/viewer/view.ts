/** Where a pixel of the image stands on the screen, in true proportions. Pure and immutable. */

import type { PixelSize } from "./pixelsize";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** An image's pixels and their shape: `aspect` is the height of a pixel over its width. */
export interface Raster extends Size {
  readonly aspect: number;
}

/**
 * `scale` is CSS pixels a column; a row is `scale * aspect` high.
 * `x`, `y` is where the image's top left edge stands. Pixel centres lie at integers, so the edge is at -0.5.
 */
export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

const MAX_SCALE = 24;
const KEPT_IN_SIGHT = 64;
const PART_MARGIN = 0.08;

export function raster(size: Size, pixels: PixelSize): Raster {
  return { width: size.width, height: size.height, aspect: pixels.down / pixels.across };
}

/** The whole image, as large as fits, in the middle. */
export function fit(image: Raster, screen: Size): View {
  const scale = Math.min(screen.width / image.width, screen.height / (image.height * image.aspect));
  return centred(image, screen, scale);
}

/** A part of the image, from its top left to its bottom right place, as large as fits with some room around it. */
export function fitPart(image: Raster, screen: Size, from: Point, to: Point): View {
  const room = 1 + 2 * PART_MARGIN;
  const [width, height] = [Math.max(1, to.x - from.x) * room, Math.max(1, to.y - from.y) * room];
  const scale = Math.min(screen.width / width, screen.height / (height * image.aspect), MAX_SCALE);
  const middle = toScreen(image, { scale, x: 0, y: 0 }, { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 });
  return keptInSight(image, screen, { scale, x: screen.width / 2 - middle.x, y: screen.height / 2 - middle.y });
}

function centred(image: Raster, screen: Size, scale: number): View {
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

/** Zooms by a factor; what lies under `at` stays under it. */
export function zoomAbout(image: Raster, screen: Size, view: View, factor: number, at: Point): View {
  const smallest = fit(image, screen).scale / 2;
  const scale = Math.min(Math.max(view.scale * factor, smallest), Math.max(MAX_SCALE, smallest));
  const ratio = scale / view.scale;
  const moved = { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio };
  return keptInSight(image, screen, moved);
}

export function panBy(image: Raster, screen: Size, view: View, by: Point): View {
  return keptInSight(image, screen, { ...view, x: view.x + by.x, y: view.y + by.y });
}

/** The view panned as little as it takes to see a place of the image, with some room around it. */
export function inSight(image: Raster, screen: Size, view: View, point: Point): View {
  const at = toScreen(image, view, point);
  const room = Math.min(KEPT_IN_SIGHT, screen.width / 2, screen.height / 2);
  const x = clamp(at.x, room, screen.width - room) - at.x;
  const y = clamp(at.y, room, screen.height - room) - at.y;
  return x === 0 && y === 0 ? view : panBy(image, screen, view, { x, y });
}

/** The same part of the image in a window of another size; a fitted view stays fitted. */
export function resized(image: Raster, before: Size, after: Size, view: View): View {
  const fittedBefore = fit(image, before);
  if (Math.abs(view.scale / fittedBefore.scale - 1) < 1e-6) return fit(image, after);
  const middle = { x: (after.width - before.width) / 2, y: (after.height - before.height) / 2 };
  return keptInSight(image, after, { ...view, x: view.x + middle.x, y: view.y + middle.y });
}

/** The matrix from image points (pixel centres at integers) to the screen, as SVG writes it. */
export function matrix(image: Raster, view: View): [number, number, number, number, number, number] {
  const rowScale = view.scale * image.aspect;
  return [view.scale, 0, 0, rowScale, view.x + 0.5 * view.scale, view.y + 0.5 * rowScale];
}

function keptInSight(image: Raster, screen: Size, view: View): View {
  const width = image.width * view.scale;
  const height = image.height * image.aspect * view.scale;
  return {
    scale: view.scale,
    x: clamp(view.x, KEPT_IN_SIGHT - width, screen.width - KEPT_IN_SIGHT),
    y: clamp(view.y, KEPT_IN_SIGHT - height, screen.height - KEPT_IN_SIGHT),
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, Math.min(least, most)), Math.max(least, most));
}
