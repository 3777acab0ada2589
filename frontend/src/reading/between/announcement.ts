/** What changes with another period, and with its arm: texts, and their part of a dialog. */

import { el } from "../../dom";
import type { Announcement } from "../../schema";
import { ARM_NAMES } from "../panel";

const SAME_IN_EVERY_ARM = "The scoring rules, the keys and the image tools stay the same.";

export function announcementTitle({ period, periods, begins }: Announcement): string {
  return `Period ${String(period)} of ${String(periods)} ${begins ? "begins" : "continues"}`;
}

export function startLabel({ period, begins }: Announcement): string {
  return `${begins ? "Start" : "Continue"} period ${String(period)}`;
}

function isCorrected(arm: Announcement["arm"]): boolean {
  return arm === "guided corrected";
}

/** Return what differs from the previous period, or how the first period is read. */
export function changesOf({ arm, guides, measured, begins, previous }: Announcement): string[] {
  if (previous === null) {
    return [
      guides ? "Guides are shown on the image." : "No guides are shown on the image.",
      ...(measured ? ["You trace each calcified stretch of the wall, and confirm or change the proposed grades."] : []),
    ];
  }
  const changes: string[] = [];
  if (guides !== previous.guides) {
    if (guides) changes.push(begins ? "From now on, guides are shown on the image." : "Guides are shown on the image again.");
    else changes.push(begins ? "From now on, no guides are shown." : "Guides are no longer shown.");
  }
  if (guides && previous.guides && isCorrected(arm) !== isCorrected(previous.arm)) {
    changes.push(
      isCorrected(arm)
        ? "From now on, the guides are drawn from landmarks that a coordinator has corrected or confirmed."
        : "From now on, the guides are drawn from the network's landmarks, without corrections.",
    );
  }
  if (measured !== previous.measured) {
    changes.push(
      measured
        ? "From now on, you trace each calcified stretch of the wall, and confirm or change the proposed grades."
        : "From now on, you enter the grades yourself, without tracing.",
    );
  }
  return changes;
}

/** Return what stays as it was. */
export function constantsOf({ guides, measured, previous }: Announcement): string[] {
  if (previous === null) return [];
  return [
    ...(guides === previous.guides ? [guides ? "Guides are shown as before." : "No guides are shown, as before."] : []),
    ...(measured === previous.measured && measured ? ["You trace calcified stretches as before."] : []),
    SAME_IN_EVERY_ARM,
  ];
}

export function announcementContent(announcement: Announcement): HTMLElement {
  const { arm } = announcement;
  return el(
    "div",
    { class: "announcement" },
    el("p", {}, el("span", { class: `badge ${arm}` }, ARM_NAMES[arm])),
    ...changesOf(announcement).map((text) => el("p", { class: "change" }, text)),
    ...constantsOf(announcement).map((text) => el("p", { class: "muted" }, text)),
  );
}
