/** Messages in the reading room: a dot for unread ones, announcements between two readings, and questions. */

import { LatestRequest, getJson, sendJson } from "../../api";
import { el, formatTime } from "../../dom";
import { showNotice } from "../between/notice";
import type { Inbox, StudyAnnouncement } from "./contract";
import { Drafts } from "./drafts";
import { openQuestion } from "./questiondialog";

/** A slow connection must not keep the first case from the reader. */
const FIRST_ANSWER_WAIT_MS = 2_000;

export class RoomMessages {
  /** Called with the number of threads with unread messages. */
  onUnread: (unread: number) => void = () => undefined;
  private readonly drafts: Drafts;
  private announcements: readonly StudyAnnouncement[] = [];
  private readonly acknowledged = new Set<string>();
  private readonly requests = new LatestRequest();
  private loading: Promise<void> = Promise.resolve();
  private showing: Promise<void> | null = null;

  constructor(
    private readonly api: string,
    private readonly study: string,
    reader: string,
    private readonly clearPanel: () => void = () => undefined,
  ) {
    this.drafts = new Drafts(reader);
  }

  /** Ask the server what is new, in the background; without a connection nothing changes. */
  refresh(): void {
    const isLatest = this.requests.begin();
    this.loading = getJson<Inbox>(`${this.api}studies/${this.study}/messages`).then(
      ({ unread, announcements }) => {
        if (!isLatest()) return;
        this.announcements = announcements;
        this.onUnread(unread);
      },
      () => undefined,
    );
  }

  /** Show pending announcements one after the other; a second call waits for the same ones. */
  showAnnouncements(): Promise<void> {
    this.showing ??= this.showPending().finally(() => { this.showing = null; });
    return this.showing;
  }

  /** Show the messages about a reading; resolves with a sentence for the reader when they are closed. */
  async ask(reading: string): Promise<string> {
    const sent = await openQuestion(`${this.api}readings/${reading}/messages`, reading, this.drafts);
    this.refresh();
    return sent ? "Question sent. The answer will appear under Messages on your home page." : "";
  }

  private async showPending(): Promise<void> {
    const timeout = new Promise<void>((resolve) => { setTimeout(resolve, FIRST_ANSWER_WAIT_MS); });
    await Promise.race([this.loading, timeout]);
    for (const announcement of this.announcements) {
      if (this.acknowledged.has(announcement.id)) continue;
      this.clearPanel();
      await showNotice({
        title: "Announcement",
        content: [
          el("p", { class: "muted" }, `${announcement.author}, ${formatTime(announcement.published_at)}`),
          el("p", { class: "written" }, announcement.text),
        ],
        confirmLabel: "Acknowledge and continue",
        others: [],
        dismissible: false,
      });
      this.acknowledge(announcement.id);
    }
  }

  private acknowledge(id: string): void {
    this.acknowledged.add(id);
    // Without a connection, the announcement stays on the home page.
    sendJson("POST", `${this.api}announcements/${id}/acknowledge`).catch(() => undefined);
  }
}
