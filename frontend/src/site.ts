import "./styles/site.css";
import { enableFormDialogs } from "./site/forms";
import { enableCopyButtons } from "./site/copy";
import { startIdleWarning } from "./site/idlewarning";
import { enableListKeys } from "./site/listkeys";
import { startProgressUpdates } from "./site/progress";
import { startRefresh } from "./site/refresh";
import { suggestTimeZone, formatTimes } from "./site/times";

enableFormDialogs();
enableCopyButtons();
enableListKeys();
formatTimes(document);
suggestTimeZone(document);
startIdleWarning();
startRefresh();
startProgressUpdates();
