import "./styles/site.css";
import { askBeforeForms } from "./site/forms";
import { copyOnClick } from "./site/copy";
import { refreshParts } from "./site/refresh";
import { suggestZone, writeTimes } from "./site/times";

askBeforeForms();
copyOnClick();
writeTimes(document);
suggestZone(document);
refreshParts();
