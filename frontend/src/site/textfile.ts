/** File choosers that put the text of a file into the field beside them; the file itself is not sent. */

export function enableTextFiles(): void {
  document.addEventListener("change", (event) => {
    const chooser = event.target;
    if (!(chooser instanceof HTMLInputElement) || chooser.dataset["textFile"] === undefined) return;
    const field = chooser.form?.querySelector("textarea") ?? null;
    const file = chooser.files?.[0];
    if (field === null || file === undefined) return;
    void file.text().then((text) => { field.value = text; });
  });
}
