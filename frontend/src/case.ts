import { CaseReview } from "./cases/review";
import type { CasePageData } from "./cases/review";
import { requireElement, pageData } from "./dom";

void new CaseReview(requireElement("#case"), pageData<CasePageData>()).start();
