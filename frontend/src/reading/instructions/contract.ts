/** Instructions as the server sends them, and which parts a reader has yet to acknowledge. */

import type { InstructionPart, Instructions } from "../../schema";

export type { InstructionPart, Instructions };

/** Return those of the parts that the reader has not acknowledged yet. Pure. */
export function pendingParts(instructions: Instructions, parts: readonly string[]): InstructionPart[] {
  return instructions.parts.filter(({ part }) => parts.includes(part) && !instructions.acknowledged.includes(part));
}
