/** Instructions as the server sends them, and which parts a reader has yet to acknowledge. */

import type { InstructionPart, Instructions } from "../../schema";

export type { InstructionPart, Instructions };

/** Return the parts that a reader must acknowledge before reading in this arm. Pure. */
export function pendingParts(instructions: Instructions, arm: string): InstructionPart[] {
  return instructions.parts.filter(
    ({ part }) => (part === "study" || part === arm) && !instructions.acknowledged.includes(part),
  );
}
