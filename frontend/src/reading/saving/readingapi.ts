/** Client of the reading endpoints: loads readings and sends outbox entries. */

import { getBytes, getJson, sendJson } from "../../api";
import type { PixelValues } from "../../viewer/windowlut";
import { readPixels } from "../../viewer/windowlut";
import type { Cell, ReadingOverview, Guides, Preferences, Reading } from "../contract";
import type { Entry } from "./outbox";

export class ReadingApi {
  constructor(
    protected readonly api: string,
    protected readonly study: string,
  ) {}

  protected get overviewPath(): string {
    return `${this.api}studies/${this.study}/reading`;
  }

  protected get readingsPath(): string {
    return `${this.api}readings`;
  }

  fetchOverview(): Promise<ReadingOverview> {
    return getJson(this.overviewPath);
  }

  fetchReading(id: string): Promise<Reading> {
    return getJson(`${this.readingsPath}/${id}`);
  }

  async fetchPixels(fetchReading: Reading): Promise<PixelValues> {
    const { width, height, bits } = fetchReading.image;
    return readPixels(await getBytes(`${this.readingsPath}/${fetchReading.id}/pixels`), bits, width * height);
  }

  fetchGuides(id: string): Promise<Guides> {
    return getJson(`${this.readingsPath}/${id}/guides`);
  }

  fetchPreferences(): Promise<Preferences> {
    return getJson(`${this.api}me/preferences`);
  }

  savePreferences(fetchPreferences: Preferences): Promise<unknown> {
    return sendJson("PUT", `${this.api}me/preferences`, fetchPreferences);
  }

  checkReader(): Promise<unknown> {
    return this.fetchPreferences();
  }

  sendEntry(entry: Entry): Promise<unknown> {
    const path = `${this.readingsPath}/${entry.reading}`;
    const change = { change_id: entry.id };
    switch (entry.kind) {
      case "open":
        return sendJson("POST", `${path}/open`);
      case "cell":
        return sendJson("PUT", `${path}/cells/${entry.cell}`, { ...change, version: entry.version, ...entry.mark });
      case "comment":
        return sendJson("PUT", `${path}/comment`, { ...change, version: entry.version, text: entry.text });
      case "time":
        return sendJson("POST", `${path}/time`, {
          ...change,
          active_ms: Math.round(entry.activeMs),
          idle_ms: Math.round(entry.idleMs),
          guides_ms: Math.round(entry.guidesMs),
        });
      case "submit":
        return sendJson("POST", `${path}/submit`, change);
    }
  }
}

/** Return the new version of the stored cell or comment, where the response contains one. */
export function storedVersion(entry: Entry, response: unknown): number | null {
  if (entry.kind === "cell") return storedCell(response)?.version ?? null;
  if (entry.kind !== "comment") return null;
  const body = response as { comment_version?: number; version?: number } | null;
  return body?.comment_version ?? body?.version ?? null;
}

/** Return the stored cell in a response, or in an error that reports a conflict. */
export function storedCell(response: unknown): Cell | null {
  return (response as { cell?: Cell } | null)?.cell ?? null;
}
