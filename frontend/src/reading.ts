import "./styles/reading.css";
import { setExpectedUser } from "./api";
import { requireElement, pageData } from "./dom";
import { ReadingApi } from "./reading/saving/readingapi";
import { ReadingRoom } from "./reading/room";

interface PageData {
  readonly study: string;
  readonly api: string;
}

const main = requireElement("#main");
const page = pageData<PageData>();
const { reader = "", home = "/", signIn = "/", signOut = "/", study = "", mark = "" } = main.dataset;
setExpectedUser(reader);
const room = new ReadingRoom(main, new ReadingApi(page.api, page.study), {
  reader,
  slug: page.study,
  home,
  signIn,
  signOut,
  study,
  mark,
});
void room.start();
