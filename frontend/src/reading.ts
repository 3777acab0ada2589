import "./styles/reading.css";
import { setExpectedUser } from "./api";
import { requireElement, pageData } from "./dom";
import { BeforeReading } from "./reading/between/beforereading";
import { BreakReminder } from "./reading/between/breakreminder";
import { DisplayCheckGate } from "./reading/display/checkgate";
import { refusePhone } from "./reading/display/phone";
import { InstructionGate } from "./reading/instructions/gate";
import { RoomMessages } from "./reading/messages/roommessages";
import { PracticeApi } from "./reading/practice/practiceapi";
import { ReadingApi } from "./reading/saving/readingapi";
import type { Time } from "./schema";
import type { RoomExtras } from "./reading/roomextras";
import { ReadingRoom } from "./reading/room";

interface PageData {
  readonly study: string;
  readonly api: string;
  /** The practice round; missing for the cases of the study. */
  readonly round?: string;
}

const main = requireElement("#main");
const page = pageData<PageData>();
const { reader = "", home = "/", signIn = "/", signOut = "/", study = "", mark = "", practice = "/" } = main.dataset;
setExpectedUser(reader);
const studyAddress = `${page.api}studies/${page.study}`;
const gate = new InstructionGate(`${studyAddress}/instructions`);
// Practice takes no time of a reading session, which the display check belongs to.
const displayCheck = page.round === undefined ? new DisplayCheckGate(`${studyAddress}/display-check`, home) : null;
const api = page.round === undefined ? new ReadingApi(page.api, page.study) : new PracticeApi(page.api, page.study, page.round);
const slug = page.round === undefined ? page.study : `practice-${page.round}`;
const clearPanel = (): void => { main.classList.add("resting"); };
const reminder = new BreakReminder(`${studyAddress}/reading/break-reminder`, () => { window.location.assign(home); }, clearPanel);
const before = new BeforeReading(`${studyAddress}/reading/period`, gate, reminder, clearPanel);
// Practice cases are not part of the study, so that there is no reading to ask about.
const messages = page.round === undefined ? new RoomMessages(page.api, page.study, reader, clearPanel) : null;
const extras: RoomExtras = {
  acknowledge: (parts, announcement) => before.acknowledgeInstructions(parts, announcement),
  prepare: async (reading, overview) => {
    refusePhone(main);
    await displayCheck?.prepare();
    // Never in the middle of a reading: one that is open was interrupted.
    if (reading.state === "waiting") await messages?.showAnnouncements();
    await before.prepare(reading, overview);
    messages?.refresh();
  },
  // A report without activity does not tell whether a break is due.
  confirmed: (entry, response) => { if (entry.kind === "time" && entry.activeMs > 0) reminder.setDue((response as Partial<Time>).break_due === true); },
  checkDisplay: async () => {
    displayCheck?.repeat();
    await displayCheck?.prepare();
  },
  rejected: (code) => { if (code === "display_check") displayCheck?.repeat(); },
  openInstructions: (arm) => { void gate.open(arm); },
  practice: page.round !== undefined,
  ask: (id) => messages?.ask(id) ?? Promise.resolve(""),
};
const room = new ReadingRoom(main, api, { reader, slug, home, signIn, signOut, study, mark, practice }, extras);
if (messages !== null) {
  messages.onUnread = (unread) => { room.panel.showUnread(unread); };
  messages.refresh();
}
void room.start();
