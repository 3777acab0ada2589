/** Full screen of the whole page, so that the score pad and dialogs stay usable. */

export function toggleFullScreen(): void {
  const change = document.fullscreenElement === null ? document.documentElement.requestFullscreen() : document.exitFullscreen();
  // Some browsers and embedding pages forbid it; the page then stays as it is.
  change.catch(() => undefined);
}
