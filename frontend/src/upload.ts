import { need, pageData } from "./dom";
import { UploadPage } from "./upload/page";
import type { UploadPlace } from "./upload/page";

void new UploadPage(need("#upload"), pageData<UploadPlace>()).begin();
