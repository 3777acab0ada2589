/** Times are written in the person's own zone. */

import { written } from "../dom";

export function writeTimes(part: ParentNode): void {
  for (const time of part.querySelectorAll<HTMLTimeElement>("time[datetime*='T']")) {
    time.textContent = written(time.dateTime);
  }
}
