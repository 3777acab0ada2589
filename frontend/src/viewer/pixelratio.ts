/** Changes of the device pixel ratio: page zoom, or a window moved to another screen. */

/** Call `onChange` whenever the device pixel ratio changes. */
export function watchPixelRatio(onChange: () => void): void {
  // A query matches a single ratio, so that each change needs a new one.
  const query = window.matchMedia(`(resolution: ${String(pixelRatio())}dppx)`);
  query.addEventListener(
    "change",
    () => {
      onChange();
      watchPixelRatio(onChange);
    },
    { once: true },
  );
}

export function pixelRatio(): number {
  return window.devicePixelRatio || 1;
}
