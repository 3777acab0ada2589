/** Where an arrow key leads in a grid that fills row by row; null for other keys and at the edges. Pure. */
export function stepInGrid(key: string, at: number, length: number, columns: number): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
  };
  if (key === "Home") return 0;
  if (key === "End") return length - 1;
  const step = steps[key];
  if (step === undefined) return null;
  const next = at + step;
  return next >= 0 && next < length ? next : null;
}
