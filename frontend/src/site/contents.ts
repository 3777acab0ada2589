/** Links to tables that are closed (details): following one opens it. */

export function openLinkedDetails(page: Document): void {
  const open = (): void => {
    const id = decodeURIComponent(page.location.hash.slice(1));
    const target = id === "" ? null : page.getElementById(id);
    if (!(target instanceof HTMLDetailsElement)) return;
    target.open = true;
    target.scrollIntoView();
  };
  page.defaultView?.addEventListener("hashchange", open);
  open();
}
