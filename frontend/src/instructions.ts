import { InstructionsPage } from "./instructions/page";
import { pageData, requireElement } from "./dom";

const { api, study } = pageData<{ api: string; study: string }>();
const form = document.querySelector<HTMLFormElement>("#picture-form");
if (form !== null) {
  new InstructionsPage(form, requireElement<HTMLTextAreaElement>("#id_text"), `${api}studies/${study}/instructions/pictures`);
}
