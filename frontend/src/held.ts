import { HeldSheet } from "./cases/held";
import type { HeldPlace } from "./cases/held";
import { need, pageData } from "./dom";

void new HeldSheet(need("#held"), pageData<HeldPlace>()).begin();
