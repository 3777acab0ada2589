/** Types of the JSON that the case and upload endpoints exchange. */

import type { Case } from "../schema";

export type {
  AddedUploads,
  Case,
  CaseDetail,
  CasePage,
  CaseState,
  CornerChanges as Moves,
  FormerImage,
  LandmarkSet,
  Relabelled,
  Upload,
  UploadCounts,
  UploadList,
  Version,
} from "../schema";

export type CaseAction = Case["actions"][number];
