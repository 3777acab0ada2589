/** The reading room: which reading is shown, what a key does to it, what goes to the server when. */

import type { ApiError } from "../api";
import type { Action } from "../keys";
import type { Calls } from "./saving/calls";
import type { Desk, Score } from "./contract";
import { Curtain } from "./statusscreen";
import { showHelp } from "./help";
import { keysNow } from "./input/keyhints";
import { LightBox } from "./imagepane";
import { listen } from "./input/roomevents";
import { MERGED, OpenReading } from "./openreading";
import type { Entry } from "./saving/outbox";
import { Panel, type Place } from "./panel";
import { Choices } from "./preferences";
import { Queue, type Prepared } from "./saving/queue";
import { ScorePad } from "./scorepad";
import type { Sender } from "./saving/sender";
import { firstEmpty, goOn, isComplete, levelOf, move, nameOf, select, valueOf } from "./session";
import type { Mark } from "./session";
import { CommentSheet, ReasonSheet } from "./dialogs";
import { TimeSheet } from "./saving/timereporter";
import { Delivery } from "./saving/unsent/delivery";

export interface RoomPlace extends Place {
  readonly reader: string;
  readonly slug: string;
  readonly home: string;
  readonly signIn: string;
  readonly signOut: string;
}

const LEFTOVER_WAIT_MS = 4_000;

export class Room {
  private readonly choices: Choices;
  private readonly queue: Queue;
  private readonly sender: Sender;
  private readonly delivery: Delivery;
  private readonly time = new TimeSheet((entry) => { this.sender.add(entry); });
  private readonly pad = new ScorePad((id) => { this.work?.update((s) => select(s, id)); });
  private readonly panel: Panel;
  private readonly curtain: Curtain;
  private readonly image: LightBox;
  private readonly reasons = new ReasonSheet(() => { this.render(); });
  private readonly comment = new CommentSheet((text) => { this.work?.saveComment(text); });
  private desk: Desk | null = null;
  private work: OpenReading | null = null;
  private paused = false;
  private turn = 0;

  constructor(
    private readonly main: HTMLElement,
    private readonly calls: Calls,
    place: RoomPlace,
  ) {
    this.choices = new Choices(calls);
    this.queue = new Queue(calls);
    this.curtain = new Curtain(place.home, place.signOut);
    this.image = new LightBox(this.choices);
    this.panel = new Panel(place, this.pad, (action) => { this.act(action); }, {
      useOwnWindow: () => { this.image.useOwnWindow(); },
      setStrength: (share) => { this.image.setStrength(share); },
      signIn: place.signIn,
      signOut: place.signOut,
      home: place.home,
    });
    this.image.onWindow = (name, ownOffered) => { this.panel.showWindow(name, ownOffered); };
    this.image.onGuides = (shown, strength) => {
      this.time.guides(shown);
      this.panel.showGuides(shown, strength);
    };
    this.panel.root.append(this.reasons.root, this.comment.root);
    this.image.root.append(this.curtain.root);
    main.append(this.image.root, this.panel.root);
    this.delivery = new Delivery(calls, place, this.panel, {
      confirmed: (entry, answer) => { this.confirmed(entry, answer); },
      refused: (entry, error) => { this.refused(entry, error); },
      light: (light) => { if (light === "waiting" && this.work !== null) void this.refresh(); },
      discarded: () => { this.leave(); void this.refresh(); },
      savedAgain: (entries) => { this.work?.putAgain(entries); },
      shown: () => this.work?.id ?? null,
    });
    this.sender = this.delivery.sender;
  }

  async begin(): Promise<void> {
    this.curtain.loading();
    this.listen();
    this.sender.retry();
    const longEnough = new Promise((resolve) => setTimeout(resolve, LEFTOVER_WAIT_MS));
    await Promise.all([this.choices.load(), Promise.race([this.sender.settled(), longEnough])]);
    await this.refresh();
  }

  /** Asks the server where the reader stands, and shows that. */
  private async refresh(): Promise<void> {
    try {
      this.desk = await this.calls.desk();
    } catch (error) {
      if (this.work === null) this.failed(error);
      return;
    }
    const { current, next, waiting, progress } = this.desk;
    this.sender.turnTo(current?.id ?? null);
    if (current === null) {
      this.leave();
      this.main.classList.add("resting");
      if (waiting !== null) this.curtain.waiting(waiting, progress, () => void this.refresh());
      return;
    }
    if (this.delivery.submissions.some((e) => e.reading === current.id)) return;
    await this.show(current.id, current);
    if (next !== null) this.queue.prepare(next.id).catch(() => undefined);
    this.queue.keep([current.id, ...(next === null ? [] : [next.id])]);
  }

  private async show(id: string, known: Desk["current"] = null): Promise<void> {
    if (this.work?.id === id) return;
    const turn = (this.turn += 1);
    this.leave();
    this.curtain.loading();
    try {
      const prepared = await this.queue.prepare(id, known);
      if (turn === this.turn) this.open({ ...prepared, reading: known ?? prepared.reading });
    } catch (error) {
      if (turn === this.turn) this.failed(error);
    }
  }

  private open(prepared: Prepared): void {
    const { reading } = prepared;
    const progress = this.desk?.progress;
    this.curtain.open();
    this.main.classList.remove("resting");
    this.image.show(prepared);
    this.work = new OpenReading(
      reading,
      this.sender.entries,
      (entry) => { this.sender.add(entry); },
      () => { this.render(); },
    );
    this.comment.set(this.work.comment);
    this.pad.build(this.work.session);
    this.panel.showReading(reading, (progress?.read ?? 0) + this.delivery.submissions.length + 1, progress?.total ?? reading.total);
    this.time.start(reading.id);
    this.render();
  }

  /** The image goes: its time is sent, its comment saved. */
  private leave(): void {
    if (this.work === null) return;
    this.comment.close();
    this.reasons.close();
    this.time.stop();
    this.work = null;
    this.image.clear();
  }

  private act(action: Action): void {
    if (action === "help") void this.help();
    else if (action === "pause") this.togglePause();
    const { work } = this;
    if (this.paused || work === null) return;
    this.panel.say("");
    switch (action) {
      case "score0": case "score1": case "score2": case "score3":
        this.mark(work, { score: Number(action.slice(-1)) as Score });
        break;
      case "unreadable":
        this.askReason(work);
        break;
      case "clear":
        if (work.session.current !== null) work.save(work.session.current, { score: null });
        break;
      case "left": case "right": case "up": case "down":
        work.update((session) => move(session, action));
        break;
      case "submit":
        this.submit(work);
        break;
      case "comment":
        this.comment.show();
        break;
      default:
        this.image.act(action);
    }
  }

  private mark(work: OpenReading, mark: Mark): void {
    const id = work.session.current;
    if (id === null) {
      this.panel.say("All eight cells are filled. An arrow key goes back to the pad.");
      return;
    }
    work.save(id, mark);
    work.update(goOn);
    const at = work.session.current;
    const next = at === null ? "All filled." : `Now ${nameOf(at)}.`;
    this.panel.announce(`${nameOf(id)}: ${valueOf(work.session.cells[id])}. ${next}`);
  }

  private askReason(work: OpenReading): void {
    const id = work.session.current;
    if (id === null) return;
    this.reasons.ask(id, work.reading.validity_codes, (validity, reason) => {
      this.mark(work, { validity, reason });
    });
  }

  private submit(work: OpenReading): void {
    const missing = firstEmpty(work.session);
    if (missing !== null) {
      work.update((session) => select(session, missing));
      this.panel.say(`${nameOf(missing)} has neither a score nor a reason.`);
      return;
    }
    this.image.rememberWindow();
    const following = this.desk?.next?.id ?? null;
    this.leave();
    work.submit();
    if (following !== null && following !== work.id) void this.show(following);
    else this.curtain.loading("Sending your scores\u2026");
  }

  private confirmed(entry: Entry, answer: unknown): void {
    if (entry.kind === "submit") void this.refresh();
    if (this.work?.id === entry.reading) this.work.confirmed(entry, answer);
  }

  private refused(entry: Entry, error: ApiError): void {
    const work = this.work?.id === entry.reading ? this.work : null;
    const settled = work?.settle(entry, error) ?? null;
    if (work !== null && settled !== null) {
      if (entry.kind === "comment") this.comment.merge((error.body as { comment?: string }).comment ?? "");
      this.panel.say(settled);
    } else if (entry.kind !== "time") {
      const merged = entry.kind === "comment" && error.code === "stale";
      const words = entry.kind === "cell" ? `${nameOf(entry.cell)} was not stored. ${error.message}` : error.message;
      void this.refresh().then(() => { this.panel.say(merged ? MERGED : words); });
    }
  }

  private togglePause(): void {
    if (this.work === null) return;
    this.paused = !this.paused;
    if (this.paused) {
      this.time.stop();
      this.curtain.pause(() => { this.togglePause(); });
    } else {
      this.curtain.open();
      this.time.resume();
    }
    this.main.classList.toggle("paused", this.paused);
    this.render();
  }

  private async help(): Promise<void> {
    await showHelp(this.choices.keys, this.work?.reading.boundary ?? "lower", (keys) => {
      this.choices.setKeys(keys);
      this.render();
    });
  }

  private render(): void {
    if (this.work === null) return;
    const { session, reading, comment } = this.work;
    this.pad.render(session, reading.validity_codes);
    this.panel.showSession(session, comment);
    this.image.showBand(session.current === null ? null : levelOf(session.current));
    this.panel.showKeys(this.choices.keys, keysNow({
      paused: this.paused,
      choosingReason: this.reasons.open,
      guided: reading.guides_allowed,
      complete: isComplete(session),
      cellChosen: session.current !== null,
    }));
  }

  private failed(error: unknown): void {
    this.curtain.failed(error, () => void this.refresh());
  }

  private listen(): void {
    listen({
      sign: () => { this.time.sign(); },
      bindings: () => this.choices.keys,
      sheetTakes: (event) => this.reasons.takes(event),
      act: (action, key) => {
        if (action === "guides") this.image.keyDown(key);
        this.act(action);
      },
      keyUp: (key) => { this.image.keyUp(key); },
      seen: (visible) => { this.time.seen(visible); },
      maybeBack: () => { if (this.sender.unsent > 0) this.sender.retry(); },
      leaving: () => { this.comment.flush(); },
      hasUnsent: () => this.sender.unsent > 0,
    });
  }
}
