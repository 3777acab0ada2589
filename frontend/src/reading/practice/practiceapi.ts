/** Client of the endpoints of one practice round, in place of those of study readings. */

import { ReadingApi } from "../saving/readingapi";
import type { Entry } from "../saving/outbox";

export class PracticeApi extends ReadingApi {
  constructor(
    api: string,
    study: string,
    private readonly round: string,
  ) {
    super(api, study);
  }

  protected override get overviewPath(): string {
    return `${this.api}practice/rounds/${this.round}`;
  }

  protected override get readingsPath(): string {
    return `${this.api}practice/readings`;
  }

  /** Times and comments of practice are not stored. */
  override sendEntry(entry: Entry): Promise<unknown> {
    return entry.kind === "time" || entry.kind === "comment" ? Promise.resolve({}) : super.sendEntry(entry);
  }
}
