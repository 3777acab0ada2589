import "./styles/reading.css";
import { expectUser } from "./api";
import { need, pageData } from "./dom";
import { Calls } from "./reading/saving/calls";
import { Room } from "./reading/room";

interface PageData {
  readonly study: string;
  readonly api: string;
}

const main = need("#main");
const page = pageData<PageData>();
const { reader = "", home = "/", signIn = "/", signOut = "/", study = "", mark = "" } = main.dataset;
expectUser(reader);
const room = new Room(main, new Calls(page.api, page.study), {
  reader,
  slug: page.study,
  home,
  signIn,
  signOut,
  study,
  mark,
});
void room.begin();
