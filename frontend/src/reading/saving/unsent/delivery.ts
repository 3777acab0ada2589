/** The reader's outbox in this study, with its light and its list in the panel. */

import type { ApiError } from "../../../api";
import { isRefused } from "../outbox";
import type { Entry } from "../outbox";
import { OutboxStore, localShelf } from "../outboxstore";
import type { Panel } from "../../panel";
import { Sender } from "../sender";
import type { Light, Transport } from "../sender";
import { UnsentList } from "./list";
import { elsewhereText } from "./messages";

export interface DeliveryEvents {
  confirmed(entry: Entry, answer: unknown): void;
  refused(entry: Entry, error: ApiError): void;
  light(light: Light): void;
  discarded(): void;
  savedAgain(entries: readonly Entry[]): void;
  /** The reading on the screen. */
  shown(): string | null;
}

export class Delivery {
  readonly sender: Sender;
  private readonly list: UnsentList;

  constructor(
    transport: Transport,
    whose: { readonly reader: string; readonly slug: string },
    private readonly panel: Panel,
    private readonly events: DeliveryEvents,
  ) {
    const store = new OutboxStore(localShelf(), whose.reader, whose.slug);
    this.list = new UnsentList(panel.unsent, {
      saveAgain: () => {
        events.savedAgain(this.sender.stuck);
        this.sender.saveAgain();
      },
      discard: (entries) => {
        this.sender.discard(entries);
        events.discarded();
      },
      shown: () => events.shown(),
    });
    this.list.tell(elsewhereText(store.elsewhere()));
    this.sender = new Sender(transport, store, {
      confirmed: (entry, answer) => { events.confirmed(entry, answer); },
      refused: (entry, error) => { events.refused(entry, error); },
      light: (light, reason) => { this.show(light, reason); },
    });
  }

  /** On their way to the server. */
  get submissions(): readonly Entry[] {
    return this.sender.entries.filter((entry) => entry.kind === "submit" && !isRefused(entry));
  }

  private show(light: Light, reason: string): void {
    this.panel.showLight(light, reason);
    this.list.show(this.sender.stuck);
    this.events.light(light);
  }
}
