import "./styles/review.css";
import { pageData, requireElement } from "./dom";
import { ReviewPage } from "./review/page";
import type { ReviewedCase } from "./review/contract";

void new ReviewPage(requireElement("#review-image"), requireElement("#review-readings"), pageData<ReviewedCase>()).start();
