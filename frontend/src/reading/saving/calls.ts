/** The reading endpoints: what is fetched, and how an outbox entry is sent. */

import { getBytes, getJson, send } from "../../api";
import type { Stored } from "../../viewer/windowlut";
import { stored } from "../../viewer/windowlut";
import type { Cell, Desk, Guides, Preferences, Reading } from "../contract";
import type { Entry } from "./outbox";

export class Calls {
  constructor(
    private readonly api: string,
    private readonly study: string,
  ) {}

  desk(): Promise<Desk> {
    return getJson(`${this.api}studies/${this.study}/reading`);
  }

  reading(id: string): Promise<Reading> {
    return getJson(`${this.api}readings/${id}`);
  }

  async pixels(reading: Reading): Promise<Stored> {
    const { width, height, bits } = reading.image;
    return stored(await getBytes(`${this.api}readings/${reading.id}/pixels`), bits, width * height);
  }

  guides(id: string): Promise<Guides> {
    return getJson(`${this.api}readings/${id}/guides`);
  }

  preferences(): Promise<Preferences> {
    return getJson(`${this.api}me/preferences`);
  }

  savePreferences(preferences: Preferences): Promise<unknown> {
    return send("PUT", `${this.api}me/preferences`, preferences);
  }

  check(): Promise<unknown> {
    return this.preferences();
  }

  send(entry: Entry): Promise<unknown> {
    const path = `${this.api}readings/${entry.reading}`;
    const change = { change_id: entry.id };
    switch (entry.kind) {
      case "open":
        return send("POST", `${path}/open`);
      case "cell":
        return send("PUT", `${path}/cells/${entry.cell}`, { ...change, version: entry.version, ...entry.mark });
      case "comment":
        return send("PUT", `${path}/comment`, { ...change, version: entry.version, text: entry.text });
      case "time":
        return send("POST", `${path}/time`, {
          ...change,
          active_ms: Math.round(entry.activeMs),
          idle_ms: Math.round(entry.idleMs),
          guides_ms: Math.round(entry.guidesMs),
        });
      case "submit":
        return send("POST", `${path}/submit`, change);
    }
  }
}

/** The new version of what was stored, where the answer has one. */
export function versionIn(entry: Entry, answer: unknown): number | null {
  if (entry.kind === "cell") return cellIn(answer)?.version ?? null;
  if (entry.kind !== "comment") return null;
  const body = answer as { comment_version?: number; version?: number } | null;
  return body?.comment_version ?? body?.version ?? null;
}

/** The stored cell in an answer, or in a refusal that shows what is stored instead. */
export function cellIn(answer: unknown): Cell | null {
  return (answer as { cell?: Cell } | null)?.cell ?? null;
}
