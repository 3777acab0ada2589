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

/** Return those of the parts that the reader has not acknowledged yet. Pure. */
export function pendingParts(instructions: Instructions, parts: readonly string[]): InstructionPart[] {
  return instructions.parts.filter(({ part }) => parts.includes(part) && !instructions.acknowledged.includes(part));
}
