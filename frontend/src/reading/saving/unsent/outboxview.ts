/** Connects the outbox of a reader with the save indicator and the list of unsent entries in the panel. */

import type { ApiError } from "../../../api";
import { isRejected } from "../outbox";
import type { Entry } from "../outbox";
import { OutboxStore, browserStorage } from "../outboxstore";
import type { Panel } from "../../panel";
import { Sender } from "../sender";
import type { SaveStatus, Transport } from "../sender";
import { UnsentList } from "./unsentlist";
import { otherEntriesText } from "./messages";

export interface OutboxViewEvents {
  confirmed(entry: Entry, response: unknown): void;
  rejected(entry: Entry, error: ApiError): void;
  status(status: SaveStatus): void;
  discarded(): void;
  savedAgain(entries: readonly Entry[]): void;
  /** Return the id of the reading on the screen. */
  currentReading(): string | null;
}

export class OutboxView {
  readonly sender: Sender;
  private readonly list: UnsentList;

  constructor(
    transport: Transport,
    owner: { readonly reader: string; readonly slug: string },
    private readonly panel: Panel,
    private readonly events: OutboxViewEvents,
  ) {
    const store = new OutboxStore(browserStorage(), owner.reader, owner.slug);
    this.list = new UnsentList(panel.unsent, {
      saveAgain: () => {
        // Before they are sent, while the sender still lists them.
        events.savedAgain(this.sender.unresolved);
        this.sender.saveAgain();
      },
      discard: (entries) => {
        this.sender.discard(entries);
        events.discarded();
      },
      currentReading: () => events.currentReading(),
    });
    this.list.setNote(otherEntriesText(store.countOthers()));
    this.sender = new Sender(transport, store, {
      confirmed: (entry, response) => { events.confirmed(entry, response); },
      rejected: (entry, error) => { events.rejected(entry, error); },
      statusChanged: (status, reason) => { this.show(status, reason); },
    });
  }

  /** Submissions that are being sent. */
  get pendingSubmissions(): readonly Entry[] {
    return this.sender.entries.filter((entry) => entry.kind === "submit" && !isRejected(entry));
  }

  private show(status: SaveStatus, reason: string): void {
    this.panel.showSaveStatus(status, reason);
    this.list.show(this.sender.unresolved);
    this.events.status(status);
  }
}
