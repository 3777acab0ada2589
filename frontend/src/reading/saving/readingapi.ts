/** Client of the reading endpoints: loads readings and sends outbox entries. */

import { getBytes, getJson, sendJson } from "../../api";
import type { PixelValues } from "../../viewer/windowlut";
import { readPixels } from "../../viewer/windowlut";
import type { StaleCell, StaleComment } from "../../schema";
import type { Cell, ReadingOverview, Guides, Preferences, Reading, StoredMeasurement } from "../contract";
import type { RevisableReadings, RevisedReading } from "../revising/contract";
import { newId } from "../ids";
import { contextFields, withContext } from "./entrycontext";
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

  /** Open a reading at once, without the outbox: what it shows depends on it. */
  openReading(id: string): Promise<Reading> {
    const entry = withContext({ kind: "open", id: newId(), reading: id }) as Entry;
    return sendJson("POST", `${this.readingsPath}/${id}/open`, contextFields(entry));
  }

  async fetchPixels(fetchReading: Reading): Promise<PixelValues> {
    const { width, height, bits } = fetchReading.image;
    return readPixels(await getBytes(`${this.readingsPath}/${fetchReading.id}/pixels`), bits, width * height);
  }

  fetchGuides(id: string): Promise<Guides> {
    return getJson(`${this.readingsPath}/${id}/guides`);
  }

  fetchRevisable(): Promise<RevisableReadings> {
    return getJson(`${this.api}studies/${this.study}/revisable-readings`);
  }

  reviseReading(id: string): Promise<RevisedReading> {
    return sendJson("POST", `${this.readingsPath}/${id}/revise`, {});
  }

  fetchPreferences(): Promise<Preferences> {
    return getJson(`${this.api}me/preferences`);
  }

  savePreferences(fetchPreferences: Preferences): Promise<unknown> {
    return sendJson("PUT", `${this.api}me/preferences`, fetchPreferences);
  }

  /** Record that the reader closed the reference grades, so that they are not shown again. */
  markFeedbackSeen(id: string): Promise<unknown> {
    return sendJson("POST", `${this.readingsPath}/${id}/feedback/seen`, {});
  }

  checkReader(): Promise<unknown> {
    // Any request of the account would do: the server checks the expected user with each.
    return this.fetchPreferences();
  }

  checkAccess(): Promise<unknown> {
    // Of the study, also in practice: a practice round may be finished while the study stays accessible.
    return getJson(`${this.api}studies/${this.study}/reading`);
  }

  sendEntry(entry: Entry): Promise<unknown> {
    const path = `${this.readingsPath}/${entry.reading}`;
    const change = { change_id: entry.id };
    const context = contextFields(entry);
    switch (entry.kind) {
      case "open":
        return sendJson("POST", `${path}/open`, context);
      case "cell":
        return sendJson("PUT", `${path}/cells/${entry.cell}`, { ...change, version: entry.version, ...entry.mark });
      case "traces":
        return sendJson("PUT", `${path}/traces`, { ...change, version: entry.version, ...entry.drawing });
      case "comment":
        return sendJson("PUT", `${path}/comment`, { ...change, version: entry.version, text: entry.text });
      case "time":
        return sendJson("POST", `${path}/time`, {
          ...change,
          ...context,
          active_ms: Math.round(entry.activeMs),
          idle_ms: Math.round(entry.idleMs),
          guides_ms: Math.round(entry.guidesMs),
          ...(entry.view === undefined ? {} : { view: entry.view }),
        });
      case "submit":
        return sendJson("POST", `${path}/submit`, { ...change, ...context });
    }
  }
}

/** Return the new version of the stored cell or comment, where the response contains one. */
export function storedVersion(entry: Entry, response: unknown): number | null {
  if (entry.kind === "cell") return storedCell(response)?.version ?? null;
  if (entry.kind === "traces") return storedMeasurement(response)?.version ?? null;
  if (entry.kind !== "comment") return null;
  return storedComment(response).comment_version ?? null;
}

/** Return the stored traces in a response, or in an error that reports a conflict. */
export function storedMeasurement(response: unknown): StoredMeasurement | null {
  return (response as { measurement?: StoredMeasurement } | null)?.measurement ?? null;
}

/** Return the stored cell in a response, or in an error that reports a conflict. */
export function storedCell(response: unknown): Cell | null {
  return (response as Pick<StaleCell, "cell"> | null)?.cell ?? null;
}

/** Return the stored comment in a response, or in an error that reports a conflict. */
export function storedComment(response: unknown): Omit<StaleComment, "error"> {
  return (response as StaleComment | null) ?? {};
}
