/** Opens the case page with a table of responses, and confirms its dialogs. */

import { CaseReview } from "../../src/cases/review";
import { buttonNamed, serve, settle } from "../server";

export const PAGE = { case: "c1", api: "/api/", cases_url: "/cases", review_url: "/review" };
export const PIXELS = new Uint8Array(12 * 24).buffer;

export async function openCase(table: Record<string, unknown>) {
  const routes: Record<string, unknown> = { "GET /api/cases/c1/pixels?v=1": PIXELS, ...table };
  const sent = serve(routes);
  const root = document.createElement("div");
  document.body.replaceChildren(root);
  await new CaseReview(root, PAGE).start();
  await settle();
  return { root, sent, routes };
}

export function confirm(label: string): void {
  const dialog = document.querySelector("dialog");
  if (dialog === null) throw new Error("no dialog");
  const button = buttonNamed(dialog, label);
  button.form?.dispatchEvent(new Event("submit", { cancelable: true }));
}
