import { DeidentificationReview } from "./cases/deidentification/page";
import type { ReviewPageData } from "./cases/deidentification/page";
import { requireElement, pageData } from "./dom";

void new DeidentificationReview(requireElement("#deidentification"), pageData<ReviewPageData>()).start();
