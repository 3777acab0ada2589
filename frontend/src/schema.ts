/** Types of the JSON that the API exchanges. Written by `make schema`: do not edit. */

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The AAC-8 scores of both walls over L1 to L4. */
        readonly AAC8: {
            readonly posterior: components["schemas"]["Cell"];
            readonly anterior: components["schemas"]["Cell"];
        };
        /** @description The part that was read, and its version. */
        readonly AcknowledgeInput: {
            readonly version: number;
            readonly part: string;
        };
        /** @description The parts of the current version that the reader has acknowledged. */
        readonly Acknowledged: {
            readonly acknowledged: readonly string[];
        };
        /** @description The uploads of one request: a file, or each file of a zip archive. */
        readonly AddedUploads: {
            readonly results: readonly components["schemas"]["Upload"][];
        };
        /** @description A grade, or the NHANES code of the reason why a cell is not readable. */
        readonly AdjudicatedCell: {
            /** @enum {unknown} */
            readonly score: 0 | 1 | 2 | 3 | null;
            readonly validity: number;
        };
        /** @description A grade, or the NHANES code of the reason why a cell is not readable. */
        readonly AdjudicatedCellInput: {
            /**
             * @description * `L1_posterior` - L1_posterior
             *     * `L1_anterior` - L1_anterior
             *     * `L2_posterior` - L2_posterior
             *     * `L2_anterior` - L2_anterior
             *     * `L3_posterior` - L3_posterior
             *     * `L3_anterior` - L3_anterior
             *     * `L4_posterior` - L4_posterior
             *     * `L4_anterior` - L4_anterior
             * @enum {string}
             */
            readonly cell: "L1_posterior" | "L1_anterior" | "L2_posterior" | "L2_anterior" | "L3_posterior" | "L3_anterior" | "L4_posterior" | "L4_anterior";
            readonly score: number | null;
            readonly validity: number;
        };
        /** @description The stored scores of an adjudication, and when it was submitted. */
        readonly Adjudication: {
            /** Format: uuid */
            readonly id: string;
            readonly cells: {
                readonly [key: string]: components["schemas"]["AdjudicatedCell"];
            };
            readonly submitted_at: string | null;
        };
        /** @description All scores entered so far; cells that are left out are empty. */
        readonly AdjudicationInput: {
            readonly cells: readonly components["schemas"]["AdjudicatedCellInput"][];
        };
        /** @description The results of a selection of readings; the keys of filters repeat the selection. */
        readonly Agreement: {
            readonly answer: components["schemas"]["MainFinding"];
            readonly outcome: string;
            /** @enum {string} */
            readonly weights: "none" | "linear" | "quadratic";
            readonly arm: string | null;
            readonly readers: readonly string[];
            readonly site: string | null;
            readonly scanner: string | null;
            readonly interim: boolean;
            readonly simulated: boolean;
            /** Format: date-time */
            readonly snapshot_at: string;
            readonly data_hash: string;
            readonly results: readonly components["schemas"]["Result"][];
            readonly warnings: readonly string[];
            readonly bootstrap: components["schemas"]["Bootstrap"] | null;
        };
        /** @description The amendment that changed the model of a study. */
        readonly Amendment: {
            readonly number: number;
            /** Format: date */
            readonly dated: string;
            readonly reason: string;
        };
        /** @description The amendment of the protocol that changes a fixed model. */
        readonly AmendmentInput: {
            readonly number: number;
            /** Format: date */
            readonly dated: string;
            readonly reason: string;
        };
        /**
         * @description A change of period that the reader acknowledges before the current reading.
         *
         *     `begins` is false where the reader returns to a period; `previous` is null before the first.
         */
        readonly Announcement: {
            readonly period: number;
            readonly arm: components["schemas"]["ArmCode"];
            readonly guides: boolean;
            readonly measured: boolean;
            readonly periods: number;
            readonly begins: boolean;
            readonly previous: components["schemas"]["Period"] | null;
        };
        /**
         * @description * `unguided`: Unguided
         *     * `guided`: Guided
         *     * `guided corrected`: Guided, corrected landmarks
         *     * `measured`: Measured
         *     * `guided measured`: Guided, measured
         * @enum {string}
         */
        readonly ArmCode: "unguided" | "guided" | "guided corrected" | "measured" | "guided measured";
        /** @description Whether cases may be assigned that were analysed with other weights. */
        readonly AssignInput: {
            /** @default false */
            readonly other_weights: boolean;
        };
        /**
         * @description One reader's share of an assignment; the site is empty where the reader has none.
         *
         *     `readings` includes the hidden `repeats`. `sequence` lists the arms of the reader's
         *     periods, and `first_arm` is the first of them.
         */
        readonly AssignedReader: {
            readonly label: string;
            readonly site: string;
            readonly readings: number;
            readonly repeats: number;
            /** @enum {string} */
            readonly first_arm: "unguided" | "guided" | "guided corrected" | "measured" | "guided measured" | "";
            readonly sequence: readonly components["schemas"]["ArmCode"][];
            readonly plan: readonly components["schemas"]["PlannedList"][];
        };
        /** @description The number of readings that were assigned. */
        readonly Assignment: {
            readonly readings: number;
        };
        /**
         * @description The assignment that would be stored now.
         *
         *     `left_out` counts cases that are not ready, and `unconfirmed` those whose corners would have
         *     to be corrected or confirmed first, because an arm shows guides from corrected landmarks.
         *     `strata` is empty unless the assignment is stratified.
         */
        readonly AssignmentPreview: {
            readonly batch: number;
            readonly cases: number;
            readonly left_out: number;
            readonly unconfirmed: number;
            readonly minutes_each: number;
            readonly readings_per_week: number;
            readonly readers: readonly components["schemas"]["AssignedReader"][];
            readonly strata: readonly components["schemas"]["Stratum"][];
            readonly weights: components["schemas"]["Weights"];
        };
        /** @description ``based_on`` is the landmark version that the person saw; a newer one is a conflict. */
        readonly BasedInput: {
            readonly based_on?: number;
        };
        /**
         * @description A batch as it was assigned, and how many of its readings have been read and are left.
         *
         *     `reassigned_from` is the label of the reader whose cases others took over, or empty.
         */
        readonly Batch: {
            readonly number: number;
            readonly kind: components["schemas"]["BatchKind"];
            /** Format: date-time */
            readonly assigned_at: string;
            readonly assigned_by: string;
            readonly reassigned_from: string;
            readonly cases: number;
            readonly readings: number;
            readonly read: number;
            readonly left: number;
        };
        /**
         * @description * `first`: first assignment
         *     * `late`: late cases
         *     * `reassignment`: reassignment
         * @enum {string}
         */
        readonly BatchKind: "first" | "late" | "reassignment";
        /** @description One page of the batches, newest first. */
        readonly BatchPage: {
            readonly results: readonly components["schemas"]["Batch"][];
            readonly count: number;
            readonly page: number;
            readonly pages: number;
        };
        /** @description Rejects unknown fields, because a misspelt corner would count as a removed one. */
        readonly BodyInput: {
            readonly superior_posterior: readonly number[] | null;
            readonly superior_anterior: readonly number[] | null;
            readonly inferior_posterior: readonly number[] | null;
            readonly inferior_anterior: readonly number[] | null;
        };
        /** @description Heights of a vertebral body, and its height losses as fractions of the reference height. */
        readonly BodyShape: {
            readonly posterior_height_mm: number | null;
            readonly anterior_height_mm: number | null;
            readonly wedge: number | null;
            readonly reverse_wedge: number | null;
            readonly crush: number | null;
            readonly grade: ("normal" | "mild" | "moderate" | "severe") | null;
        };
        /** @description A bootstrap run: its state, progress and results. `failure` says why it failed. */
        readonly Bootstrap: {
            /** Format: uuid */
            readonly id: string;
            readonly state: components["schemas"]["BootstrapRunState"];
            readonly resamples_done: number;
            readonly resamples: number;
            readonly seed: number;
            readonly failure: string | null;
            readonly results: readonly components["schemas"]["Interval"][];
        };
        /**
         * @description * `queued`: waiting for the worker
         *     * `computing`: being computed
         *     * `done`: ready
         *     * `failed`: failed
         * @enum {string}
         */
        readonly BootstrapRunState: "queued" | "computing" | "done" | "failed";
        /** @description Minutes of active reading since the last pause; null if no reminder is due. */
        readonly BreakReminder: {
            readonly minutes: number | null;
        };
        /**
         * @description A case in a list.
         *
         *     `acquired_shifted` is the date of the scan, shifted by a secret number of days. `assigned`
         *     is whether readers have the case. `corners_confirmed` is whether a person corrected or
         *     confirmed the corners; null unless the study has the arm with guides from corrected landmarks.
         *     Browsers cache the thumbnail by its address, which contains the version of the image.
         */
        readonly Case: {
            /** Format: uuid */
            readonly id: string;
            readonly label: string;
            readonly patient: string;
            readonly state: components["schemas"]["CaseState"];
            readonly state_label: string;
            readonly reason: components["schemas"]["Reason"] | null;
            readonly site: components["schemas"]["Site"];
            readonly scanner: string;
            readonly acquired_shifted: string | null;
            readonly level_uncertainty: components["schemas"]["CaseUncertainty"] | null;
            readonly corners_confirmed: boolean | null;
            readonly anterior: ("right" | "left") | null;
            readonly crop_verdict: ("ok" | "cropped" | "borderline" | "unknown") | null;
            readonly thumbnail: string | null;
            readonly image_version: number | null;
            readonly actions: readonly ("release" | "undo_release" | "reject" | "accept" | "confirm_corners" | "exclude" | "move_corners" | "shift_levels" | "flip_side" | "analyse")[];
            readonly assigned: boolean;
            readonly practice: boolean;
            /** Format: date-time */
            readonly uploaded_at: string;
        };
        /** @description A case with its image, its landmarks and their history. */
        readonly CaseDetail: {
            /** Format: uuid */
            readonly id: string;
            readonly label: string;
            readonly patient: string;
            readonly state: components["schemas"]["CaseState"];
            readonly state_label: string;
            readonly reason: components["schemas"]["Reason"] | null;
            readonly site: components["schemas"]["Site"];
            readonly scanner: string;
            readonly acquired_shifted: string | null;
            readonly level_uncertainty: components["schemas"]["CaseUncertainty"] | null;
            readonly corners_confirmed: boolean | null;
            readonly anterior: ("right" | "left") | null;
            readonly crop_verdict: ("ok" | "cropped" | "borderline" | "unknown") | null;
            readonly thumbnail: string | null;
            readonly image_version: number | null;
            readonly actions: readonly ("release" | "undo_release" | "reject" | "accept" | "confirm_corners" | "exclude" | "move_corners" | "shift_levels" | "flip_side" | "analyse")[];
            readonly assigned: boolean;
            readonly practice: boolean;
            /** Format: date-time */
            readonly uploaded_at: string;
            readonly patient_warning: string | null;
            readonly image: components["schemas"]["Image"] | null;
            readonly landmark_set: components["schemas"]["LandmarkSet"] | null;
            readonly history: readonly components["schemas"]["Version"][];
            readonly former_images: readonly components["schemas"]["FormerImage"][];
        };
        /** @description One page of a list of cases; `count` is the number of cases on all pages together. */
        readonly CasePage: {
            readonly results: readonly components["schemas"]["Case"][];
            readonly count: number;
            readonly page: number;
            readonly pages: number;
        };
        /**
         * @description * `received`: waiting for analysis
         *     * `pending_review`: pending de-identification review
         *     * `analysing`: being analysed
         *     * `ready`: ready
         *     * `failed`: analysis failed
         *     * `excluded`: excluded
         *     * `rejected`: rejected
         * @enum {string}
         */
        readonly CaseState: "received" | "pending_review" | "analysing" | "ready" | "failed" | "excluded" | "rejected";
        /** @description Why the level labelling is uncertain, and whether a person has accepted it. */
        readonly CaseUncertainty: {
            readonly reason: string;
            readonly detail: string;
            readonly accepted: boolean;
        };
        /**
         * @description The value of a cell: a score, or the NHANES code of the reason why it is not readable.
         *
         *     An empty cell has neither. Only the AAC-8 of a wall can be 4. `version` counts the changes.
         */
        readonly Cell: {
            /** @enum {unknown} */
            readonly score: 0 | 1 | 2 | 3 | 4 | null;
            readonly validity: number | null;
            readonly reason: string;
            readonly version: number;
        };
        /** @description The score of a cell or of the AAC-8 of a wall, or the reason why it is not readable. */
        readonly CellInput: {
            /** Format: uuid */
            readonly change_id: string;
            readonly version: number;
            readonly score?: number | null;
            /**
             * @description * `0` - 0
             *     * `1` - 1
             *     * `3` - 3
             *     * `4` - 4
             *     * `5` - 5
             *     * `6` - 6
             * @enum {integer|null}
             */
            readonly validity?: 0 | 1 | 3 | 4 | 5 | 6 | null;
            /** @default  */
            readonly reason: string;
        };
        /** @description The eight cells of a reading. */
        readonly Cells: {
            readonly L1_posterior: components["schemas"]["Cell"];
            readonly L1_anterior: components["schemas"]["Cell"];
            readonly L2_posterior: components["schemas"]["Cell"];
            readonly L2_anterior: components["schemas"]["Cell"];
            readonly L3_posterior: components["schemas"]["Cell"];
            readonly L3_anterior: components["schemas"]["Cell"];
            readonly L4_posterior: components["schemas"]["Cell"];
            readonly L4_anterior: components["schemas"]["Cell"];
        };
        /** @description The state of the study after the change. */
        readonly ChangedStudy: {
            readonly state: components["schemas"]["StudyState"];
        };
        /** @description When the activity was measured, and the size of the browser's window at that time. */
        readonly ClientInput: {
            /**
             * Format: int64
             * @description Milliseconds between the activity and the request, which may be sent later.
             * @default 0
             */
            readonly age_ms: number;
            /** @description In CSS pixels. */
            readonly viewport_width?: number;
            /** @description In CSS pixels. */
            readonly viewport_height?: number;
            /** Format: double */
            readonly device_pixel_ratio?: number;
        };
        /** @description The stored comment. */
        readonly Comment: {
            readonly comment: string;
            readonly comment_version: number;
        };
        /** @description The comment on a reading. */
        readonly CommentInput: {
            /** Format: uuid */
            readonly change_id: string;
            readonly version: number;
            readonly text: string;
        };
        /** @description Changes that a person made to the previous version: counts, and distances in `unit`. */
        readonly CornerChanges: {
            readonly moved: number;
            readonly added: number;
            readonly removed: number;
            readonly mean: number;
            readonly most: number;
            /** @enum {string} */
            readonly unit: "mm" | "px";
        };
        /**
         * @description Mean errors before and after on the same corners, in pixels of the 512 x 1024 frame.
         *
         *     The means are over the `corners` that both weights predicted, each compared by its label.
         *     `difference_px` is after minus before, and `interval_px` its 95 % bootstrap interval by
         *     patient. Values that the data do not allow are null.
         */
        readonly CornerComparison: {
            readonly corners: number;
            readonly patients: number;
            readonly missed_before: number;
            readonly missed_after: number;
            readonly before_px: number | null;
            readonly after_px: number | null;
            readonly difference_px: number | null;
            readonly interval_px: readonly number[] | null;
        };
        /** @description Whether the field of view includes the aorta at L1 to L4. */
        readonly CropCheck: {
            readonly method: string;
            /** @enum {string} */
            readonly verdict: "ok" | "cropped" | "borderline" | "unknown";
            readonly levels: {
                readonly [key: string]: components["schemas"]["LevelCrop"];
            };
            readonly evidence: components["schemas"]["CropEvidence"];
        };
        /** @description The evidence for the verdict: the expected anterior aortic wall and the ends of the field. */
        readonly CropEvidence: {
            readonly reason?: string;
            readonly width?: number;
            /** @enum {string} */
            readonly unit?: "mm" | "px";
            readonly front?: readonly (readonly [
                number,
                number
            ])[];
            readonly front_near?: readonly (readonly [
                number,
                number
            ])[];
            readonly front_far?: readonly (readonly [
                number,
                number
            ])[];
            readonly lines?: readonly components["schemas"]["CropLine"][];
            readonly narrowest?: {
                readonly [key: string]: components["schemas"]["FieldEnd"];
            };
            readonly borderline?: readonly string[];
            readonly unseen?: readonly string[];
            readonly vertenet?: components["schemas"]["VerteNetEvidence"];
        };
        /** @description The margin of one line, and where the line leaves the field. */
        readonly CropLine: {
            readonly at: readonly [
                number,
                number
            ];
            /** @enum {string} */
            readonly side: "right" | "left" | "top" | "bottom";
            /** @enum {string} */
            readonly kind: "image" | "edge";
            readonly name: string;
            readonly margin: number;
            readonly leaves: boolean;
            readonly field_end: readonly [
                number,
                number
            ] | null;
        };
        /** @description The reproducibility package of the current readings; null if none was requested. */
        readonly CurrentPackage: {
            readonly package: components["schemas"]["PreparedFile"] | null;
        };
        /** @description The workbook of the current readings; null if none was requested. */
        readonly CurrentWorkbook: {
            readonly workbook: components["schemas"]["PreparedFile"] | null;
        };
        /** @description How the study displays images. */
        readonly Display: {
            readonly anterior: components["schemas"]["StudyAnteriorSide"];
            readonly between_cases: components["schemas"]["StudyViewBetweenCases"];
            readonly minimum_image_px: number;
        };
        /** @description The result of a display check; a contrast is null if no letters were read. */
        readonly DisplayCheck: {
            readonly dark_contrast: number | null;
            readonly bright_contrast: number | null;
            readonly letters_correct: number;
            readonly letters_shown: number;
            readonly required_contrast: number;
            readonly passed: boolean;
        };
        /** @description The letters that were shown and typed, and the window of the browser. */
        readonly DisplayCheckInput: {
            /**
             * Format: int64
             * @description Milliseconds between the activity and the request, which may be sent later.
             * @default 0
             */
            readonly age_ms: number;
            /** @description In CSS pixels. */
            readonly viewport_width?: number;
            /** @description In CSS pixels. */
            readonly viewport_height?: number;
            /** Format: double */
            readonly device_pixel_ratio?: number;
            /**
             * Format: uuid
             * @description A request with the id of a stored check stores nothing.
             */
            readonly check_id: string;
            readonly dark: components["schemas"]["EndInput"];
            readonly bright: components["schemas"]["EndInput"];
        };
        /**
         * @description Whether a display check is due, and how to show one.
         *
         *     `contrasts` are differences from black and white in grey levels of 0 to 255;
         *     `required_contrast` is the largest one at which a reader must read all letters to pass.
         */
        readonly DisplayCheckStatus: {
            readonly option: components["schemas"]["StudyDisplayCheck"];
            readonly due: boolean;
            readonly passed: boolean;
            readonly waived: boolean;
            readonly contrasts: readonly number[];
            readonly required_contrast: number;
            readonly alphabet: string;
            readonly letters_per_contrast: number;
        };
        /** @description Letters at the dark or the bright end, one text per contrast, from strong to weak. */
        readonly EndInput: {
            readonly shown: readonly string[];
            /** @description Blank where the reader could not see any letter. */
            readonly typed: readonly string[];
        };
        /** @description The body of every error of the API. */
        readonly Error: {
            readonly error: components["schemas"]["ErrorDetail"];
        };
        /**
         * @description A code for programs, and a message that tells people why and what to do.
         *
         *     `request_id` of an internal error is also in the line of the server's log.
         */
        readonly ErrorDetail: {
            readonly code: string;
            readonly message: string;
            readonly request_id?: string;
        };
        /**
         * @description The evaluation of weights on one set of images.
         *
         *     `mean_px` and `median_px` are absolute differences per coordinate in the 512 x 1024 frame,
         *     with each corner compared by its label; null if no corner was predicted. `weights` names the
         *     weights, if a table compares two.
         */
        readonly Evaluation: {
            readonly images: string;
            readonly weights: string;
            readonly count: number;
            readonly mean_px: number | null;
            readonly median_px: number | null;
            readonly bodies: number;
            readonly bodies_right: number;
            readonly bodies_missed: number;
        };
        /**
         * @description The reference grades of a submitted practice reading; `last` ends the round.
         *
         *     `aac8` is null in studies that do not score AAC-8.
         */
        readonly Feedback: {
            readonly source: string;
            readonly cells: readonly components["schemas"]["FeedbackCell"][];
            readonly aac8: readonly components["schemas"]["FeedbackAAC8"][] | null;
            readonly plaques: readonly components["schemas"]["Plaque"][];
            readonly last: boolean;
        };
        /**
         * @description The reader's AAC-8 of a wall beside the reference score.
         *
         *     `reference` is measured from the plaques of the reference standard, null without them.
         */
        readonly FeedbackAAC8: {
            /** @enum {string} */
            readonly wall: "posterior" | "anterior";
            /** @enum {unknown} */
            readonly score: 0 | 1 | 2 | 3 | 4 | null;
            readonly validity: number | null;
            /** @enum {unknown} */
            readonly measured: 0 | 1 | 2 | 3 | 4 | null;
            /** @enum {unknown} */
            readonly reference: 0 | 1 | 2 | 3 | 4 | null;
        };
        /**
         * @description The reader's score of a cell beside the reference grade.
         *
         *     `measured` is the grade that follows from the reader's traces, null without traces.
         */
        readonly FeedbackCell: {
            readonly cell: string;
            /** @enum {unknown} */
            readonly score: 0 | 1 | 2 | 3 | null;
            readonly validity: number | null;
            /** @enum {unknown} */
            readonly measured: 0 | 1 | 2 | 3 | null;
            readonly reference: number;
        };
        /** @description Where the field of view ends, on which side, and whether the image ends there too. */
        readonly FieldEnd: {
            readonly at: readonly [
                number,
                number
            ];
            /** @enum {string} */
            readonly side: "right" | "left" | "top" | "bottom";
            /** @enum {string} */
            readonly kind: "image" | "edge";
        };
        /**
         * @description A fine-tuning run.
         *
         *     `steps` is null until training begins, and `seconds` is the time that workers spent on it.
         *     `studies` are the short names of those studies of the run that the person coordinates;
         *     `result` is the id of the resulting model. `comparison` is null until the run is finished.
         */
        readonly FineTuning: {
            /** Format: uuid */
            readonly id: string;
            readonly name: string;
            readonly state: components["schemas"]["FineTuningRunState"];
            readonly failure: string;
            /** Format: uuid */
            readonly start: string;
            readonly result: string | null;
            readonly studies: readonly string[];
            readonly cases: number;
            readonly consent: string;
            readonly step: number;
            readonly steps: number | null;
            readonly seconds: number;
            readonly comparison: components["schemas"]["FineTuningComparison"] | null;
            readonly log: readonly components["schemas"]["TrainingLogRow"][];
            /** Format: date-time */
            readonly created_at: string;
            readonly finished_at: string | null;
        };
        /**
         * @description A case of a run.
         *
         *     `version` is that of its landmarks, null once the case has been rejected. `part` is null
         *     until a part of the training is stored. `withdrawn` states that the case may no longer be
         *     trained on, because it is no longer ready or is used for practice.
         */
        readonly FineTuningCase: {
            readonly study: string;
            readonly case: string;
            readonly patient: string;
            readonly version: number | null;
            readonly part: components["schemas"]["FineTuningCasePart"] | null;
            readonly withdrawn: boolean;
        };
        /** @description One page of the cases; `count` is the number of cases on all pages together. */
        readonly FineTuningCasePage: {
            readonly results: readonly components["schemas"]["FineTuningCase"][];
            readonly count: number;
            readonly page: number;
            readonly pages: number;
        };
        /**
         * @description * `training`: training
         *     * `validation`: selection of weights
         *     * `test`: comparison
         * @enum {string}
         */
        readonly FineTuningCasePart: "training" | "validation" | "test";
        /** @description The comparison on held-out images: corners that people corrected, and the others. */
        readonly FineTuningComparison: {
            readonly corrected: components["schemas"]["CornerComparison"];
            readonly other: components["schemas"]["CornerComparison"];
        };
        /**
         * @description A run on the corrected cases of this study, and of ``more_studies`` by short name.
         *
         *     ``left_out`` are labels of cases that are not used, such as C0012 or trial/C0012; ``consent``
         *     states the basis on which the images may be used for training.
         */
        readonly FineTuningInput: {
            readonly name: string;
            /** Format: uuid */
            readonly start: string;
            readonly consent: string;
            readonly more_studies?: readonly string[];
            readonly left_out?: readonly string[];
        };
        /** @description One page of the runs; `count` is the number of runs on all pages together. */
        readonly FineTuningPage: {
            readonly results: readonly components["schemas"]["FineTuning"][];
            readonly count: number;
            readonly page: number;
            readonly pages: number;
        };
        /**
         * @description * `queued`: waiting for a worker
         *     * `training`: training
         *     * `done`: finished
         *     * `cancelled`: cancelled
         *     * `failed`: failed
         * @enum {string}
         */
        readonly FineTuningRunState: "queued" | "training" | "done" | "cancelled" | "failed";
        /** @description A version of the image that a file with a corrected header replaced. */
        readonly FormerImage: {
            readonly version: number;
            /** Format: date-time */
            readonly replaced_at: string;
            readonly changes: string;
        };
        /** @description A line across the aorta. `end` lies beyond the aorta and possibly outside the image. */
        readonly Guide: {
            readonly name: string;
            /** @enum {string} */
            readonly kind: "guide" | "third";
            readonly posterior: readonly [
                number,
                number
            ];
            readonly anterior: readonly [
                number,
                number
            ];
            readonly end: readonly [
                number,
                number
            ];
        };
        /** @description The guides of a reading and their origin. */
        readonly Guides: {
            readonly guides: readonly components["schemas"]["Guide"][];
            readonly landmarks: components["schemas"]["Landmarks"];
            readonly level_uncertainty: components["schemas"]["LevelUncertainty"] | null;
            readonly note: string;
        };
        /** @description An image, as a viewer shows it. `spacing_mm` is the distance of rows, then of columns. */
        readonly Image: {
            readonly width: number;
            readonly height: number;
            /** @enum {integer} */
            readonly bits: 8 | 16;
            readonly windows: readonly components["schemas"]["NamedWindow"][];
            readonly invert: boolean;
            readonly spacing_mm: readonly [
                number,
                number
            ] | null;
            readonly pixel_aspect: number;
            /** @enum {string} */
            readonly anterior: "right" | "left";
        };
        /** @description The number of threads with unread messages, and announcements to acknowledge. */
        readonly Inbox: {
            readonly unread: number;
            readonly announcements: readonly components["schemas"]["StudyAnnouncement"][];
        };
        /** @description One part of the instructions, as sanitised HTML; `part` is "study" or an arm's code. */
        readonly InstructionPart: {
            readonly part: string;
            readonly title: string;
            readonly html: string;
        };
        /** @description A stored picture; `markdown` shows it in the instructions. */
        readonly InstructionPicture: {
            readonly markdown: string;
            readonly width: number;
            readonly height: number;
        };
        /** @description The current instructions with the scoring guide as HTML; `version` is null without any. */
        readonly Instructions: {
            readonly version: number | null;
            readonly parts: readonly components["schemas"]["InstructionPart"][];
            readonly guide: string;
            readonly acknowledged: readonly string[];
        };
        /** @description The bootstrap intervals of one statistic. */
        readonly Interval: {
            readonly statistic: string;
            readonly arm: string | null;
            readonly readers: readonly string[];
            readonly value: number | null;
            readonly n: number;
            readonly ci: readonly [
                number,
                number
            ] | null;
            readonly ci_bootstrap: readonly [
                number,
                number
            ] | null;
            readonly ci_bootstrap_expanded?: readonly [
                number,
                number
            ] | null;
            readonly ci_bca: readonly [
                number,
                number
            ] | null;
            readonly bootstrap_replicates: number;
            readonly ci_bootstrap_readers: readonly [
                number,
                number
            ] | null;
            readonly note: string | null;
        };
        /**
         * @description Methods of a primary interval, as the design of a study names them.
         * @enum {string}
         */
        readonly IntervalMethod: "expanded" | "percentile" | "bca" | "delta";
        /** @description One version of the landmarks with everything measured on it. */
        readonly LandmarkSet: {
            /** Format: uuid */
            readonly id: string;
            readonly version: number;
            readonly source: components["schemas"]["LandmarkSetSource"];
            readonly model: components["schemas"]["Model"];
            /** @enum {string} */
            readonly anterior: "right" | "left";
            readonly landmarks: components["schemas"]["Landmarks"];
            readonly guides: readonly components["schemas"]["Guide"][];
            readonly crop: components["schemas"]["CropCheck"];
            readonly morphometry: components["schemas"]["Morphometry"];
            readonly level_uncertainty: components["schemas"]["LevelUncertainty"] | null;
            readonly names: components["schemas"]["LevelNames"] | null;
            readonly warnings: readonly components["schemas"]["Warning"][];
            readonly confidence: {
                readonly [key: string]: number | null;
            };
        };
        /**
         * @description * `model`: located by the network
         *     * `shifted`: levels relabelled
         *     * `flipped`: anterior side changed
         *     * `moved`: corners moved
         *     * `taken`: earlier version restored
         * @enum {string}
         */
        readonly LandmarkSetSource: "model" | "shifted" | "flipped" | "moved" | "taken";
        /** @description The vertebral bodies by level; null where a body was not detected. */
        readonly Landmarks: {
            readonly T12: components["schemas"]["VertebralBody"] | null;
            readonly L1: components["schemas"]["VertebralBody"] | null;
            readonly L2: components["schemas"]["VertebralBody"] | null;
            readonly L3: components["schemas"]["VertebralBody"] | null;
            readonly L4: components["schemas"]["VertebralBody"] | null;
            readonly L5: components["schemas"]["VertebralBody"] | null;
        };
        /** @description Rejects unknown fields, because a misspelt corner would count as a removed one. */
        readonly LandmarksInput: {
            readonly T12: components["schemas"]["BodyInput"] | null;
            readonly L1: components["schemas"]["BodyInput"] | null;
            readonly L2: components["schemas"]["BodyInput"] | null;
            readonly L3: components["schemas"]["BodyInput"] | null;
            readonly L4: components["schemas"]["BodyInput"] | null;
            readonly L5: components["schemas"]["BodyInput"] | null;
        };
        /** @description A display check; contrasts in grey levels of 0 to 255, null if no letters were read. */
        readonly LastDisplayCheck: {
            /** Format: date-time */
            readonly at: string;
            readonly dark_contrast: number | null;
            readonly bright_contrast: number | null;
            readonly letters_correct: number;
            readonly letters_shown: number;
            readonly required_contrast: number;
            readonly passed: boolean;
        };
        /** @description The crop check of one level; `margin_px` replaces `margin_mm` without a spacing. */
        readonly LevelCrop: {
            /** @enum {string} */
            readonly verdict: "ok" | "cropped" | "borderline" | "unknown";
            readonly margin_mm: number | null;
            readonly margin_px: number | null;
        };
        /**
         * @description Probabilities of the network's level labels and of other labellings.
         *
         *     `shifts` has the probability of all labels moved by a number of levels (positive: caudally),
         *     and `other_count` that of another number of lumbar vertebrae. `views` is the number of
         *     views on which the probabilities are based.
         */
        readonly LevelNames: {
            readonly probability: number;
            readonly runner_up: components["schemas"]["RunnerUp"] | null;
            readonly shifts: {
                readonly [key: string]: number;
            };
            readonly other_count: number;
            readonly views: number;
        };
        /** @description Why the level labelling, or the view, is uncertain. */
        readonly LevelUncertainty: {
            readonly reason: string;
            readonly detail: string;
        };
        /** @description The conclusion, the sentence that states it, a caution or "", and the interval. */
        readonly MainFinding: {
            readonly verdict: components["schemas"]["Verdict"];
            readonly sentence: string;
            readonly caution: string;
            readonly interval: components["schemas"]["PrimaryInterval"] | null;
        };
        /** @description Measured values by cell, and the unit of the lengths: mm, or pixel widths without spacing. */
        readonly Measured: {
            readonly cells: {
                readonly [key: string]: components["schemas"]["MeasuredCell"];
            };
            readonly aac8: components["schemas"]["MeasuredWalls"];
            /** @enum {string} */
            readonly unit: "mm" | "px";
        };
        /** @description Calcified length, length of the wall in the level, and grade; null where undefined. */
        readonly MeasuredCell: {
            readonly calcified: number | null;
            readonly wall: number | null;
            /** @enum {unknown} */
            readonly grade: 0 | 1 | 2 | 3 | null;
        };
        /** @description The AAC-8 score of each wall; null where undefined. */
        readonly MeasuredWalls: {
            readonly posterior: number | null;
            readonly anterior: number | null;
        };
        /**
         * @description The traces of a reading, and what is measured from them; `version` counts the changes.
         *
         *     `boundaries` are the five level lines of the reader, empty where guides divide the levels.
         */
        readonly Measurement: {
            readonly traces: readonly components["schemas"]["Trace"][];
            readonly boundaries: readonly (readonly [
                readonly [
                    number,
                    number
                ],
                readonly [
                    number,
                    number
                ]
            ] | null)[];
            readonly results: components["schemas"]["Measured"] | null;
            readonly version: number;
        };
        /** @description A message; `author` is "You" or a role. */
        readonly Message: {
            readonly author: string;
            readonly text: string;
            /** Format: date-time */
            readonly written_at: string;
        };
        /** @description The weights that located the corners. `checksum` is the SHA-256 of their file. */
        readonly Model: {
            readonly name: string;
            readonly checksum: string;
            readonly training_note: string;
        };
        /** @description Weights with their name; ``trained_on`` are short names of studies whose cases were used. */
        readonly ModelInput: {
            /** Format: uri */
            readonly file: string;
            readonly name: string;
            readonly card?: string;
            readonly trained_on?: readonly string[];
        };
        /** @description A model in the history of a study. */
        readonly ModelName: {
            /** Format: uuid */
            readonly id: string;
            readonly name: string;
            readonly checksum: string;
        };
        /** @description One page of the models; `count` is the number of models on all pages together. */
        readonly ModelPage: {
            readonly results: readonly components["schemas"]["RegisteredModel"][];
            readonly count: number;
            readonly page: number;
            readonly pages: number;
        };
        /** @description The shape of each vertebral body, and the lordosis from L1 to L5 in degrees. */
        readonly Morphometry: {
            readonly T12: components["schemas"]["BodyShape"] | null;
            readonly L1: components["schemas"]["BodyShape"] | null;
            readonly L2: components["schemas"]["BodyShape"] | null;
            readonly L3: components["schemas"]["BodyShape"] | null;
            readonly L4: components["schemas"]["BodyShape"] | null;
            readonly L5: components["schemas"]["BodyShape"] | null;
            readonly lordosis_deg: number | null;
        };
        /** @description Rejects unknown fields, because a misspelt corner would count as a removed one. */
        readonly MoveInput: {
            readonly based_on: number;
            readonly landmarks: components["schemas"]["LandmarksInput"];
            readonly reason?: string;
        };
        /** @description A display window that the file or VerteRead proposes. */
        readonly NamedWindow: {
            readonly center: number;
            readonly width: number;
            readonly name: string;
        };
        /** @description The reading after the current one, so that its image can be fetched ahead. */
        readonly NextReading: {
            /** Format: uuid */
            readonly id: string;
        };
        /** @description Counts of the cases and readings that a coordinator has access to. */
        readonly Overview: {
            readonly uploaded: number;
            readonly pending_review: number;
            readonly analysing: number;
            readonly failed: number;
            readonly excluded: number;
            readonly ready: number;
            readonly uncertain: number;
            readonly unassigned: number;
            readonly unconfirmed: number;
            readonly assigned: number;
            readonly readings: number;
            readonly submitted: number;
            readonly left: number;
            readonly readers: readonly components["schemas"]["ReaderProgress"][];
            readonly next_step: string;
            readonly next_page: string;
        };
        /** @description The version to replace and the texts to change; the other texts are kept. */
        readonly PatchedReportDetailsInput: {
            readonly version?: number;
            readonly authors?: string;
            readonly funding?: string;
            readonly registration?: string;
            readonly ethics?: string;
            readonly rationale?: string;
            readonly subject_population?: string;
            readonly subject_sampling?: string;
            readonly reader_population?: string;
            readonly reader_sampling?: string;
            readonly sample_size?: string;
        };
        /** @description A period of a reader, and what distinguishes its arm. */
        readonly Period: {
            readonly period: number;
            readonly arm: components["schemas"]["ArmCode"];
            readonly guides: boolean;
            readonly measured: boolean;
        };
        /** @description The period that was acknowledged, and when. */
        readonly PeriodAcknowledged: {
            readonly period: number;
            /** Format: date-time */
            readonly acknowledged_at: string;
        };
        /** @description The period whose announcement the reader acknowledges. */
        readonly PeriodInput: {
            readonly period: number;
        };
        /** @description When a reader acknowledged that a period begins; its arm is left out. */
        readonly PeriodStart: {
            readonly period: number;
            /** Format: date-time */
            readonly acknowledged_at: string;
        };
        /** @description A picture, and the confirmation that it shows nothing that identifies a patient. */
        readonly PictureInput: {
            /** Format: uri */
            readonly file: string;
            readonly confirmed: boolean;
        };
        /** @description The readings of one period, with the expected first and last day at the pace of the plan. */
        readonly PlannedList: {
            readonly period: number;
            readonly arm: components["schemas"]["ArmCode"];
            readonly readings: number;
            readonly repeats: number;
            /** Format: date */
            readonly starts_on: string;
            /** Format: date */
            readonly ends_on: string;
        };
        /**
         * @description A plaque of the reference standard: its centre line, in image pixels.
         *
         *     `level` is empty for the traces of a study's own case, which may cross several levels.
         */
        readonly Plaque: {
            readonly level: string;
            /** @enum {string} */
            readonly wall: "posterior" | "anterior";
            readonly points: readonly (readonly [
                number,
                number
            ])[];
        };
        /** @description A practice round, in the form of a study's reading; `waiting` is its result. */
        readonly PracticeRound: {
            readonly current: components["schemas"]["Reading"] | null;
            readonly next: components["schemas"]["NextReading"] | null;
            readonly waiting: components["schemas"]["Waiting"] | null;
            readonly study: components["schemas"]["ReadStudy"];
            readonly progress: components["schemas"]["Progress"];
            readonly announcement: components["schemas"]["Announcement"] | null;
            readonly break_due: boolean;
            readonly submitted: components["schemas"]["SubmittedPractice"] | null;
            readonly kind: components["schemas"]["PracticeRoundKind"];
        };
        /**
         * @description * `practice`: Practice
         *     * `certification`: Certification
         *     * `refresher`: Refresher
         * @enum {string}
         */
        readonly PracticeRoundKind: "practice" | "certification" | "refresher";
        /** @description A person's keys, display windows by scanner and strength of the guides, once set. */
        readonly Preferences: {
            readonly keys?: {
                readonly [key: string]: string;
            };
            readonly windows?: {
                readonly [key: string]: components["schemas"]["PreferredWindow"];
            };
            readonly guide_strength?: number;
            readonly keep_view?: boolean;
        };
        /** @description Keys, windows, guide strength and view; what is not sent stays unchanged. */
        readonly PreferencesInput: {
            readonly keys?: {
                readonly [key: string]: string;
            };
            readonly windows?: {
                readonly [key: string]: components["schemas"]["WindowInput"];
            };
            /** Format: double */
            readonly guide_strength?: number;
            readonly keep_view?: boolean;
        };
        /** @description Centre and width of a display window, in stored grey values. */
        readonly PreferredWindow: {
            readonly center: number;
            readonly width: number;
        };
        /** @description A prepared file: its state, progress and address, which is null until it is finished. */
        readonly PreparedFile: {
            /** Format: uuid */
            readonly id: string;
            readonly state: components["schemas"]["PreparedFileState"];
            readonly interim: boolean;
            readonly readings_done: number;
            readonly readings: number;
            readonly failure: string | null;
            /** Format: date-time */
            readonly snapshot_at: string;
            readonly data_hash: string | null;
            readonly file_hash: string | null;
            /** Format: date-time */
            readonly created_at: string;
            readonly made_at: string | null;
            readonly url: string | null;
        };
        /**
         * @description * `queued`: waiting for the worker
         *     * `writing`: being written
         *     * `done`: ready
         *     * `failed`: failed
         * @enum {string}
         */
        readonly PreparedFileState: "queued" | "writing" | "done" | "failed";
        /**
         * @description The confidence interval of the main finding, and the one that is stated beside it.
         *
         *     `resamples` is 0 for the delta method. Null intervals are not estimable.
         */
        readonly PrimaryInterval: {
            readonly method: components["schemas"]["IntervalMethod"];
            readonly level: number;
            readonly ci: readonly [
                number,
                number
            ] | null;
            readonly resamples: number;
            readonly seed: number;
            readonly reason: string;
            readonly other_method: components["schemas"]["IntervalMethod"];
            readonly other_ci: readonly [
                number,
                number
            ] | null;
        };
        /** @description A reader's progress; the period and the time left are null where they are not known. */
        readonly Progress: {
            readonly read: number;
            readonly total: number;
            readonly period: number | null;
            readonly periods: number;
            readonly minutes_left: number | null;
        };
        /** @description A question about a reading. */
        readonly QuestionInput: {
            /**
             * Format: uuid
             * @description A request with the id of a stored message stores nothing.
             */
            readonly message_id: string;
            readonly text: string;
        };
        /** @description The study that a reader reads. */
        readonly ReadStudy: {
            readonly name: string;
            readonly slug: string;
            readonly demonstration: boolean;
            readonly revision_rule: components["schemas"]["StudyRevisionRule"];
        };
        /** @description Submitted and assigned readings of one reader, and the reader's sessions. */
        readonly ReaderProgress: {
            readonly label: string;
            readonly name: string;
            readonly site: string;
            readonly read: number;
            readonly total: number;
            readonly last: string | null;
            readonly active: boolean;
            readonly sessions: number;
            readonly last_session: string | null;
            readonly median_session_minutes: number | null;
            readonly readings_per_session: number | null;
            readonly periods: readonly components["schemas"]["PeriodStart"][];
            readonly revisions: number;
        };
        /** @description What a study needs before reading can start, in the order of work. */
        readonly Readiness: {
            readonly ready: boolean;
            readonly requirements: readonly components["schemas"]["Requirement"][];
        };
        /**
         * @description A reading, without anything that identifies its case.
         *
         *     `name` is the name that reader and coordinators share, "" for an ordinary reading in a study
         *     with refreshers. `reopened` is the coordinator's reason, "" for a reading that was not
         *     reopened. `sequence` is null unless the study is sequential.
         */
        readonly Reading: {
            /** Format: uuid */
            readonly id: string;
            readonly name: string;
            readonly arm: components["schemas"]["ArmCode"];
            readonly sequence: components["schemas"]["Step"] | null;
            readonly period: number;
            readonly position: number;
            readonly total: number;
            readonly state: components["schemas"]["ReadingState"];
            readonly in_revision: boolean;
            readonly reopened: string;
            readonly image: components["schemas"]["ReadingImage"];
            readonly cells: components["schemas"]["Cells"];
            readonly aac8: components["schemas"]["AAC8"] | null;
            readonly comment: string;
            readonly comment_version: number;
            readonly guides_allowed: boolean;
            readonly measurement: components["schemas"]["Measurement"] | null;
            readonly boundary: components["schemas"]["StudyBoundary"];
            readonly display: components["schemas"]["Display"];
            readonly validity_codes: readonly components["schemas"]["ValidityCode"][];
        };
        /** @description The image of a reading; `scanner` is a code by which a window setting is stored. */
        readonly ReadingImage: {
            readonly width: number;
            readonly height: number;
            /** @enum {integer} */
            readonly bits: 8 | 16;
            readonly windows: readonly components["schemas"]["NamedWindow"][];
            readonly invert: boolean;
            readonly spacing_mm: readonly [
                number,
                number
            ] | null;
            readonly pixel_aspect: number;
            /** @enum {string} */
            readonly anterior: "right" | "left";
            readonly scanner: string;
        };
        /**
         * @description The reader's latest thread about a reading.
         *
         *     `name` is the reading as the reader sees it, `earlier` how many messages before these are
         *     left out, and `closed` whether a further question starts a new thread.
         */
        readonly ReadingMessages: {
            readonly name: string;
            readonly messages: readonly components["schemas"]["Message"][];
            readonly earlier: number;
            readonly closed: boolean;
            readonly max_length: number;
        };
        /** @description The reading to do now; `submitted` is shown first, and again until the reader continues. */
        readonly ReadingOverview: {
            readonly current: components["schemas"]["Reading"] | null;
            readonly next: components["schemas"]["NextReading"] | null;
            readonly waiting: components["schemas"]["Waiting"] | null;
            readonly study: components["schemas"]["ReadStudy"];
            readonly progress: components["schemas"]["Progress"];
            readonly announcement: components["schemas"]["Announcement"] | null;
            readonly break_due: boolean;
            readonly submitted: components["schemas"]["SubmittedPractice"] | null;
        };
        /**
         * @description One reading session, numbered from 1 for each reader.
         *
         *     `reader` is the reader's label; `readings` counts the readings worked on, `submitted`
         *     those that were submitted, and `break_reminders` the break reminders that were shown.
         *     `ended_at` is null while the session is running. `display_check` is the last one of the
         *     session.
         */
        readonly ReadingSession: {
            readonly reader: string;
            readonly number: number;
            /** Format: date-time */
            readonly started_at: string;
            /** Format: date-time */
            readonly last_activity_at: string;
            readonly ended_at: string | null;
            /** @enum {string} */
            readonly end: "running" | "idle" | "sign_out" | "other_sign_in" | "lock";
            readonly length_s: number;
            readonly readings: number;
            readonly submitted: number;
            readonly active_ms: number;
            readonly idle_ms: number;
            readonly break_reminders: number;
            readonly browser: string;
            readonly viewport_width: number | null;
            readonly viewport_height: number | null;
            readonly device_pixel_ratio: number | null;
            readonly display_checks: number;
            readonly display_check: components["schemas"]["LastDisplayCheck"] | null;
        };
        /** @description One page of reading sessions, the newest first. */
        readonly ReadingSessionPage: {
            readonly results: readonly components["schemas"]["ReadingSession"][];
            readonly count: number;
            readonly page: number;
            readonly pages: number;
        };
        /**
         * @description * `waiting`: waiting
         *     * `open`: open
         *     * `submitted`: submitted
         * @enum {string}
         */
        readonly ReadingState: "waiting" | "open" | "submitted";
        /** @description Why a case is in its state. */
        readonly Reason: {
            readonly code: string;
            readonly text: string;
        };
        /** @description The reason for a decision that takes a case out of the study. */
        readonly ReasonInput: {
            readonly reason: string;
        };
        /** @description Labels of the deactivated reader and of the new reader; ``to`` may be "all". */
        readonly ReassignInput: {
            readonly reader: string;
            readonly to: string;
        };
        /** @description The numbers of reassigned cases and of their readings, and the labels of the new readers. */
        readonly Reassigned: {
            readonly cases: number;
            readonly readings: number;
            readonly to: string;
        };
        /** @description A model; `checksum` is the SHA-256 of its weights file. */
        readonly RegisteredModel: {
            /** Format: uuid */
            readonly id: string;
            readonly name: string;
            readonly origin: components["schemas"]["RegisteredModelOrigin"];
            readonly state: components["schemas"]["RegisteredModelState"];
            readonly failure: string;
            readonly checksum: string;
            readonly size_bytes: number;
            readonly network: string;
            readonly parameters: number;
            readonly trained_on: string;
            readonly evaluation: readonly components["schemas"]["Evaluation"][];
            /** Format: date-time */
            readonly added_at: string;
        };
        /**
         * @description * `installed`: installed with VerteRead
         *     * `uploaded`: uploaded
         *     * `fine_tuned`: fine-tuned on corrected landmarks
         * @enum {string}
         */
        readonly RegisteredModelOrigin: "installed" | "uploaded" | "fine_tuned";
        /**
         * @description * `waiting`: waiting to be checked
         *     * `checking`: being checked
         *     * `ready`: ready
         *     * `rejected`: rejected
         * @enum {string}
         */
        readonly RegisteredModelState: "waiting" | "checking" | "ready" | "rejected";
        /** @description Landmarks as they would be labelled. */
        readonly Relabelled: {
            readonly landmarks: components["schemas"]["Landmarks"];
        };
        /** @description Why a reading is reopened. */
        readonly ReopenInput: {
            readonly reason: string;
        };
        /** @description The state of the reading after the change. */
        readonly Reopened: {
            readonly state: components["schemas"]["ReadingState"];
        };
        /** @description A report: its state, progress and files. Addresses are null until it is finished. */
        readonly Report: {
            /** Format: uuid */
            readonly id: string;
            readonly state: components["schemas"]["ReportRunState"];
            readonly interim: boolean;
            readonly steps_done: number;
            readonly steps: number;
            readonly failure: string | null;
            /** Format: date-time */
            readonly snapshot_at: string;
            readonly data_hash: string | null;
            readonly document_hash: string | null;
            readonly page_hash: string | null;
            readonly pairs_hash: string | null;
            /** Format: date-time */
            readonly created_at: string;
            readonly made_at: string | null;
            readonly url: string | null;
            readonly page_url: string | null;
            readonly pairs_url: string | null;
        };
        /** @description The current report details; `version` is 0 and `changed_at` null before the first one. */
        readonly ReportDetails: {
            readonly version: number;
            readonly changed_at: string | null;
            readonly authors: string;
            readonly funding: string;
            readonly registration: string;
            readonly ethics: string;
            readonly rationale: string;
            readonly subject_population: string;
            readonly subject_sampling: string;
            readonly reader_population: string;
            readonly reader_sampling: string;
            readonly sample_size: string;
        };
        /** @description The study's newest reports. */
        readonly ReportList: {
            readonly results: readonly components["schemas"]["Report"][];
        };
        /**
         * @description * `queued`: waiting for the worker
         *     * `making`: being created
         *     * `done`: ready
         *     * `failed`: failed
         * @enum {string}
         */
        readonly ReportRunState: "queued" | "making" | "done" | "failed";
        /** @description What a study needs before a step; `text` states what there is, or what to do. */
        readonly Requirement: {
            readonly name: string;
            readonly met: boolean;
            readonly text: string;
            /** @enum {string} */
            readonly before: "assignment" | "opening" | "reading";
        };
        /** @description Rejects unknown fields, because a misspelt corner would count as a removed one. */
        readonly RestoreInput: {
            readonly based_on: number;
        };
        /**
         * @description One statistic; the guide to agreement statistics describes the records.
         *
         *     Bounds are those of 95 % confidence intervals. Null values are not estimable.
         */
        readonly Result: {
            readonly statistic: string;
            readonly weights: ("none" | "linear" | "quadratic") | null;
            readonly outcome: string;
            readonly arm: string | null;
            readonly replicate: number | readonly [
                number,
                number
            ];
            readonly readers: readonly string[];
            readonly value: number | null;
            readonly se: number | null;
            readonly ci: readonly [
                number,
                number
            ] | null;
            readonly n: number;
            readonly method: string;
            readonly note: string | null;
            readonly agreement?: number | null;
            readonly arms?: readonly string[];
            readonly bootstrap_replicates?: number;
            readonly cases?: readonly string[];
            readonly ci_1986?: readonly number[] | null;
            readonly ci_bca?: readonly [
                number,
                number
            ] | null;
            readonly ci_bootstrap?: readonly [
                number,
                number
            ] | null;
            readonly ci_bootstrap_expanded?: readonly [
                number,
                number
            ] | null;
            readonly ci_bootstrap_readers?: readonly [
                number,
                number
            ] | null;
            readonly cut?: number;
            readonly degrees?: number;
            readonly form?: string;
            /** @enum {integer} */
            readonly moved_by?: -1 | 1;
            readonly n_arms?: readonly number[];
            readonly note_readers?: string;
            readonly overridden?: number;
            readonly p?: number | null;
            readonly p_chi_square?: number;
            readonly p_exact?: number;
            readonly pairs?: number;
            readonly patients?: number;
            readonly scanner?: string;
            readonly se_clustered?: number | null;
            readonly se_items?: number | null;
            readonly site?: string;
            readonly slope?: number | null;
            readonly slope_p?: number | null;
            readonly stratum?: string;
            readonly unmoved?: number | null;
        };
        /** @description A submitted reading that its reader may revise, without its scores. */
        readonly RevisableReading: {
            /** Format: uuid */
            readonly id: string;
            readonly name: string;
            /** Format: date-time */
            readonly submitted_at: string;
            readonly revisions: number;
        };
        /** @description The study's rule, and the readings that the reader may revise, the latest first. */
        readonly RevisableReadings: {
            readonly rule: components["schemas"]["StudyRevisionRule"];
            readonly readings: readonly components["schemas"]["RevisableReading"][];
        };
        /** @description The reading that the reader revises now. */
        readonly RevisedReading: {
            /** Format: uuid */
            readonly id: string;
            readonly name: string;
        };
        /** @description The second most probable labelling; `shift` is null for another number of lumbar bodies. */
        readonly RunnerUp: {
            readonly shift: number | null;
            readonly probability: number;
        };
        /** @description The stored cell and the state of its reading. */
        readonly SavedCell: {
            readonly cell: components["schemas"]["Cell"];
            readonly reading: components["schemas"]["ScoredReading"];
        };
        /** @description The stored traces. */
        readonly SavedMeasurement: {
            readonly measurement: components["schemas"]["Measurement"];
        };
        /** @description The state of a reading after a score was saved, and the number of cells with a value. */
        readonly ScoredReading: {
            readonly state: components["schemas"]["ReadingState"];
            readonly scored: number;
            readonly complete: boolean;
        };
        /** @description The model for new analyses, and the amendment if the study's model is fixed. */
        readonly SelectModelInput: {
            /** Format: uuid */
            readonly model: string;
            readonly amendment?: components["schemas"]["AmendmentInput"] | null;
        };
        /** @description ``by`` is 1 to relabel cranially and -1 to relabel caudally. */
        readonly ShiftInput: {
            readonly based_on?: number;
            /**
             * @description * `1` - 1
             *     * `-1` - -1
             * @enum {integer}
             */
            readonly by: 1 | -1;
        };
        /** @description The seconds until inactivity ends the sign-in. */
        readonly SignIn: {
            readonly expires_in_s: number;
        };
        /** @description The site where an image was acquired. */
        readonly Site: {
            readonly code: string;
            readonly name: string;
        };
        /** @description Submitted and assigned readings of one site's readers. */
        readonly SiteProgress: {
            readonly site: string;
            readonly readers: number;
            readonly read: number;
            readonly total: number;
        };
        /** @description An error; with `stale`, `cell` is the stored one. */
        readonly StaleCell: {
            readonly error: components["schemas"]["ErrorDetail"];
            readonly cell?: components["schemas"]["Cell"];
        };
        /** @description An error; with `stale`, the comment is the stored one. */
        readonly StaleComment: {
            readonly error: components["schemas"]["ErrorDetail"];
            readonly comment?: string;
            readonly comment_version?: number;
        };
        /** @description An error; with `stale`, `version` is the current version of the landmarks. */
        readonly StaleLandmarks: {
            readonly error: components["schemas"]["ErrorDetail"];
            readonly version?: number;
        };
        /** @description An error; with `stale`, `measurement` is the stored one. */
        readonly StaleMeasurement: {
            readonly error: components["schemas"]["ErrorDetail"];
            readonly measurement?: components["schemas"]["Measurement"];
        };
        /**
         * @description The place of a reading among the readings of its case in a sequential study.
         *
         *     `arms` are the arms of the steps, of which `step` is this one, from 1.
         */
        readonly Step: {
            readonly step: number;
            readonly arms: readonly components["schemas"]["ArmCode"][];
        };
        /**
         * @description A stratum of the batch: its cases, and the fewest and the most of them that one reader reads.
         *
         *     `aac_group` is empty without a reference standard.
         */
        readonly Stratum: {
            readonly scanner: string;
            readonly site: string;
            readonly aac_group: string;
            readonly cases: number;
            readonly fewest: number;
            readonly most: number;
        };
        /** @description An announcement by a coordinator; `author` is a role. */
        readonly StudyAnnouncement: {
            /** Format: uuid */
            readonly id: string;
            readonly author: string;
            readonly text: string;
            /** Format: date-time */
            readonly published_at: string;
        };
        /**
         * @description * `: as acquired
         *     * `right`: right, mirrored where necessary
         *     * `left`: left, mirrored where necessary
         * @enum {string}
         */
        readonly StudyAnteriorSide: "" | "right" | "left";
        /**
         * @description * `lower`: exactly 1/3 is grade 1, exactly 2/3 is grade 2 (VerteRead)
         *     * `upper`: exactly 1/3 is grade 2, exactly 2/3 is grade 3 (Manitoba)
         * @enum {string}
         */
        readonly StudyBoundary: "lower" | "upper";
        /**
         * @description * `off`: off
         *     * `recommended`: recommended: readers can continue without it
         *     * `required`: required: readers must pass it in each reading session
         * @enum {string}
         */
        readonly StudyDisplayCheck: "off" | "recommended" | "required";
        /**
         * @description The model for new analyses of a study; null if none is registered or it may use none.
         *
         *     `fixed` states whether changing the model requires an amendment.
         */
        readonly StudyModel: {
            readonly model: components["schemas"]["RegisteredModel"] | null;
            readonly fixed: boolean;
            readonly history: readonly components["schemas"]["StudyModelChange"][];
        };
        /** @description A model of a study, and the time from which it applied. */
        readonly StudyModelChange: {
            readonly number: number;
            readonly model: components["schemas"]["ModelName"];
            readonly kind: components["schemas"]["StudyModelKind"];
            readonly amendment: components["schemas"]["Amendment"] | null;
            /** Format: date-time */
            readonly at: string;
        };
        /**
         * @description * `selected`: selected by a coordinator
         *     * `fixed`: fixed at the first assignment
         *     * `amended`: changed by an amendment
         * @enum {string}
         */
        readonly StudyModelKind: "selected" | "fixed" | "amended";
        /** @description The progress of each reader and of each site's readers. */
        readonly StudyProgress: {
            readonly readers: readonly components["schemas"]["ReaderProgress"][];
            readonly sites: readonly components["schemas"]["SiteProgress"][];
        };
        /**
         * @description * `never`: never
         *     * `session`: within the current reading session
         *     * `period`: until the period is complete
         * @enum {string}
         */
        readonly StudyRevisionRule: "never" | "session" | "period";
        /**
         * @description * `draft`: being set up
         *     * `open`: open for reading
         *     * `paused`: paused
         *     * `locked`: locked
         * @enum {string}
         */
        readonly StudyState: "draft" | "open" | "paused" | "locked";
        /**
         * @description * `reset`: fit the image and use its opening window
         *     * `keep`: keep zoom, position and window of the previous case
         *     * `reader`: each reader decides
         * @enum {string}
         */
        readonly StudyViewBetweenCases: "reset" | "keep" | "reader";
        /** @description The submission of a reading. */
        readonly SubmitInput: {
            /** Format: uuid */
            readonly change_id: string;
            /**
             * Format: int64
             * @description Milliseconds between the activity and the request, which may be sent later.
             * @default 0
             */
            readonly age_ms: number;
            /** @description In CSS pixels. */
            readonly viewport_width?: number;
            /** @description In CSS pixels. */
            readonly viewport_height?: number;
            /** Format: double */
            readonly device_pixel_ratio?: number;
        };
        /** @description The id of the reading to do next, and the reader's progress. */
        readonly Submitted: {
            readonly next: string | null;
            readonly progress: components["schemas"]["Progress"];
        };
        /** @description A submitted practice reading and its feedback, which the reader has not seen yet. */
        readonly SubmittedPractice: {
            readonly reading: components["schemas"]["Reading"];
            readonly feedback: components["schemas"]["Feedback"];
        };
        /** @description The times of a reading, in milliseconds, and whether a break reminder is due. */
        readonly Time: {
            readonly active_ms: number;
            readonly idle_ms: number;
            readonly break_due: boolean;
        };
        /** @description Intervals that the reading room measured, in milliseconds, and the view at that time. */
        readonly TimeInput: {
            /** Format: uuid */
            readonly change_id: string;
            /**
             * Format: int64
             * @description Milliseconds between the activity and the request, which may be sent later.
             * @default 0
             */
            readonly age_ms: number;
            /** @description In CSS pixels. */
            readonly viewport_width?: number;
            /** @description In CSS pixels. */
            readonly viewport_height?: number;
            /** Format: double */
            readonly device_pixel_ratio?: number;
            readonly active_ms: number;
            readonly idle_ms: number;
            /** @default 0 */
            readonly guides_ms: number;
            readonly view?: components["schemas"]["ViewInput"] | null;
        };
        /** @description A calcified stretch of a wall, from end to end. */
        readonly Trace: {
            /** @enum {string} */
            readonly wall: "posterior" | "anterior";
            readonly points: readonly (readonly [
                number,
                number
            ])[];
        };
        /** @description A calcified stretch of a wall, from end to end. */
        readonly TraceInput: {
            /**
             * @description * `posterior` - posterior
             *     * `anterior` - anterior
             * @enum {string}
             */
            readonly wall: "posterior" | "anterior";
            readonly points: readonly (readonly number[])[];
        };
        /** @description All traces of a reading, and the reader's boundaries of the levels in arms without guides. */
        readonly TracesInput: {
            /** Format: uuid */
            readonly change_id: string;
            readonly version: number;
            readonly traces: readonly components["schemas"]["TraceInput"][];
            readonly boundaries?: readonly (readonly (readonly number[])[] | null)[];
        };
        /** @description A row of the training log; values that were not computed at this step are null. */
        readonly TrainingLogRow: {
            readonly step: number;
            readonly loss: number | null;
            readonly validation_px: number | null;
        };
        /** @description One uploaded file and its result. */
        readonly Upload: {
            /** Format: uuid */
            readonly id: string;
            readonly name: string;
            readonly status: components["schemas"]["UploadStatus"];
            /** Format: date-time */
            readonly at: string;
            readonly reason: components["schemas"]["UploadReason"] | null;
            readonly case: components["schemas"]["Case"] | null;
        };
        /** @description Numbers of a person's uploads by status, of their cases to be analysed and unfinished. */
        readonly UploadCounts: {
            readonly accepted: number;
            readonly pending_review: number;
            readonly replaced: number;
            readonly duplicate: number;
            readonly rejected: number;
            readonly to_analyse: number;
            readonly analysing: number;
        };
        /** @description A file for one site; ``name`` is its path on the sender's computer. */
        readonly UploadInput: {
            /** Format: uri */
            readonly file: string;
            readonly site: string;
            readonly name?: string;
        };
        /** @description The newest uploads, a page of older ones, or those that changed since `cursor`. */
        readonly UploadList: {
            readonly results: readonly components["schemas"]["Upload"][];
            readonly counts: components["schemas"]["UploadCounts"];
            readonly cursor: string;
            readonly more: boolean;
        };
        /** @description Why a file was not added, or needs attention; `detail` is for support. */
        readonly UploadReason: {
            readonly code: string;
            readonly text: string;
            readonly detail: string;
        };
        /**
         * @description * `accepted`: added
         *     * `pending_review`: added, pending de-identification review
         *     * `replaced`: replaced an earlier version
         *     * `duplicate`: already in the study
         *     * `rejected`: not added
         * @enum {string}
         */
        readonly UploadStatus: "accepted" | "pending_review" | "replaced" | "duplicate" | "rejected";
        /** @description A reason why a cell is not readable. */
        readonly ValidityCode: {
            readonly code: number;
            readonly label: string;
        };
        /**
         * @description Conclusion on the difference between the arms, as the API gives it.
         * @enum {string}
         */
        readonly Verdict: "raised" | "lowered" | "not shown" | "too small" | "one arm" | "none";
        /** @description One entry of the history of the landmarks; `moves` where a person moved corners. */
        readonly Version: {
            readonly version: number;
            readonly source: components["schemas"]["LandmarkSetSource"];
            readonly text: string;
            readonly by: string;
            /** Format: date-time */
            readonly at: string;
            readonly parent: number | null;
            readonly reason: string;
            readonly moves: components["schemas"]["CornerChanges"] | null;
        };
        readonly VerteNetEvidence: {
            /** @enum {string} */
            readonly verdict: "ok" | "cropped" | "borderline" | "unknown";
            readonly reason?: string;
            readonly curve?: readonly (readonly [
                number,
                number
            ])[];
            readonly 0.9?: components["schemas"]["VerteNetSamples"];
            readonly "1.0"?: components["schemas"]["VerteNetSamples"];
            readonly 1.1?: components["schemas"]["VerteNetSamples"];
        };
        /** @description The verdict of VerteNet's rule at one distance, with its counts of samples. */
        readonly VerteNetSamples: {
            /** @enum {string} */
            readonly verdict: "ok" | "cropped" | "borderline" | "unknown";
            readonly outside?: number;
            readonly black?: number;
            readonly samples?: number;
        };
        /** @description The corners of a vertebral body, null outside the image; a person's have no confidence. */
        readonly VertebralBody: {
            readonly superior_posterior: readonly [
                number,
                number
            ] | null;
            readonly superior_anterior: readonly [
                number,
                number
            ] | null;
            readonly inferior_posterior: readonly [
                number,
                number
            ] | null;
            readonly inferior_anterior: readonly [
                number,
                number
            ] | null;
            readonly confidence: number | null;
        };
        /** @description The view of an image and its extremes since the last request. */
        readonly ViewInput: {
            /**
             * @description * `fit` - whole image
             *     * `lower_spine` - lower spine
             *     * `actual_size` - actual size
             *     * `manual` - zoomed or moved by the reader
             * @enum {string}
             */
            readonly preset: "fit" | "lower_spine" | "actual_size" | "manual";
            readonly presets: readonly ("fit" | "lower_spine" | "actual_size" | "manual")[];
            /** Format: double */
            readonly zoom: number;
            /** Format: double */
            readonly zoom_min: number;
            /** Format: double */
            readonly zoom_max: number;
            /** Format: double */
            readonly scale: number;
            /** Format: double */
            readonly center: number;
            /** Format: double */
            readonly center_min: number;
            /** Format: double */
            readonly center_max: number;
            /** Format: double */
            readonly width: number;
            /** Format: double */
            readonly width_min: number;
            /** Format: double */
            readonly width_max: number;
            readonly inverted: boolean;
            readonly pane_height?: number;
            readonly pane_height_min?: number;
        };
        /**
         * @description Why a reader has nothing to read; `opens_at` is set if reading resumes automatically.
         *
         *     `parts` are the parts of the instructions to acknowledge, with the code "instructions".
         */
        readonly Waiting: {
            readonly code: string;
            readonly message: string;
            readonly opens_at: string | null;
            readonly parts: readonly string[];
        };
        /** @description A warning for the person who reviews the landmarks. */
        readonly Warning: {
            readonly code: string;
            readonly text: string;
        };
        /**
         * @description The weights that analysed the cases of the batch.
         *
         *     `name` and `checksum` are those of the study's model, which the first assignment fixes, or
         *     empty if it is not registered. `other_cases` were analysed with other weights; `text` states
         *     this and what to do. If `to_confirm`, the assignment has to confirm it.
         */
        readonly Weights: {
            readonly name: string;
            readonly checksum: string;
            readonly other_cases: number;
            readonly to_confirm: boolean;
            readonly text: string;
        };
        /** @description Centre and width of a display window, in stored grey values. */
        readonly WindowInput: {
            /** Format: double */
            readonly center: number;
            /** Format: double */
            readonly width: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type AAC8 = components['schemas']['AAC8'];
export type AcknowledgeInput = components['schemas']['AcknowledgeInput'];
export type Acknowledged = components['schemas']['Acknowledged'];
export type AddedUploads = components['schemas']['AddedUploads'];
export type AdjudicatedCell = components['schemas']['AdjudicatedCell'];
export type AdjudicatedCellInput = components['schemas']['AdjudicatedCellInput'];
export type Adjudication = components['schemas']['Adjudication'];
export type AdjudicationInput = components['schemas']['AdjudicationInput'];
export type Agreement = components['schemas']['Agreement'];
export type Amendment = components['schemas']['Amendment'];
export type AmendmentInput = components['schemas']['AmendmentInput'];
export type Announcement = components['schemas']['Announcement'];
export type ArmCode = components['schemas']['ArmCode'];
export type AssignInput = components['schemas']['AssignInput'];
export type AssignedReader = components['schemas']['AssignedReader'];
export type Assignment = components['schemas']['Assignment'];
export type AssignmentPreview = components['schemas']['AssignmentPreview'];
export type BasedInput = components['schemas']['BasedInput'];
export type Batch = components['schemas']['Batch'];
export type BatchKind = components['schemas']['BatchKind'];
export type BatchPage = components['schemas']['BatchPage'];
export type BodyInput = components['schemas']['BodyInput'];
export type BodyShape = components['schemas']['BodyShape'];
export type Bootstrap = components['schemas']['Bootstrap'];
export type BootstrapRunState = components['schemas']['BootstrapRunState'];
export type BreakReminder = components['schemas']['BreakReminder'];
export type Case = components['schemas']['Case'];
export type CaseDetail = components['schemas']['CaseDetail'];
export type CasePage = components['schemas']['CasePage'];
export type CaseState = components['schemas']['CaseState'];
export type CaseUncertainty = components['schemas']['CaseUncertainty'];
export type Cell = components['schemas']['Cell'];
export type CellInput = components['schemas']['CellInput'];
export type Cells = components['schemas']['Cells'];
export type ChangedStudy = components['schemas']['ChangedStudy'];
export type ClientInput = components['schemas']['ClientInput'];
export type Comment = components['schemas']['Comment'];
export type CommentInput = components['schemas']['CommentInput'];
export type CornerChanges = components['schemas']['CornerChanges'];
export type CornerComparison = components['schemas']['CornerComparison'];
export type CropCheck = components['schemas']['CropCheck'];
export type CropEvidence = components['schemas']['CropEvidence'];
export type CropLine = components['schemas']['CropLine'];
export type CurrentPackage = components['schemas']['CurrentPackage'];
export type CurrentWorkbook = components['schemas']['CurrentWorkbook'];
export type Display = components['schemas']['Display'];
export type DisplayCheck = components['schemas']['DisplayCheck'];
export type DisplayCheckInput = components['schemas']['DisplayCheckInput'];
export type DisplayCheckStatus = components['schemas']['DisplayCheckStatus'];
export type EndInput = components['schemas']['EndInput'];
export type Error = components['schemas']['Error'];
export type ErrorDetail = components['schemas']['ErrorDetail'];
export type Evaluation = components['schemas']['Evaluation'];
export type Feedback = components['schemas']['Feedback'];
export type FeedbackAAC8 = components['schemas']['FeedbackAAC8'];
export type FeedbackCell = components['schemas']['FeedbackCell'];
export type FieldEnd = components['schemas']['FieldEnd'];
export type FineTuning = components['schemas']['FineTuning'];
export type FineTuningCase = components['schemas']['FineTuningCase'];
export type FineTuningCasePage = components['schemas']['FineTuningCasePage'];
export type FineTuningCasePart = components['schemas']['FineTuningCasePart'];
export type FineTuningComparison = components['schemas']['FineTuningComparison'];
export type FineTuningInput = components['schemas']['FineTuningInput'];
export type FineTuningPage = components['schemas']['FineTuningPage'];
export type FineTuningRunState = components['schemas']['FineTuningRunState'];
export type FormerImage = components['schemas']['FormerImage'];
export type Guide = components['schemas']['Guide'];
export type Guides = components['schemas']['Guides'];
export type Image = components['schemas']['Image'];
export type Inbox = components['schemas']['Inbox'];
export type InstructionPart = components['schemas']['InstructionPart'];
export type InstructionPicture = components['schemas']['InstructionPicture'];
export type Instructions = components['schemas']['Instructions'];
export type Interval = components['schemas']['Interval'];
export type IntervalMethod = components['schemas']['IntervalMethod'];
export type LandmarkSet = components['schemas']['LandmarkSet'];
export type LandmarkSetSource = components['schemas']['LandmarkSetSource'];
export type Landmarks = components['schemas']['Landmarks'];
export type LandmarksInput = components['schemas']['LandmarksInput'];
export type LastDisplayCheck = components['schemas']['LastDisplayCheck'];
export type LevelCrop = components['schemas']['LevelCrop'];
export type LevelNames = components['schemas']['LevelNames'];
export type LevelUncertainty = components['schemas']['LevelUncertainty'];
export type MainFinding = components['schemas']['MainFinding'];
export type Measured = components['schemas']['Measured'];
export type MeasuredCell = components['schemas']['MeasuredCell'];
export type MeasuredWalls = components['schemas']['MeasuredWalls'];
export type Measurement = components['schemas']['Measurement'];
export type Message = components['schemas']['Message'];
export type Model = components['schemas']['Model'];
export type ModelInput = components['schemas']['ModelInput'];
export type ModelName = components['schemas']['ModelName'];
export type ModelPage = components['schemas']['ModelPage'];
export type Morphometry = components['schemas']['Morphometry'];
export type MoveInput = components['schemas']['MoveInput'];
export type NamedWindow = components['schemas']['NamedWindow'];
export type NextReading = components['schemas']['NextReading'];
export type Overview = components['schemas']['Overview'];
export type PatchedReportDetailsInput = components['schemas']['PatchedReportDetailsInput'];
export type Period = components['schemas']['Period'];
export type PeriodAcknowledged = components['schemas']['PeriodAcknowledged'];
export type PeriodInput = components['schemas']['PeriodInput'];
export type PeriodStart = components['schemas']['PeriodStart'];
export type PictureInput = components['schemas']['PictureInput'];
export type PlannedList = components['schemas']['PlannedList'];
export type Plaque = components['schemas']['Plaque'];
export type PracticeRound = components['schemas']['PracticeRound'];
export type PracticeRoundKind = components['schemas']['PracticeRoundKind'];
export type Preferences = components['schemas']['Preferences'];
export type PreferencesInput = components['schemas']['PreferencesInput'];
export type PreferredWindow = components['schemas']['PreferredWindow'];
export type PreparedFile = components['schemas']['PreparedFile'];
export type PreparedFileState = components['schemas']['PreparedFileState'];
export type PrimaryInterval = components['schemas']['PrimaryInterval'];
export type Progress = components['schemas']['Progress'];
export type QuestionInput = components['schemas']['QuestionInput'];
export type ReadStudy = components['schemas']['ReadStudy'];
export type ReaderProgress = components['schemas']['ReaderProgress'];
export type Readiness = components['schemas']['Readiness'];
export type Reading = components['schemas']['Reading'];
export type ReadingImage = components['schemas']['ReadingImage'];
export type ReadingMessages = components['schemas']['ReadingMessages'];
export type ReadingOverview = components['schemas']['ReadingOverview'];
export type ReadingSession = components['schemas']['ReadingSession'];
export type ReadingSessionPage = components['schemas']['ReadingSessionPage'];
export type ReadingState = components['schemas']['ReadingState'];
export type Reason = components['schemas']['Reason'];
export type ReasonInput = components['schemas']['ReasonInput'];
export type ReassignInput = components['schemas']['ReassignInput'];
export type Reassigned = components['schemas']['Reassigned'];
export type RegisteredModel = components['schemas']['RegisteredModel'];
export type RegisteredModelOrigin = components['schemas']['RegisteredModelOrigin'];
export type RegisteredModelState = components['schemas']['RegisteredModelState'];
export type Relabelled = components['schemas']['Relabelled'];
export type ReopenInput = components['schemas']['ReopenInput'];
export type Reopened = components['schemas']['Reopened'];
export type Report = components['schemas']['Report'];
export type ReportDetails = components['schemas']['ReportDetails'];
export type ReportList = components['schemas']['ReportList'];
export type ReportRunState = components['schemas']['ReportRunState'];
export type Requirement = components['schemas']['Requirement'];
export type RestoreInput = components['schemas']['RestoreInput'];
export type Result = components['schemas']['Result'];
export type RevisableReading = components['schemas']['RevisableReading'];
export type RevisableReadings = components['schemas']['RevisableReadings'];
export type RevisedReading = components['schemas']['RevisedReading'];
export type RunnerUp = components['schemas']['RunnerUp'];
export type SavedCell = components['schemas']['SavedCell'];
export type SavedMeasurement = components['schemas']['SavedMeasurement'];
export type ScoredReading = components['schemas']['ScoredReading'];
export type SelectModelInput = components['schemas']['SelectModelInput'];
export type ShiftInput = components['schemas']['ShiftInput'];
export type SignIn = components['schemas']['SignIn'];
export type Site = components['schemas']['Site'];
export type SiteProgress = components['schemas']['SiteProgress'];
export type StaleCell = components['schemas']['StaleCell'];
export type StaleComment = components['schemas']['StaleComment'];
export type StaleLandmarks = components['schemas']['StaleLandmarks'];
export type StaleMeasurement = components['schemas']['StaleMeasurement'];
export type Step = components['schemas']['Step'];
export type Stratum = components['schemas']['Stratum'];
export type StudyAnnouncement = components['schemas']['StudyAnnouncement'];
export type StudyAnteriorSide = components['schemas']['StudyAnteriorSide'];
export type StudyBoundary = components['schemas']['StudyBoundary'];
export type StudyDisplayCheck = components['schemas']['StudyDisplayCheck'];
export type StudyModel = components['schemas']['StudyModel'];
export type StudyModelChange = components['schemas']['StudyModelChange'];
export type StudyModelKind = components['schemas']['StudyModelKind'];
export type StudyProgress = components['schemas']['StudyProgress'];
export type StudyRevisionRule = components['schemas']['StudyRevisionRule'];
export type StudyState = components['schemas']['StudyState'];
export type StudyViewBetweenCases = components['schemas']['StudyViewBetweenCases'];
export type SubmitInput = components['schemas']['SubmitInput'];
export type Submitted = components['schemas']['Submitted'];
export type SubmittedPractice = components['schemas']['SubmittedPractice'];
export type Time = components['schemas']['Time'];
export type TimeInput = components['schemas']['TimeInput'];
export type Trace = components['schemas']['Trace'];
export type TraceInput = components['schemas']['TraceInput'];
export type TracesInput = components['schemas']['TracesInput'];
export type TrainingLogRow = components['schemas']['TrainingLogRow'];
export type Upload = components['schemas']['Upload'];
export type UploadCounts = components['schemas']['UploadCounts'];
export type UploadInput = components['schemas']['UploadInput'];
export type UploadList = components['schemas']['UploadList'];
export type UploadReason = components['schemas']['UploadReason'];
export type UploadStatus = components['schemas']['UploadStatus'];
export type ValidityCode = components['schemas']['ValidityCode'];
export type Verdict = components['schemas']['Verdict'];
export type Version = components['schemas']['Version'];
export type VerteNetEvidence = components['schemas']['VerteNetEvidence'];
export type VerteNetSamples = components['schemas']['VerteNetSamples'];
export type VertebralBody = components['schemas']['VertebralBody'];
export type ViewInput = components['schemas']['ViewInput'];
export type Waiting = components['schemas']['Waiting'];
export type Warning = components['schemas']['Warning'];
export type Weights = components['schemas']['Weights'];
export type WindowInput = components['schemas']['WindowInput'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
