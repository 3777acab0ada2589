import { DeidentificationReview } from "./cases/deidentification";
import type { ReviewPlace } from "./cases/deidentification";
import { need, pageData } from "./dom";

void new DeidentificationReview(need("#deidentification"), pageData<ReviewPlace>()).begin();
