/** Choice of the side on which a label is placed. Pure. */

/**
 * Return the horizontal offset of a label from its point, in CSS pixels.
 *
 * It is `dx`, or `-dx` where the label would be cut off and fits on the other side. A point outside the viewer by
 * more than the offset keeps `dx`, so that its label stays outside too.
 */
export function labelOffset(x: number, dx: number, length: number, width: number): number {
  const fits = (gap: number): boolean => (gap < 0 ? x + gap - length >= 0 : x + gap + length <= width);
  const outOfView = x < -Math.abs(dx) || x > width + Math.abs(dx);
  return outOfView || fits(dx) || !fits(-dx) ? dx : -dx;
}
