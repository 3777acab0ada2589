import { pageData } from "./dom";
import { ModelUpload } from "./models/upload";

const { api } = pageData<{ api: string }>();
const form = document.querySelector<HTMLFormElement>("#model-form");
if (form !== null) {
  new ModelUpload(form, `${api}models/add`, () => {
    window.location.reload();
  });
}
