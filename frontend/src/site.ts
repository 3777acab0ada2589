import "./styles/site.css";
import { enableFormDialogs } from "./site/forms";
import { enableCopyButtons } from "./site/copy";
import { startIdleWarning } from "./site/idlewarning";
import { enableListKeys } from "./site/listkeys";
import { startProgressUpdates } from "./site/progress";
import { startRefresh } from "./site/refresh";
import { formatTimes, offerBrowserTimeZone, suggestTimeZone } from "./site/times";

enableFormDialogs();
enableCopyButtons();
enableListKeys();
formatTimes(document);
suggestTimeZone(document);
offerBrowserTimeZone(document);
startIdleWarning();
startRefresh();
startProgressUpdates();
