/** Types of the JSON with which submitted readings are revised. */

export type { RevisableReading, RevisableReadings, RevisedReading, StudyRevisionRule as RevisionRule } from "../../schema";
