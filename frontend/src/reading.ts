import "./styles/reading.css";
import { setExpectedUser } from "./api";
import { requireElement, pageData } from "./dom";
import { DisplayCheckGate } from "./reading/display/checkgate";
import { refusePhone } from "./reading/display/phone";
import { InstructionGate } from "./reading/instructions/gate";
import { Feedback } from "./reading/practice/feedback";
import { PracticeApi } from "./reading/practice/practiceapi";
import { ReadingApi } from "./reading/saving/readingapi";
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
const gate = new InstructionGate(`${page.api}studies/${page.study}/instructions`);
// Practice takes no time of a reading session, which the display check belongs to.
const displayCheck = page.round === undefined ? new DisplayCheckGate(`${page.api}studies/${page.study}/display-check`, home) : null;
const api = page.round === undefined ? new ReadingApi(page.api, page.study) : new PracticeApi(page.api, page.study, page.round);
const slug = page.round === undefined ? page.study : `practice-${page.round}`;
const extras: RoomExtras = {
  prepare: async (reading) => {
    refusePhone(main);
    await displayCheck?.prepare();
    await gate.prepare(reading.arm);
  },
  rejected: (code) => { if (code === "display_check") displayCheck?.repeat(); },
  openInstructions: (arm) => { void gate.open(arm); },
  feedback: page.round === undefined ? null : new Feedback(),
};
const room = new ReadingRoom(main, api, { reader, slug, home, signIn, signOut, study, mark, practice }, extras);
void room.start();
