/** Whether the image is large enough to be scored, and whether the device is a phone. Pure. */

/** Below this width, in CSS pixels, the image is above the panel and no longer has the full height (narrow.css). */
export const STACKED_BELOW_PX = 640;
/** Screens whose shorter side is smaller, in CSS pixels, are those of phones; small tablets have 600 to 768. */
export const SMALLEST_TABLET_PX = 600;

export interface WindowSize {
  readonly innerWidth: number;
  readonly innerHeight: number;
  readonly devicePixelRatio: number;
}

/** Return the height of the image pane in device pixels, which page zoom does not change. */
export function devicePixels(paneHeight: number, { devicePixelRatio }: WindowSize): number {
  return Math.round(paneHeight * (devicePixelRatio || 1));
}

/**
 * Return whether an image pane has at least `minimum` device pixels; 0 is no minimum.
 *
 * A page zoom of 400 % moves the panel below the image. The height of the window then counts, because the image
 * would have it without zoom. A window that is narrow by itself has too few device pixels across for that.
 */
export function isLargeEnough(minimum: number, paneHeight: number, size: WindowSize): boolean {
  if (devicePixels(paneHeight, size) >= minimum) return true;
  const zoomed = size.innerWidth < STACKED_BELOW_PX && devicePixels(size.innerWidth, size) >= STACKED_BELOW_PX;
  return zoomed && devicePixels(size.innerHeight, size) >= minimum;
}

/** Return whether the device is a phone: a small screen that is used with a finger. Page zoom of a desktop has a mouse. */
export function isPhone(screen: { readonly width: number; readonly height: number }, coarsePointer: boolean): boolean {
  return coarsePointer && Math.min(screen.width, screen.height) < SMALLEST_TABLET_PX;
}
