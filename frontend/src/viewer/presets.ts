/** Preset views, and views relative to the image, which can be applied to another image. Pure. */

import { fitImage, panBy, toImage, toScreen, zoomAbout } from "./view";
import type { Raster, Size, View } from "./view";

export type Preset = "fit" | "lower_spine" | "actual_size";
export type ViewKind = Preset | "manual";

/**
 * Rows of the "lower spine" preset, as fractions of the height of the field.
 *
 * Fixed, so that the preset is the same in every arm and depends on no detected vertebra.
 */
export const LOWER_SPINE = { top: 0.46, bottom: 1 } as const;

/** Return the view of a preset; `view` is the present one, whose centre "actual size" keeps. */
export function presetView(preset: Preset, image: Raster, screen: Size, view: View, pixelRatio: number): View {
  if (preset === "fit") return fitImage(image, screen);
  const middle = { x: screen.width / 2, y: screen.height / 2 };
  if (preset === "actual_size") return zoomAbout(image, screen, view, 1 / pixelRatio / view.scale, middle);
  const rows = image.height * image.aspect;
  // The width limits narrow screens, on which the aorta must stay visible.
  const scale = Math.min(screen.height / ((LOWER_SPINE.bottom - LOWER_SPINE.top) * rows), screen.width / image.width);
  return {
    scale,
    x: (screen.width - image.width * scale) / 2,
    y: screen.height / 2 - ((LOWER_SPINE.top + LOWER_SPINE.bottom) / 2) * rows * scale,
  };
}

/** A view that does not depend on the size of image and screen. */
export interface RelativeView {
  readonly kind: ViewKind;
  /** Scale relative to that of the fitted image. */
  readonly zoom: number;
  /** Point of the image at the centre of the screen, as fractions of its width and height. */
  readonly x: number;
  readonly y: number;
}

export function zoomOf(image: Raster, screen: Size, view: View): number {
  return view.scale / fitImage(image, screen).scale;
}

export function toRelative(kind: ViewKind, image: Raster, screen: Size, view: View): RelativeView {
  const at = toImage(image, view, { x: screen.width / 2, y: screen.height / 2 });
  return {
    kind,
    zoom: zoomOf(image, screen, view),
    x: (at.x + 0.5) / image.width,
    y: (at.y + 0.5) / image.height,
  };
}

/** Return the view of another image that corresponds to a relative view. */
export function fromRelative(relative: RelativeView, image: Raster, screen: Size, pixelRatio: number): View {
  const fitted = fitImage(image, screen);
  if (relative.kind === "fit" || relative.kind === "lower_spine") {
    return presetView(relative.kind, image, screen, fitted, pixelRatio);
  }
  const scale = relative.kind === "actual_size" ? 1 / pixelRatio : fitted.scale * relative.zoom;
  const point = { x: relative.x * image.width - 0.5, y: relative.y * image.height - 0.5 };
  const at = toScreen(image, { scale, x: 0, y: 0 }, point);
  const centred = { scale, x: screen.width / 2 - at.x, y: screen.height / 2 - at.y };
  // Without a distance: only for its limits, which keep some of the image visible.
  return panBy(image, screen, centred, { x: 0, y: 0 });
}
