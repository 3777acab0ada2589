import "./styles/site.css";
import { askBeforeForms } from "./site/forms";
import { copyOnClick } from "./site/copy";
import { listKeys } from "./site/listkeys";
import { keepProgress } from "./site/progress";
import { refreshParts } from "./site/refresh";
import { suggestZone, writeTimes } from "./site/times";

askBeforeForms();
copyOnClick();
listKeys();
writeTimes(document);
suggestZone(document);
refreshParts();
keepProgress();
