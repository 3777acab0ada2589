/** An invitation without a site is for the whole study, except for a reader, who needs a site. */

export function labelEmptySite(): void {
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLSelectElement) || target.dataset["siteRole"] === undefined) return;
    const site = target.form?.elements.namedItem("site");
    const empty = site instanceof HTMLSelectElement ? site.querySelector("option[value='']") : null;
    if (!(site instanceof HTMLSelectElement) || empty === null) return;
    const { readerLabel, otherLabel } = site.dataset;
    empty.textContent = (target.value === "reader" ? readerLabel : otherLabel) ?? "";
  });
}
