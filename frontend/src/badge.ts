/** Badges: a shape and a word, so that colour is never the only cue. */

import { html } from "lit-html";
import type { TemplateResult } from "lit-html";

export function badge(kind: string, label: string): TemplateResult {
  return html`<span class="badge ${kind}">${label}</span>`;
}
