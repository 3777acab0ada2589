/** The notice that the reader sees when the server has rejected an entry. Pure. */

import type { ApiError } from "../../api";
import { COMMENT_MERGED } from "../openreading";
import { cellName } from "../padstate";
import type { Entry } from "./outbox";

/** Reasons for which the room asks the reader to act; no notice is needed once the reader has done so. */
const ASKED_BY_ROOM: readonly string[] = ["instructions", "period_not_acknowledged", "display_check"];

/** Return the notice below the pad, "" where the room asks the reader instead. */
export function rejectionNotice(entry: Entry, error: ApiError): string {
  if (ASKED_BY_ROOM.includes(error.code)) return "";
  if (entry.kind === "comment" && error.code === "stale") return COMMENT_MERGED;
  return entry.kind === "cell" ? `${cellName(entry.cell)} was not saved. ${error.message}` : error.message;
}
