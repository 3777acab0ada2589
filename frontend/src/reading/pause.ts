/** Pauses the reading room: the image is covered, and no time is recorded. */

import type { TimeReporter } from "./saving/timereporter";
import type { StatusScreen } from "./statusscreen";

interface PausedRoom {
  readonly main: HTMLElement;
  readonly statusScreen: StatusScreen;
  readonly timeReporter: TimeReporter;
}

export class Pause {
  isOn = false;

  constructor(
    private readonly room: PausedRoom,
    private readonly onChange: () => void,
  ) {}

  toggle(): void {
    const { main, statusScreen, timeReporter } = this.room;
    this.isOn = !this.isOn;
    if (this.isOn) {
      timeReporter.stop();
      statusScreen.showPaused(() => { this.toggle(); });
    } else {
      statusScreen.hide();
      timeReporter.resume();
    }
    main.classList.toggle("paused", this.isOn);
    this.onChange();
  }
}
