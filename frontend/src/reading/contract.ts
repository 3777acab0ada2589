/** Types of the JSON that the reading endpoints exchange, by the names that the reading room uses. */

import type { Cell, Cells } from "../schema";

export type {
  ArmCode as Arm,
  Cell,
  Display,
  Guides,
  Measurement as StoredMeasurement,
  Preferences,
  Progress,
  Reading,
  ReadingImage,
  SubmittedPractice as Submitted,
  ReadingOverview,
  Waiting,
} from "../schema";

export type CellId = keyof Cells;
export type Level = "L1" | "L2" | "L3" | "L4";
export type Wall = "posterior" | "anterior";
export type Score = NonNullable<Cell["score"]>;
