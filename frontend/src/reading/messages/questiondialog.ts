/** The dialog in which a reader asks about the reading on the screen, and sees what was written about it. */

import { ApiError, getJson, sendJson } from "../../api";
import { button, el, formatTime } from "../../dom";
import { newId } from "../ids";
import { removeUnstorable } from "../../text";
import { capitalised } from "../revising/dialog";
import type { ReadingMessages } from "./contract";
import type { Drafts } from "./drafts";

const MAX_LENGTH = 2000;
const WARNING = "Do not quote scores. Do not enter names or other data of patients. Reading time is not being recorded now.";
const ON_DEVICE = "Your text is kept on this device.";
/** The opening of a reading is sent while the image is already on the screen, and may arrive after a request of this dialog. */
const OPENING_WAIT_MS = 500;
const OPENING_ATTEMPTS = 20;

/** Show the messages about a reading; resolves with whether a question was sent. */
export function openQuestion(address: string, reading: string, drafts: Drafts): Promise<boolean> {
  return new Promise((resolve) => {
    let draft = drafts.load(reading);
    let attempted = false;
    let sent = false;
    const text = el("textarea", { id: "question-text", rows: 5, maxlength: MAX_LENGTH, "aria-describedby": "question-warning" });
    const name = el("p", { class: "muted" });
    const earlier = el("ol", { class: "messages-of-reading", hidden: true, tabindex: 0, "aria-label": "Messages about this reading" });
    const error = el("p", { class: "notice", role: "alert" });
    const send = el("button", { type: "submit", class: "primary" }, "Send question");
    const dialog = el("dialog", { class: "question", "aria-label": "Question about this reading" });
    const show = (messages: ReadingMessages): void => { showMessages(messages, name, earlier); };

    text.value = draft.text;
    text.addEventListener("input", () => {
      // The server may have stored the text of a request that got no answer.
      if (attempted) draft = { ...draft, id: newId() };
      attempted = false;
      draft = { ...draft, text: text.value };
      drafts.save(reading, draft);
    });
    const submit = async (): Promise<void> => {
      const question = removeUnstorable(text.value).trim();
      if (question === "") {
        text.focus();
        return;
      }
      send.disabled = true;
      error.textContent = "";
      attempted = true;
      try {
        await onceOpened(dialog, () => sendJson<ReadingMessages>("POST", address, { message_id: draft.id, text: question }));
        drafts.save(reading, { ...draft, text: "" });
        sent = true;
        dialog.close();
      } catch (reason) {
        if (!(reason instanceof ApiError)) throw reason;
        error.textContent = `Not sent. ${reason.message} ${ON_DEVICE}`;
        send.disabled = false;
        text.focus();
      }
    };
    // Letters of the question must not score cells.
    dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat && !send.disabled) {
        event.preventDefault();
        void submit();
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(sent);
    });
    const form = el(
      "form",
      { onsubmit: (event) => { event.preventDefault(); void submit(); } },
      el("label", { for: "question-text" }, "Question to the coordinators"),
      text,
      el("p", { class: "muted", id: "question-warning" }, WARNING),
      error,
      el("div", { class: "actions" }, button("Close", () => { dialog.close(); }), send),
    );
    dialog.append(el("article", {}, el("h2", {}, "Question about this reading"), name, earlier, form));
    document.body.append(dialog);
    dialog.showModal();
    text.focus();
    // Without a connection, the reader can still write.
    onceOpened(dialog, () => getJson<ReadingMessages>(address)).then(show, () => { name.textContent = "Earlier messages could not be loaded."; });
  });
}

/** Repeat a request while the server has not recorded the opening of the reading, and the dialog is shown. */
async function onceOpened<T>(dialog: HTMLElement, send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      const isWaiting = error instanceof ApiError && error.code === "not_opened" && dialog.isConnected;
      if (!isWaiting || attempt === OPENING_ATTEMPTS) throw error;
      await new Promise((resolve) => { setTimeout(resolve, OPENING_WAIT_MS); });
    }
  }
}

function showMessages(answer: ReadingMessages, name: HTMLElement, list: HTMLElement): void {
  const left = answer.earlier === 0 ? "" : ` Earlier messages: ${String(answer.earlier)}, under Messages on your home page.`;
  const closed = answer.closed ? " The coordinator closed this thread; a further question starts a new one." : "";
  name.textContent = `${capitalised(answer.name)}.${left}${closed}`;
  list.hidden = answer.messages.length === 0;
  list.replaceChildren(
    ...answer.messages.map(({ author, text, written_at }) =>
      el("li", {}, el("p", { class: "muted" }, `${author}, ${formatTime(written_at)}`), el("p", { class: "written" }, text)),
    ),
  );
  list.scrollTop = list.scrollHeight;
}
