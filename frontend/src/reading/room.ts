/** The reading room: shows one reading after the other, handles actions and submits readings. */

import { LatestRequest, type ApiError } from "../api";
import type { Action } from "../keys";
import { storedComment, type ReadingApi } from "./saving/readingapi";
import { runReadingAction } from "./actions";
import type { Progress, ReadingOverview, Submitted } from "./contract";
import { StatusScreen } from "./statusscreen";
import { helpInRoom } from "./help";
import { availableKeys } from "./input/keyhints";
import { ImagePane } from "./imagepane";
import { SecondReading, isFirstOfTwo } from "./between/secondreading";
import { listenToRoom } from "./input/roomlisteners";
import { OpenReading } from "./openreading";
import type { Entry, NewEntry } from "./saving/outbox";
import { Panel } from "./panel";
import { Pause } from "./pause";
import { Feedback } from "./practice/feedback";
import { showSubmittedCase } from "./practice/submitted";
import { ReaderPreferences } from "./preferences";
import { ReadingCount } from "./readingcount";
import { ReadingCache, type LoadedReading } from "./saving/readingcache";
import { NO_EXTRAS, askInRoom, type RoomExtras, type RoomInfo } from "./roomextras";
import { Revising } from "./revising/revising";
import { rejectionNotice } from "./saving/rejection";
import { ScorePad } from "./scorepad";
import type { Sender } from "./saving/sender";
import { cellName, firstEmpty, isComplete, levelOf, selectCell } from "./padstate";
import { CommentDialog, ReasonDialog } from "./dialogs";
import { withContext } from "./saving/entrycontext";
import { Measuring } from "./measuring/measuring";
import { TimeReporter } from "./saving/timereporter";
import { OutboxView } from "./saving/unsent/outboxview";
import { displayedReading } from "./view/displayedreading";
import { GuidesNote } from "./view/guidesnote";
import { ViewTools } from "./view/viewtools";

/** The first reading is shown after this time even if unsent entries of an earlier page are still being sent. */
const OUTBOX_WAIT_MS = 4_000;

export class ReadingRoom {
  readonly preferences: ReaderPreferences;
  readonly cache: ReadingCache;
  readonly sender: Sender;
  private readonly outboxView: OutboxView;
  private readonly post = (entry: NewEntry): void => { this.sender.add(withContext(entry)); };
  readonly timeReporter = new TimeReporter(this.post, () => this.imagePane.takeView());
  readonly pad = new ScorePad((id) => { this.openReading?.updatePad((pad) => selectCell(pad, id)); });
  readonly panel: Panel;
  readonly statusScreen: StatusScreen;
  readonly imagePane: ImagePane;
  private readonly guidesNote = new GuidesNote((text) => { this.panel.showNotice(text); });
  private readonly viewTools = new ViewTools(
    (action) => { this.runAction(action); },
    (keep) => { this.preferences.setKeepView(keep); this.viewTools.showKeepView(keep); },
  );
  private readonly measuring: Measuring;
  private readonly revising = new Revising(this, () => this.extras.checkDisplay());
  readonly reasonDialog = new ReasonDialog(() => { this.render(); });
  readonly commentDialog = new CommentDialog((text) => { this.openReading?.saveComment(text); });
  private overview: ReadingOverview | null = null;
  openReading: OpenReading | null = null;
  readonly feedback = new Feedback();
  private readonly second: SecondReading;
  private readonly pause = new Pause(this, () => { this.render(); });
  private readonly refreshes = new LatestRequest();
  private readonly loads = new LatestRequest();
  private readonly count = new ReadingCount((stored) => this.revising.countFirst([...this.outboxView.pendingSubmissions, ...stored]));

  constructor(
    readonly main: HTMLElement,
    readonly api: ReadingApi,
    info: RoomInfo,
    private readonly extras: RoomExtras = NO_EXTRAS,
  ) {
    this.preferences = new ReaderPreferences(api);
    this.cache = new ReadingCache(api);
    this.statusScreen = new StatusScreen(info.home, info.signOut, info.practice ?? "/");
    this.imagePane = new ImagePane(this.preferences);
    this.panel = new Panel(info, this.pad, (action) => { this.runAction(action); }, {
      useSavedWindow: () => { this.imagePane.useSavedWindow(); },
      setStrength: (strength) => { this.imagePane.setStrength(strength); },
      signIn: info.signIn, signOut: info.signOut, home: info.home,
    }, { readingNote: this.revising.root, viewTools: this.viewTools.root, keepView: this.viewTools.keepView, guidesUncertain: this.guidesNote.uncertain, guidesAbout: this.guidesNote.about });
    this.imagePane.onWindow = (name, savedOffered) => { this.panel.showWindow(name, savedOffered); };
    this.imagePane.onView = (kind, tools) => { this.viewTools.showState(kind, tools); };
    this.imagePane.onGuides = (shown, strength) => { this.timeReporter.setGuidesShown(shown); this.panel.showGuides(shown, strength); };
    this.measuring = new Measuring(this.imagePane.viewer, this.imagePane.host, {
      runAction: (action) => { this.runAction(action); },
      showNotice: (text) => { this.panel.showNotice(text); },
      keys: () => this.preferences.keys, rulerShown: () => this.imagePane.rulerShown,
      suspended: () => this.pause.isOn || this.feedback.isOn || this.imagePane.sizeGate.tooSmall,
    });
    this.second = new SecondReading(api, this.imagePane, this.panel);
    this.pad.root.before(this.measuring.panel.root);
    this.panel.root.append(this.reasonDialog.root, this.commentDialog.root);
    this.imagePane.root.append(this.statusScreen.root);
    main.append(this.imagePane.root, this.panel.root);
    this.outboxView = new OutboxView(api, info, this.panel, {
      confirmed: (entry, response) => { this.extras.confirmed(entry, response); this.handleConfirmed(entry, response); },
      rejected: (entry, error) => { if (error.code === "period_not_acknowledged") this.closeReading(); this.handleRejected(entry, error); },
      status: (status) => { if (status === "waiting" && this.openReading !== null) void this.refresh(); },
      discarded: () => { this.closeReading(); void this.refresh(); },
      savedAgain: (entries) => { this.openReading?.restoreMarks(entries); },
      currentReading: () => this.openReading?.id ?? null,
    });
    this.sender = this.outboxView.sender;
  }

  async start(): Promise<void> {
    this.statusScreen.showLoading();
    listenToRoom(this);
    this.sender.retry();
    const timeout = new Promise((resolve) => setTimeout(resolve, OUTBOX_WAIT_MS));
    await Promise.all([this.preferences.load(), Promise.race([this.sender.whenIdle(), timeout])]);
    await this.refresh();
  }

  /** Request the state of the reader, and show the current reading or why there is none. */
  async refresh(): Promise<void> {
    // A slow response must not bring back a reading that has been submitted since.
    const isLatest = this.refreshes.begin();
    try {
      const overview = await this.api.fetchOverview();
      if (!isLatest()) return;
      this.overview = overview;
    } catch (error) {
      if (isLatest() && this.openReading === null) this.statusScreen.showError(error, () => void this.refresh());
      return;
    }
    const { study, current, next, waiting, progress, submitted, announcement } = this.overview;
    this.count.setProgress(progress);
    this.count.show(this.panel, this.openReading?.reading); // Of a reading that opened before this response arrived.
    this.revising.setRule(study.revision_rule);
    this.sender.setCurrentReading(current?.id ?? null);
    if (submitted !== null) { this.showSubmitted(submitted, progress); return; }
    if (current === null) {
      this.closeReading();
      this.second.clearImageUnless(current);
      this.main.classList.add("resting");
      if (waiting?.code === "instructions") void this.continueAfter(this.extras.acknowledge(waiting.parts, announcement));
      else if (waiting !== null) this.statusScreen.showWaiting(waiting, progress, () => void this.refresh(), this.revising.offer(waiting.code));
      return;
    }
    // The server still names a reading whose submission is being sent: the next one is already on the screen.
    if (this.outboxView.pendingSubmissions.some((entry) => entry.reading === current.id)) return;
    await this.showReading(current.id, current);
    if (next !== null) this.cache.load(next.id).then((loaded) => { this.imagePane.prepare(displayedReading(loaded)); }, () => undefined);
    this.cache.retain([current.id, ...(next === null ? [] : [next.id])]);
  }

  private async showReading(id: string, known: ReadingOverview["current"] = null): Promise<void> {
    if (this.openReading?.id === id) return;
    // A slow response must not replace a reading that was requested later.
    this.closeReading();
    const isLatest = this.loads.begin();
    this.second.clearImageUnless(known);
    if (!this.second.keepsImage) this.statusScreen.showLoading();
    try {
      const loaded = await this.second.load(id, known, this.cache, (reading) => this.extras.prepare(reading, this.overview));
      if (isLatest()) this.startReading(loaded);
    } catch (error) {
      if (isLatest()) this.statusScreen.showError(error, () => void this.refresh());
    }
  }

  private startReading(fetched: LoadedReading): void {
    const loaded = displayedReading(fetched);
    const { reading } = loaded;
    this.statusScreen.hide();
    this.main.classList.remove("resting");
    const mirroredWidth = loaded === fetched ? null : reading.image.width;
    this.imagePane.show(loaded, mirroredWidth, this.second.takeImage(reading));
    this.guidesNote.show(loaded.guides);
    this.viewTools.showKeepView(reading.display.between_cases === "reader" ? this.preferences.keepView : null);
    this.openReading = new OpenReading(reading, this.sender.entries, this.post, () => { this.render(); }, mirroredWidth);
    this.commentDialog.set(this.openReading.comment);
    this.measuring.begin(this.openReading, loaded.guides);
    this.panel.showReading(reading);
    this.second.announce(reading);
    this.revising.show(reading);
    this.count.show(this.panel, reading);
    this.timeReporter.start(reading.id);
    this.render();
  }

  /** Close the reading on the screen: save its comment and report its time. */
  closeReading(): void {
    this.loads.begin(); // A reading that is still loading must not cover what is shown next.
    if (this.openReading === null) return;
    this.commentDialog.close();
    this.reasonDialog.close();
    this.timeReporter.stop();
    this.measuring.end();
    this.openReading = null;
    if (!this.second.keepsImage) this.imagePane.clear();
  }

  runAction(action: Action): void {
    if (action === "help") void helpInRoom(this);
    else if (action === "pause" && this.openReading !== null) this.pause.toggle();
    else if (action === "instructions") this.extras.openInstructions(this.openReading?.reading.arm ?? null);
    const { openReading } = this;
    if (this.pause.isOn || this.imagePane.sizeGate.blocks(action)) return;
    if (this.feedback.handleAction(action, this.imagePane)) return;
    if (action === "previous") void this.revising.choose();
    else if (action === "ask") void askInRoom(this, this.extras);
    if (openReading === null || action === "previous" || action === "ask" || (this.extras.practice && action === "comment")) return;
    this.panel.showNotice("");
    if (this.measuring.handleAction(action)) return;
    runReadingAction(action, openReading, {
      panel: this.panel, imagePane: this.imagePane,
      reasonDialog: this.reasonDialog, commentDialog: this.commentDialog,
      submit: (reading) => { this.submit(reading); },
    });
  }

  private submit(openReading: OpenReading): void {
    const emptyCell = firstEmpty(openReading.pad);
    if (emptyCell !== null) {
      openReading.updatePad((pad) => selectCell(pad, emptyCell));
      this.panel.showNotice(`${cellName(emptyCell)} has no score. Score it or mark it as not readable, then submit again.`);
      return;
    }
    this.imagePane.rememberView();
    this.measuring.ensureStored();
    if (this.extras.practice) {
      this.reasonDialog.close();
      this.feedback.wait();
      openReading.submit();
      this.render();
      return;
    }
    const nextId = this.overview?.next?.id ?? null;
    const sameImage = this.second.keepImage(openReading.reading);
    this.closeReading();
    openReading.submit();
    if (sameImage) return;
    if (nextId !== null && nextId !== openReading.id) void this.showReading(nextId);
    else this.statusScreen.showLoading("Sending your scores\u2026");
  }

  private handleConfirmed(entry: Entry, response: unknown): void {
    if (entry.kind === "submit") { this.count.addStored(entry); void this.refresh(); }
    if (this.openReading?.id === entry.reading) this.openReading.confirmEntry(entry, response);
  }

  /** Show the reference grades of a submitted practice case; the image stays as the reader left it, except after a reload. */
  private showSubmitted(submitted: Submitted, progress: Progress): void {
    if (this.feedback.isShown) return;
    const pad = this.openReading?.id === submitted.reading.id ? this.openReading.pad : null;
    if (pad === null) this.closeReading();
    this.timeReporter.stop();
    void this.continueAfter(showSubmittedCase(submitted, progress, pad, this));
  }

  /** Wait for the reader, then ask the server what comes next. */
  private async continueAfter(interruption: Promise<void>): Promise<void> {
    try {
      await interruption;
      this.closeReading();
      this.sender.retry();
      await this.refresh();
    } catch (error) {
      this.statusScreen.showError(error, () => void this.refresh());
    }
  }

  private handleRejected(entry: Entry, error: ApiError): void {
    this.feedback.stop();
    this.render();
    this.extras.rejected(error.code);
    if (error.code === "display_check") this.closeReading();
    const openReading = this.openReading?.id === entry.reading ? this.openReading : null;
    const conflictText = openReading?.resolveConflict(entry, error) ?? null;
    if (openReading !== null && conflictText !== null) {
      if (entry.kind === "comment") this.commentDialog.merge(storedComment(error.body).comment ?? "");
      this.panel.showNotice(conflictText);
    } else if (entry.kind !== "time") {
      void this.refresh().then(() => { this.panel.showNotice(rejectionNotice(entry, error)); });
    }
  }

  render(): void {
    if (this.openReading === null) return;
    this.measuring.render(); // First, because it may change the pad.
    const { pad, reading, comment } = this.openReading;
    this.pad.render(pad, reading.validity_codes);
    this.panel.showPad(pad, comment);
    this.imagePane.showBand(pad.current === null ? null : levelOf(pad.current));
    this.viewTools.showKeys(this.preferences.keys);
    this.panel.showKeys(this.preferences.keys, availableKeys({
      paused: this.pause.isOn, reasonOpen: this.reasonDialog.isOpen, guided: reading.guides_allowed, measured: this.measuring.isOpen,
      comments: !this.extras.practice, revision: this.revising.isAllowed,
      complete: isComplete(pad), current: pad.current, opensNext: !isFirstOfTwo(reading) && !reading.in_revision,
    }));
  }
}
