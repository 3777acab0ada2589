/** On which side of its place a label stands. Pure. */

/**
 * The gap to keep from a place of the viewer: `dx`, or as much on the other side where the label would be
 * cut off and has room there. A place out of sight, by more than the gap, keeps its label to itself.
 */
export function gapInSight(x: number, dx: number, length: number, width: number): number {
  const fits = (gap: number): boolean => (gap < 0 ? x + gap - length >= 0 : x + gap + length <= width);
  const away = x < -Math.abs(dx) || x > width + Math.abs(dx);
  return away || fits(dx) || !fits(-dx) ? dx : -dx;
}
