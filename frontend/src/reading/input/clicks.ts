/** Protection of the score buttons from double clicks. */

/** Stop the second and later clicks of a double click; clicks by keyboard have a count of 0. */
export function stopRepeatedClick(event: MouseEvent): void {
  if (event.detail > 1) event.stopPropagation();
}
