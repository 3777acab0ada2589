/** Types of the JSON that the endpoints of the instructions exchange. */

export interface InstructionPart {
  /** "study", or the code of an arm. */
  readonly part: string;
  readonly title: string;
  /** Sanitised by the server. */
  readonly html: string;
}

export interface Instructions {
  /** Null in a study without instructions. */
  readonly version: number | null;
  readonly parts: readonly InstructionPart[];
  /** The scoring guide. */
  readonly guide: string;
  readonly acknowledged: readonly string[];
}

/** Return the parts that a reader must acknowledge before reading in this arm. Pure. */
export function pendingParts(instructions: Instructions, arm: string): InstructionPart[] {
  return instructions.parts.filter(
    ({ part }) => (part === "study" || part === arm) && !instructions.acknowledged.includes(part),
  );
}
