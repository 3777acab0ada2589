import { requireElement, pageData } from "./dom";
import { UploadPage } from "./upload/page";
import type { UploadPageData } from "./upload/page";

void new UploadPage(requireElement("#upload"), pageData<UploadPageData>()).start();
