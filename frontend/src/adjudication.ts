import "./styles/review.css";
import { AdjudicationPage } from "./review/adjudicationpage";
import type { AdjudicationData } from "./review/contract";
import { pageData, requireElement } from "./dom";

void new AdjudicationPage(requireElement("#adjudication-image"), requireElement("#adjudication-scores"), pageData<AdjudicationData>()).start();
