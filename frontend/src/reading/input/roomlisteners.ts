/** What the reading room does on events of the window. */

import type { Action } from "../../keys";
import type { CommentDialog, ReasonDialog } from "../dialogs";
import type { ImagePane } from "../imagepane";
import type { ReaderPreferences } from "../preferences";
import type { Sender } from "../saving/sender";
import type { TimeReporter } from "../saving/timereporter";
import { listenToWindow } from "./roomevents";

interface ListeningRoom {
  readonly commentDialog: CommentDialog;
  readonly imagePane: ImagePane;
  readonly preferences: ReaderPreferences;
  readonly reasonDialog: ReasonDialog;
  readonly sender: Sender;
  readonly timeReporter: TimeReporter;
  runAction(action: Action): void;
  render(): void;
}

export function listenToRoom(room: ListeningRoom): void {
  const { commentDialog, imagePane, reasonDialog, sender, timeReporter } = room;
  imagePane.sizeGate.onChange = (tooSmall) => {
    if (tooSmall) reasonDialog.close();
    room.render();
  };
  listenToWindow({
    recordActivity: () => { timeReporter.recordActivity(); },
    bindings: () => room.preferences.keys,
    handledByDialog: (event) => reasonDialog.handleKey(event),
    runAction: (action, key) => {
      // The key also acts on its release, which tells a short press from a long one.
      if (action === "guides") imagePane.keyDown(key);
      room.runAction(action);
    },
    keyUp: (key) => { imagePane.keyUp(key); },
    visibilityChanged: (visible) => { timeReporter.setVisible(visible); },
    mayBeOnline: () => { if (sender.unsent > 0) sender.retry(); },
    pageHidden: () => { commentDialog.flush(); },
    hasUnsent: () => sender.unsent > 0,
  });
}
