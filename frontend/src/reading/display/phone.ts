/** Phones are refused: their screens are too small for the images. */

import { isPhone, SMALLEST_TABLET_PX } from "./imagesize";

/** A reason for which the reading room shows no case, in place of an error. */
export class Refusal extends Error {
  constructor(
    readonly title: string,
    message: string,
  ) {
    super(message);
  }
}

/** Throw the refusal on a phone, before a case is opened; the panel beside it rests. */
export function refusePhone(room: HTMLElement): void {
  if (!isPhone(window.screen, window.matchMedia("(pointer: coarse)").matches)) return;
  room.classList.add("resting");
  throw new Refusal(
    "Phones are too small for reading",
    `The shorter side of the screen must have at least ${String(SMALLEST_TABLET_PX)} CSS pixels. Continue on a computer or a tablet: sign in there and open the study. No case was opened here, and all scores that you have entered are kept.`,
  );
}
