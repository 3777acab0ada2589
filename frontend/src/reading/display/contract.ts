/** Types of the JSON that the endpoint of the display check exchanges, and the letters. */

export type { DisplayCheck as CheckResult, DisplayCheckStatus as CheckStatus } from "../../schema";

export type End = "dark" | "bright";
export const ENDS: readonly End[] = ["dark", "bright"];

/** Letters of one end, one text per contrast, from strong to weak. */
export interface EndLetters {
  readonly shown: readonly string[];
  readonly typed: readonly string[];
}
