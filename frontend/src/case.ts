import { CaseReview } from "./cases/review";
import type { CasePlace } from "./cases/review";
import { need, pageData } from "./dom";

void new CaseReview(need("#case"), pageData<CasePlace>()).begin();
