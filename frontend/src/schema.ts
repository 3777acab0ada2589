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
        readonly AcknowledgedOutput: {
            readonly acknowledged: readonly string[];
        };
        /** @description The uploads of one request: a file, or each file of a zip archive. */
        readonly AddedUploads: {
            readonly results: readonly components["schemas"]["Upload"][];
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
            readonly data_cut: string;
            readonly data_hash: string;
            readonly results: readonly components["schemas"]["Result"][];
            readonly warnings: readonly string[];
            readonly bootstrap: components["schemas"]["Bootstrap"] | null;
        };
        /**
         * @description * `unguided`: Unguided
         *     * `guided`: Guided
         *     * `measured`: Measured
         *     * `guided measured`: Guided, measured
         * @enum {string}
         */
        readonly ArmCode: "unguided" | "guided" | "measured" | "guided measured";
        /** @description One reader's share of an assignment; the site is empty where the reader has none. */
        readonly AssignedReader: {
            readonly label: string;
            readonly site: string;
            readonly readings: number;
            /** @enum {string} */
            readonly first_arm: "unguided" | "guided" | "measured" | "guided measured" | "";
        };
        /** @description The number of readings that were assigned. */
        readonly Assignment: {
            readonly readings: number;
        };
        /** @description The assignment that would be stored now; `left_out` counts cases that are not ready. */
        readonly AssignmentPreview: {
            readonly batch: number;
            readonly cases: number;
            readonly left_out: number;
            readonly minutes_each: number;
            readonly readers: readonly components["schemas"]["AssignedReader"][];
        };
        /** @description ``based_on`` is the landmark version that the person saw; a newer one is a conflict. */
        readonly BasedInput: {
            readonly based_on?: number;
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
        /**
         * @description A case in a list.
         *
         *     `acquired_shifted` is the date of the scan, shifted by a secret number of days. `assigned`
         *     is whether readers have the case. Browsers cache the thumbnail by its address, which contains
         *     the version of the image.
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
            readonly doubt: components["schemas"]["CaseDoubt"] | null;
            readonly anterior: ("right" | "left") | null;
            readonly crop_verdict: ("ok" | "cropped" | "borderline" | "unknown") | null;
            readonly thumbnail: string | null;
            readonly image_version: number | null;
            readonly actions: readonly ("release" | "undo_release" | "reject" | "accept" | "exclude" | "move_corners" | "shift_levels" | "flip_side" | "analyse")[];
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
            readonly doubt: components["schemas"]["CaseDoubt"] | null;
            readonly anterior: ("right" | "left") | null;
            readonly crop_verdict: ("ok" | "cropped" | "borderline" | "unknown") | null;
            readonly thumbnail: string | null;
            readonly image_version: number | null;
            readonly actions: readonly ("release" | "undo_release" | "reject" | "accept" | "exclude" | "move_corners" | "shift_levels" | "flip_side" | "analyse")[];
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
        /** @description Why the level labelling is uncertain, and whether a person has accepted it. */
        readonly CaseDoubt: {
            readonly reason: string;
            readonly detail: string;
            readonly accepted: boolean;
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
             * @description Milliseconds between the activity and the request; more if it was delayed.
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
        /** @description What the verdict rests on: the expected anterior aortic wall and the ends of the field. */
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
        /** @description The workbook of the current readings; null if none was requested. */
        readonly CurrentWorkbook: {
            readonly workbook: components["schemas"]["Workbook"] | null;
        };
        /** @description How the study displays images. */
        readonly Display: {
            readonly anterior: components["schemas"]["StudyAnteriorSide"];
            readonly between_cases: components["schemas"]["StudyViewBetweenCases"];
        };
        /** @description The body of every error of the API. */
        readonly Error: {
            readonly error: components["schemas"]["ErrorDetail"];
        };
        /** @description A code for programs, and a message that tells people why and what to do. */
        readonly ErrorDetail: {
            readonly code: string;
            readonly message: string;
        };
        /** @description The reference grades of a submitted practice reading; `last` ends the round. */
        readonly Feedback: {
            readonly source: string;
            readonly cells: readonly components["schemas"]["FeedbackCell"][];
            readonly plaques: readonly components["schemas"]["Plaque"][];
            readonly last: boolean;
        };
        /** @description The reader's score of a cell beside the reference grade. */
        readonly FeedbackCell: {
            readonly cell: string;
            /** @enum {unknown} */
            readonly score: 0 | 1 | 2 | 3 | null;
            readonly validity: number | null;
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
            readonly level_doubt: components["schemas"]["LevelDoubt"] | null;
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
        /** @description The current instructions with the scoring guide. */
        readonly InstructionsOutput: {
            /** @description null without instructions */
            readonly version: number | null;
            readonly parts: readonly components["schemas"]["PartOutput"][];
            /** @description the scoring guide as HTML */
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
            readonly level_doubt: components["schemas"]["LevelDoubt"] | null;
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
        /** @description The crop check of one level; `margin_px` replaces `margin_mm` without a spacing. */
        readonly LevelCrop: {
            /** @enum {string} */
            readonly verdict: "ok" | "cropped" | "borderline" | "unknown";
            readonly margin_mm: number | null;
            readonly margin_px: number | null;
        };
        /** @description Why the level labelling, or the view, is uncertain. */
        readonly LevelDoubt: {
            readonly reason: string;
            readonly detail: string;
        };
        /** @description The conclusion, the sentence that states it, and a caution or "". */
        readonly MainFinding: {
            readonly verdict: components["schemas"]["Verdict"];
            readonly sentence: string;
            readonly caution: string;
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
        /** @description The weights that located the corners. `checksum` is the SHA-256 of their file. */
        readonly Model: {
            readonly name: string;
            readonly checksum: string;
            readonly training_note: string;
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
            readonly assigned: number;
            readonly readings: number;
            readonly submitted: number;
            readonly left: number;
            readonly readers: readonly components["schemas"]["ReaderProgress"][];
            readonly next_step: string;
            readonly next_page: string;
        };
        /** @description One part of the instructions, as sanitised HTML. */
        readonly PartOutput: {
            /** @description "study", or the code of an arm */
            readonly part: string;
            readonly title: string;
            readonly html: string;
        };
        /** @description A picture, and the confirmation that it shows nothing that identifies a patient. */
        readonly PictureInput: {
            /** Format: uri */
            readonly file: string;
            readonly confirmed: boolean;
        };
        /** @description A stored picture; ``markdown`` shows it in the instructions. */
        readonly PictureOutput: {
            readonly markdown: string;
            readonly width: number;
            readonly height: number;
        };
        /** @description A plaque of the reference standard: its centre line, in image pixels. */
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
            readonly kind: components["schemas"]["PracticeRoundKind"];
        };
        /**
         * @description * `practice`: Practice
         *     * `certification`: Certification
         * @enum {string}
         */
        readonly PracticeRoundKind: "practice" | "certification";
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
        /** @description A reader's progress; the period and the time left are null where they are not known. */
        readonly Progress: {
            readonly read: number;
            readonly total: number;
            readonly period: number | null;
            readonly periods: number;
            readonly minutes_left: number | null;
        };
        /** @description The study that a reader reads. */
        readonly ReadStudy: {
            readonly name: string;
            readonly slug: string;
            readonly demonstration: boolean;
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
        };
        /** @description A reading, without anything that identifies its case. */
        readonly Reading: {
            /** Format: uuid */
            readonly id: string;
            readonly arm: components["schemas"]["ArmCode"];
            readonly period: number;
            readonly position: number;
            readonly total: number;
            readonly state: components["schemas"]["ReadingState"];
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
            readonly data_cut: string;
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
            readonly ci_bootstrap_readers?: readonly [
                number,
                number
            ] | null;
            readonly cut?: number;
            readonly degrees?: number;
            readonly form?: string;
            /** @enum {integer} */
            readonly moved_by?: -1 | 1;
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
        /** @description One reading session. */
        readonly SessionOutput: {
            /** @description Label of the reader. */
            readonly reader: string;
            /** @description From 1 for each reader. */
            readonly number: number;
            /** Format: date-time */
            readonly started_at: string;
            /** Format: date-time */
            readonly last_activity_at: string;
            /** Format: date-time */
            readonly ended_at: string | null;
            /**
             * @description * `running` - running
             *     * `idle` - idle
             *     * `sign_out` - sign_out
             *     * `other_sign_in` - other_sign_in
             *     * `lock` - lock
             * @enum {string}
             */
            readonly end: "running" | "idle" | "sign_out" | "other_sign_in" | "lock";
            readonly length_s: number;
            /** @description Readings worked on. */
            readonly readings: number;
            /** @description Readings submitted. */
            readonly submitted: number;
            readonly active_ms: number;
            readonly idle_ms: number;
            readonly browser: string;
            readonly viewport_width: number | null;
            readonly viewport_height: number | null;
            /** Format: double */
            readonly device_pixel_ratio: number | null;
        };
        /** @description One page of reading sessions, the newest first. */
        readonly SessionPageOutput: {
            readonly results: readonly components["schemas"]["SessionOutput"][];
            readonly count: number;
            readonly page: number;
            readonly pages: number;
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
        readonly SignInOutput: {
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
        /** @description The progress of each reader and of each site's readers. */
        readonly StudyProgress: {
            readonly readers: readonly components["schemas"]["ReaderProgress"][];
            readonly sites: readonly components["schemas"]["SiteProgress"][];
        };
        /** @description The reader's progress in a study and the reading to do now. */
        readonly StudyReading: {
            readonly current: components["schemas"]["Reading"] | null;
            readonly next: components["schemas"]["NextReading"] | null;
            readonly waiting: components["schemas"]["Waiting"] | null;
            readonly study: components["schemas"]["ReadStudy"];
            readonly progress: components["schemas"]["Progress"];
        };
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
             * @description Milliseconds between the activity and the request; more if it was delayed.
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
        /** @description The times of a reading, in milliseconds. */
        readonly Time: {
            readonly active_ms: number;
            readonly idle_ms: number;
        };
        /** @description Intervals that the reading room measured, in milliseconds, and the view meanwhile. */
        readonly TimeInput: {
            /** Format: uuid */
            readonly change_id: string;
            /**
             * Format: int64
             * @description Milliseconds between the activity and the request; more if it was delayed.
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
        /** @description One uploaded file and what became of it. */
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
        /** @description Why a file was not simply added; `detail` is for support. */
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
        /** @description The view of an image: preset, zoom, window and polarity, with extremes since last time. */
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
        };
        /** @description Why a reader has nothing to read; `opens_at` is set when reading resumes by itself. */
        readonly Waiting: {
            readonly code: string;
            readonly message: string;
            readonly opens_at: string | null;
        };
        /** @description A warning for the person who reviews the landmarks. */
        readonly Warning: {
            readonly code: string;
            readonly text: string;
        };
        /** @description Centre and width of a display window, in stored grey values. */
        readonly WindowInput: {
            /** Format: double */
            readonly center: number;
            /** Format: double */
            readonly width: number;
        };
        /** @description A workbook: its state, progress and address, which is null until it is finished. */
        readonly Workbook: {
            /** Format: uuid */
            readonly id: string;
            readonly state: components["schemas"]["WorkbookRunState"];
            readonly interim: boolean;
            readonly readings_done: number;
            readonly readings: number;
            readonly failure: string | null;
            /** Format: date-time */
            readonly data_cut: string;
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
        readonly WorkbookRunState: "queued" | "writing" | "done" | "failed";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type AAC8 = components['schemas']['AAC8'];
export type AcknowledgeInput = components['schemas']['AcknowledgeInput'];
export type AcknowledgedOutput = components['schemas']['AcknowledgedOutput'];
export type AddedUploads = components['schemas']['AddedUploads'];
export type Agreement = components['schemas']['Agreement'];
export type ArmCode = components['schemas']['ArmCode'];
export type AssignedReader = components['schemas']['AssignedReader'];
export type Assignment = components['schemas']['Assignment'];
export type AssignmentPreview = components['schemas']['AssignmentPreview'];
export type BasedInput = components['schemas']['BasedInput'];
export type BodyInput = components['schemas']['BodyInput'];
export type BodyShape = components['schemas']['BodyShape'];
export type Bootstrap = components['schemas']['Bootstrap'];
export type BootstrapRunState = components['schemas']['BootstrapRunState'];
export type Case = components['schemas']['Case'];
export type CaseDetail = components['schemas']['CaseDetail'];
export type CaseDoubt = components['schemas']['CaseDoubt'];
export type CasePage = components['schemas']['CasePage'];
export type CaseState = components['schemas']['CaseState'];
export type Cell = components['schemas']['Cell'];
export type CellInput = components['schemas']['CellInput'];
export type Cells = components['schemas']['Cells'];
export type ChangedStudy = components['schemas']['ChangedStudy'];
export type ClientInput = components['schemas']['ClientInput'];
export type Comment = components['schemas']['Comment'];
export type CommentInput = components['schemas']['CommentInput'];
export type CornerChanges = components['schemas']['CornerChanges'];
export type CropCheck = components['schemas']['CropCheck'];
export type CropEvidence = components['schemas']['CropEvidence'];
export type CropLine = components['schemas']['CropLine'];
export type CurrentWorkbook = components['schemas']['CurrentWorkbook'];
export type Display = components['schemas']['Display'];
export type Error = components['schemas']['Error'];
export type ErrorDetail = components['schemas']['ErrorDetail'];
export type Feedback = components['schemas']['Feedback'];
export type FeedbackCell = components['schemas']['FeedbackCell'];
export type FieldEnd = components['schemas']['FieldEnd'];
export type FormerImage = components['schemas']['FormerImage'];
export type Guide = components['schemas']['Guide'];
export type Guides = components['schemas']['Guides'];
export type Image = components['schemas']['Image'];
export type InstructionsOutput = components['schemas']['InstructionsOutput'];
export type Interval = components['schemas']['Interval'];
export type LandmarkSet = components['schemas']['LandmarkSet'];
export type LandmarkSetSource = components['schemas']['LandmarkSetSource'];
export type Landmarks = components['schemas']['Landmarks'];
export type LandmarksInput = components['schemas']['LandmarksInput'];
export type LevelCrop = components['schemas']['LevelCrop'];
export type LevelDoubt = components['schemas']['LevelDoubt'];
export type MainFinding = components['schemas']['MainFinding'];
export type Measured = components['schemas']['Measured'];
export type MeasuredCell = components['schemas']['MeasuredCell'];
export type MeasuredWalls = components['schemas']['MeasuredWalls'];
export type Measurement = components['schemas']['Measurement'];
export type Model = components['schemas']['Model'];
export type Morphometry = components['schemas']['Morphometry'];
export type MoveInput = components['schemas']['MoveInput'];
export type NamedWindow = components['schemas']['NamedWindow'];
export type NextReading = components['schemas']['NextReading'];
export type Overview = components['schemas']['Overview'];
export type PartOutput = components['schemas']['PartOutput'];
export type PictureInput = components['schemas']['PictureInput'];
export type PictureOutput = components['schemas']['PictureOutput'];
export type Plaque = components['schemas']['Plaque'];
export type PracticeRound = components['schemas']['PracticeRound'];
export type PracticeRoundKind = components['schemas']['PracticeRoundKind'];
export type Preferences = components['schemas']['Preferences'];
export type PreferencesInput = components['schemas']['PreferencesInput'];
export type PreferredWindow = components['schemas']['PreferredWindow'];
export type Progress = components['schemas']['Progress'];
export type ReadStudy = components['schemas']['ReadStudy'];
export type ReaderProgress = components['schemas']['ReaderProgress'];
export type Reading = components['schemas']['Reading'];
export type ReadingImage = components['schemas']['ReadingImage'];
export type ReadingState = components['schemas']['ReadingState'];
export type Reason = components['schemas']['Reason'];
export type ReasonInput = components['schemas']['ReasonInput'];
export type Relabelled = components['schemas']['Relabelled'];
export type ReopenInput = components['schemas']['ReopenInput'];
export type Reopened = components['schemas']['Reopened'];
export type Report = components['schemas']['Report'];
export type ReportList = components['schemas']['ReportList'];
export type ReportRunState = components['schemas']['ReportRunState'];
export type RestoreInput = components['schemas']['RestoreInput'];
export type Result = components['schemas']['Result'];
export type SavedCell = components['schemas']['SavedCell'];
export type SavedMeasurement = components['schemas']['SavedMeasurement'];
export type ScoredReading = components['schemas']['ScoredReading'];
export type SessionOutput = components['schemas']['SessionOutput'];
export type SessionPageOutput = components['schemas']['SessionPageOutput'];
export type ShiftInput = components['schemas']['ShiftInput'];
export type SignInOutput = components['schemas']['SignInOutput'];
export type Site = components['schemas']['Site'];
export type SiteProgress = components['schemas']['SiteProgress'];
export type StaleCell = components['schemas']['StaleCell'];
export type StaleComment = components['schemas']['StaleComment'];
export type StaleLandmarks = components['schemas']['StaleLandmarks'];
export type StaleMeasurement = components['schemas']['StaleMeasurement'];
export type StudyAnteriorSide = components['schemas']['StudyAnteriorSide'];
export type StudyBoundary = components['schemas']['StudyBoundary'];
export type StudyProgress = components['schemas']['StudyProgress'];
export type StudyReading = components['schemas']['StudyReading'];
export type StudyState = components['schemas']['StudyState'];
export type StudyViewBetweenCases = components['schemas']['StudyViewBetweenCases'];
export type SubmitInput = components['schemas']['SubmitInput'];
export type Submitted = components['schemas']['Submitted'];
export type Time = components['schemas']['Time'];
export type TimeInput = components['schemas']['TimeInput'];
export type Trace = components['schemas']['Trace'];
export type TraceInput = components['schemas']['TraceInput'];
export type TracesInput = components['schemas']['TracesInput'];
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
export type WindowInput = components['schemas']['WindowInput'];
export type Workbook = components['schemas']['Workbook'];
export type WorkbookRunState = components['schemas']['WorkbookRunState'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
