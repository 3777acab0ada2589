/**
 * Warns two minutes before inactivity ends the sign-in, and offers to stay signed in.
 *
 * Other tabs and the reading room renew the sign-in too, so the server is asked when it ends.
 */

import { ApiError, LatestRequest, getJson, sendJson } from "../api";
import { button, el } from "../dom";
import type { SignIn } from "../schema";

const WARN_BEFORE_S = 120;
/** The server rounds the end of a sign-in to seconds. */
const ROUNDING_S = 1;
const RETRY_S = 15;
/** The server renews a sign-in once 1/60 of the limit has passed, so that it can end that much earlier. */
const RENEWED_WITHIN = 59 / 60;

export function startIdleWarning(): void {
  const { signIn, expiresIn } = document.documentElement.dataset;
  if (signIn === undefined || expiresIn === undefined) return;
  new IdleWarning(signIn).checkIn(Number(expiresIn) * RENEWED_WITHIN - WARN_BEFORE_S);
}

class IdleWarning {
  private readonly timeLeft = el("strong", {});
  private readonly message = el("p", {}, "You have been inactive. You will be signed out in ", this.timeLeft, ".");
  private readonly stayButton = button("Stay signed in", () => void this.stay(), { class: "primary" });
  private readonly dialog = el(
    "dialog",
    { "aria-label": "Signing out soon" },
    el("article", {}, el("h2", {}, "Signing out soon"), this.message, el("div", { class: "actions" }, this.stayButton)),
  );
  private checkTimer: ReturnType<typeof setTimeout> | undefined;
  private countdown: ReturnType<typeof setInterval> | undefined;
  private endsAt = 0;
  private readonly requests = new LatestRequest();

  constructor(private readonly address: string) {
    // Escape means the same as the only button.
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      void this.stay();
    });
  }

  checkIn(seconds: number): void {
    clearTimeout(this.checkTimer);
    this.checkTimer = setTimeout(() => void this.check(), Math.max(0, seconds) * 1000);
  }

  private check(): Promise<void> {
    return this.update(getJson<SignIn>(this.address));
  }

  private stay(): Promise<void> {
    return this.update(sendJson<SignIn>("POST", this.address));
  }

  private async update(response: Promise<SignIn>): Promise<void> {
    // A check that was sent before the renewal and answered after it would show the warning again.
    const isLatest = this.requests.begin();
    try {
      const signIn = await response;
      if (isLatest()) this.show(signIn);
    } catch (error) {
      if (isLatest()) this.handleError(error);
    }
  }

  private show({ expires_in_s: seconds }: SignIn): void {
    if (seconds > WARN_BEFORE_S + ROUNDING_S) {
      this.close();
      this.checkIn(seconds - WARN_BEFORE_S);
      return;
    }
    // Asked again while the warning is shown, because another tab may renew the sign-in.
    this.checkIn(Math.min(RETRY_S, seconds + ROUNDING_S));
    this.endsAt = Date.now() + seconds * 1000;
    this.showTimeLeft();
    if (this.dialog.open) return;
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.stayButton.focus();
    this.countdown = setInterval(() => { this.showTimeLeft(); }, 1000);
  }

  private showTimeLeft(): void {
    const seconds = Math.max(0, Math.ceil((this.endsAt - Date.now()) / 1000));
    this.timeLeft.textContent = `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, "0")}`;
  }

  /** A page without a sign-in has nothing to warn of; the reading room keeps what is unsent. */
  private handleError(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    if (error.isTransient) this.checkIn(RETRY_S);
    else this.close();
  }

  private close(): void {
    clearInterval(this.countdown);
    this.dialog.close();
    this.dialog.remove();
  }
}
