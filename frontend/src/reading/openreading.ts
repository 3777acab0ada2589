/** The reading on the screen: its marks and comment, and what of them goes into the outbox. */

import type { ApiError } from "../api";
import { newId } from "../ids";
import { combined } from "../text";
import { cellIn } from "./saving/calls";
import type { CellId, Reading } from "./contract";
import type { Entry, NewEntry, Outbox } from "./saving/outbox";
import { firstEmpty, nameOf, put, select, start, take, valueOf, withVersion } from "./session";
import type { Mark, Session } from "./session";

export const MERGED = "The comment was changed in another window: both texts are kept, one below the other.";

export class OpenReading {
  session: Session;
  comment: string;
  private commentVersion: number;

  /** What an earlier page, or this one offline, has marked and not sent stands on the pad again. */
  constructor(
    readonly reading: Reading,
    unsent: Outbox,
    private readonly post: (entry: NewEntry) => void,
    private readonly changed: () => void,
  ) {
    this.session = start(reading);
    this.comment = reading.comment;
    this.commentVersion = reading.comment_version;
    for (const entry of unsent.filter((e) => e.reading === reading.id)) {
      // A stale score stays out of sight: the pad shows what is stored, the list below what is not.
      if (entry.kind === "cell" && entry.refusal?.code !== "stale") this.session = put(this.session, entry.cell, entry.mark);
      if (entry.kind === "comment") this.comment = entry.text;
    }
    this.session = select(this.session, firstEmpty(this.session));
    post({ kind: "open", id: newId(), reading: reading.id });
  }

  get id(): string {
    return this.reading.id;
  }

  update(change: (session: Session) => Session): void {
    this.session = change(this.session);
    this.changed();
  }

  /** The one way a mark takes: onto the pad, into the outbox, to the server. */
  save(cell: CellId, mark: Mark): void {
    const { version } = this.session.cells[cell];
    this.update((session) => put(session, cell, mark));
    this.post({ kind: "cell", id: newId(), reading: this.id, cell, mark, version });
  }

  /** Refused marks that are being sent again stand on the pad again. */
  putAgain(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.kind === "cell" && entry.reading === this.id) this.update((session) => put(session, entry.cell, entry.mark));
    }
  }

  saveComment(text: string): void {
    this.comment = text;
    this.post({ kind: "comment", id: newId(), reading: this.id, text, version: this.commentVersion });
    this.changed();
  }

  submit(): void {
    this.post({ kind: "submit", id: newId(), reading: this.id });
  }

  /** The server has stored an entry of this reading: the next change builds on its version. */
  confirmed(entry: Entry, answer: unknown): void {
    const stored = cellIn(answer);
    if (entry.kind === "cell" && stored !== null) {
      this.session = withVersion(this.session, entry.cell, stored.version);
    }
    if (entry.kind === "comment") {
      const body = answer as { comment_version?: number };
      this.commentVersion = body.comment_version ?? this.commentVersion;
    }
  }

  /** Another window was quicker: both agree again, and the sentence that says so. Null for other refusals. */
  settle(entry: Entry, error: ApiError): string | null {
    const stored = cellIn(error.body);
    if (entry.kind === "cell" && stored !== null) {
      this.update((session) => select(take(session, entry.cell, stored), entry.cell));
      const value = valueOf(stored);
      return `${nameOf(entry.cell)} was changed in another window: it is ${value} there, and that is shown now. Your score is kept: choose Review to save it instead.`;
    }
    if (entry.kind !== "comment" || error.code !== "stale") return null;
    const theirs = error.body as { comment?: string; comment_version?: number };
    this.commentVersion = theirs.comment_version ?? this.commentVersion;
    this.comment = combined(theirs.comment ?? "", this.comment);
    this.changed();
    return MERGED;
  }
}
