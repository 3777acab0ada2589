// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { enableCopyButtons } from "../../src/site/copy";
import { enableFormDialogs } from "../../src/site/forms";
import { labelEmptySite } from "../../src/site/invitation";
import { enableListKeys } from "../../src/site/listkeys";
import { startProgressUpdates } from "../../src/site/progress";
import { startRefresh } from "../../src/site/refresh";
import { enableTextFiles } from "../../src/site/textfile";
import { formatTimes, offerBrowserTimeZone, offerTimeZoneAtHome, suggestTimeZone } from "../../src/site/times";
import { buttonNamed, serve, settle } from "../server";

enableFormDialogs();
enableListKeys();
labelEmptySite();
enableCopyButtons();

function requireForm(): HTMLFormElement {
  const form = document.querySelector<HTMLFormElement>("form[data-confirm], form[data-ask]");
  if (form === null) throw new Error("no form");
  return form;
}

describe("forms", () => {
  afterEach(() => { vi.useRealTimers(); });

  it("are sent only after confirmation", async () => {
    document.body.innerHTML = '<form data-confirm="Scores can no longer change." data-confirm-button="Lock study"><button>Lock</button></form>';
    const form = requireForm();
    const send = vi.spyOn(form, "requestSubmit").mockImplementation(() => undefined);
    form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    expect(document.querySelector("dialog")?.textContent).toContain("Scores can no longer change.");
    expect(send).not.toHaveBeenCalled();
    document.querySelector("dialog form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await settle();
    expect(send).toHaveBeenCalledTimes(1);
  });

  it("send the text that was asked for", async () => {
    document.body.innerHTML = '<form data-ask="Reason" data-confirm-button="Exclude"></form>';
    const form = requireForm();
    vi.spyOn(form, "requestSubmit").mockImplementation(() => undefined);
    form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    const text = document.querySelector<HTMLTextAreaElement>("dialog textarea");
    if (text === null) throw new Error("no text");
    text.value = "wrong patient";
    document.querySelector("dialog form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await settle();
    expect(form.querySelector<HTMLInputElement>("input[name=reason]")?.value).toBe("wrong patient");
  });

  it.each([
    ["a dangerous button", "<form data-confirm='Sure?'><button class='danger'>Lock study</button></form>", "danger"],
    ["an attribute of the form", "<form data-confirm='Sure?' data-confirm-danger><button>Remove</button></form>", "danger"],
    ["an ordinary button", "<form data-confirm='Sure?'><button>Assign cases</button></form>", "primary"],
  ])("confirm with the weight of %s", (_, markup, weight) => {
    document.body.innerHTML = markup;
    const submitter = requireForm().querySelector("button");
    requireForm().dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true, submitter }));
    expect(document.querySelector("dialog [type=submit]")?.className).toBe(weight);
  });

  it("are sent once when the button is pressed again before the next page arrives", () => {
    vi.useFakeTimers();
    document.body.innerHTML = '<form method="post"><button>Create study</button></form>';
    const form = document.querySelector("form");
    const submitter = document.querySelector("button");
    const send = (): boolean => form?.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true, submitter })) ?? false;
    expect(send()).toBe(true);
    expect(submitter?.getAttribute("aria-disabled")).toBe("true");
    expect(send()).toBe(false);
    // The response may have been a download, or the person has stopped the page.
    vi.advanceTimersByTime(6_000);
    expect(submitter?.hasAttribute("aria-disabled")).toBe(false);
    expect(send()).toBe(true);
    // The back button may show the page as it was left.
    window.dispatchEvent(new Event("pageshow"));
    expect(send()).toBe(true);
  });

  it("ask again before they are sent a second time", async () => {
    document.body.innerHTML = '<form data-confirm="Sure?" data-confirm-button="Lock study"><button>Lock</button></form>';
    const form = requireForm();
    const send = vi.spyOn(form, "requestSubmit").mockImplementation(() => undefined);
    for (let time = 1; time <= 2; time += 1) {
      form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
      document.querySelector("dialog form")?.dispatchEvent(new Event("submit", { cancelable: true }));
      await settle();
      expect(send).toHaveBeenCalledTimes(time);
    }
  });

  it("are not sent when the person cancels", async () => {
    document.body.innerHTML = '<form data-confirm="Sure?"></form>';
    const send = vi.spyOn(requireForm(), "requestSubmit").mockImplementation(() => undefined);
    requireForm().dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    const dialog = document.querySelector("dialog");
    if (dialog !== null) buttonNamed(dialog, "Cancel").click();
    await settle();
    expect(send).not.toHaveBeenCalled();
  });
});

describe("the invitation form", () => {
  it("offers the whole study to other roles than readers", () => {
    document.body.innerHTML = `<form><select name="role" data-site-role><option value="reader"></option><option value="statistician"></option></select>
      <select name="site" data-reader-label="Select a site" data-other-label="Whole study"><option value="">Select a site</option><option value="1">A</option></select></form>`;
    const [role, site] = document.querySelectorAll("select");
    for (const [value, label] of [["statistician", "Whole study"], ["reader", "Select a site"]] as const) {
      if (role !== undefined) role.value = value;
      role?.dispatchEvent(new Event("change", { bubbles: true }));
      expect(site?.options[0]?.textContent).toBe(label);
    }
  });
});

describe("keyboard navigation", () => {
  it("follows n to the next page, but not while typing", () => {
    document.body.innerHTML = '<nav class="pager"><a rel="next" href="#next">Next</a></nav><input>';
    const click = vi.fn((event: Event) => { event.preventDefault(); });
    document.querySelector("a")?.addEventListener("click", click);
    const press = (target: EventTarget | null): void => { target?.dispatchEvent(new KeyboardEvent("keydown", { key: "n", bubbles: true })); };
    press(document.querySelector("input"));
    expect(click).not.toHaveBeenCalled();
    press(document.body);
    expect(click).toHaveBeenCalledTimes(1);
  });

  it("moves between thumbnails with arrow keys", () => {
    document.body.innerHTML =
      '<div id="cases"><ul class="thumbnails"><li><a class="thumbnail" href="#1">1</a></li><li><a class="thumbnail" href="#2">2</a></li></ul></div>';
    const [first, second] = document.querySelectorAll<HTMLElement>("a");
    first?.focus();
    first?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    expect(document.activeElement).toBe(second);
  });
});

/** The time zone of the browser, and another one. */
function zones(): [string, string] {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [zone, zone === "UTC" ? "Asia/Tokyo" : "UTC"];
}

describe("times", () => {
  it("are shown in the time zone of the account", () => {
    document.documentElement.dataset["timeZone"] = "Europe/Berlin";
    document.body.innerHTML = '<time datetime="2026-11-22T13:05:00Z"></time><time datetime="2026-11-22">22 Nov 2026</time>';
    formatTimes(document);
    expect([...document.querySelectorAll("time")].map((time) => time.textContent)).toEqual(["22 Nov 2026, 14:05", "22 Nov 2026"]);
  });

  it("keep a time zone that was selected", () => {
    document.body.innerHTML = '<input name="time_zone" value="Asia/Tokyo">';
    suggestTimeZone(document);
    expect(document.querySelector("input")?.value).toBe("Asia/Tokyo");
  });

  it("offer the browser's time zone on the profile page without changing the selected one", () => {
    const [zone, other] = zones();
    document.body.innerHTML = `<input name="time_zone" value="${other}"><p data-browser-time-zone hidden></p>`;
    suggestTimeZone(document);
    offerBrowserTimeZone(document);
    expect(document.querySelector("input")?.value).toBe(other);
    expect(document.querySelector("p")?.hidden).toBe(false);
    buttonNamed(document.body, `Use ${zone}`).click();
    expect(document.querySelector("input")?.value).toBe(zone);
  });

  it("offer the browser's time zone on the home page, until the one of the account is kept", () => {
    localStorage.clear();
    const [zone, other] = zones();
    const show = (): HTMLFormElement => {
      document.body.innerHTML = `<form data-time-zone-offer hidden><input name="time_zone" value="${other}"><div class="message"><div></div></div></form>`;
      suggestTimeZone(document);
      offerTimeZoneAtHome(document);
      return document.querySelector("form") ?? document.createElement("form");
    };
    const form = show();
    expect(form.hidden).toBe(false);
    expect(form.textContent).toContain(`Times are shown in ${other}, but your browser is set to ${zone}.`);
    // The button submits the form with the browser's time zone.
    expect([buttonNamed(form, `Use ${zone}`).type, form.querySelector("input")?.value]).toEqual(["submit", zone]);
    buttonNamed(form, `Keep ${other}`).click();
    expect(form.hidden).toBe(true);
    expect(show().hidden).toBe(true);
  });

  it.each([["Asia/Kolkata", "Asia/Calcutta"], ["Asia/Calcutta", "Asia/Kolkata"]])("offer nothing if %s is another name of %s", (account, browser) => {
    localStorage.clear();
    vi.spyOn(Intl.DateTimeFormat.prototype, "resolvedOptions").mockReturnValueOnce({ timeZone: browser } as Intl.ResolvedDateTimeFormatOptions);
    document.body.innerHTML = `<form data-time-zone-offer hidden><input name="time_zone" value="${account}"><div class="message"><div></div></div></form>`;
    offerTimeZoneAtHome(document);
    expect(document.querySelector("form")?.hidden).toBe(true);
  });

  it("offer nothing if the account already has the browser's time zone", () => {
    const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    document.body.innerHTML = `<input name="time_zone" value="${zone}"><p data-browser-time-zone hidden></p>`;
    offerBrowserTimeZone(document);
    expect(document.querySelector("p")?.hidden).toBe(true);
  });
});

describe("text files", () => {
  it("fill the field of their form", async () => {
    enableTextFiles();
    document.body.innerHTML = '<form><textarea></textarea><input type="file" data-text-file></form>';
    const chooser = document.querySelector("input");
    Object.defineProperty(chooser, "files", { value: [new File(['{"readings": []}'], "traces.json")] });
    chooser?.dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
    expect(document.querySelector("textarea")?.value).toBe('{"readings": []}');
  });
});

describe("copy buttons", () => {
  it("ask for Ctrl+C where the browser has no clipboard", async () => {
    document.body.innerHTML = '<div class="copy"><input value="https://x"><button data-copy>Copy</button></div>';
    vi.stubGlobal("navigator", {});
    document.querySelector("button")?.click();
    await settle();
    expect(document.querySelector("button")?.textContent).toBe("Press Ctrl+C");
    vi.unstubAllGlobals();
  });
});

describe("copy buttons on a slow device", () => {
  afterEach(() => { vi.useRealTimers(); });

  it("return to their label after two clicks", async () => {
    vi.useFakeTimers();
    document.body.innerHTML = '<div class="copy"><input value="https://x"><button data-copy>Copy</button></div>';
    const button = document.querySelector("button");
    button?.click();
    await vi.advanceTimersByTimeAsync(500);
    button?.click();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(button?.textContent).toBe("Copy");
  });
});

describe("periodic updates", () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); vi.unstubAllGlobals(); });

  it("replace a part of the page, and stop when the new part is not refreshed", async () => {
    document.body.innerHTML = '<div id="jobs" data-refresh="5">running</div>';
    const sent = serve({ [`GET ${window.location.href}`]: '<html><body><div id="jobs">done</div></body></html>' });
    startRefresh();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(document.querySelector("#jobs")?.textContent).toBe("done");
    expect(sent).toHaveLength(1);
  });

  it("keep a part whose details are opened while the page is being fetched", async () => {
    document.body.innerHTML = '<div id="jobs" data-refresh="5"><details><summary>Log</summary>lines</details></div>';
    let answer: (page: string) => void = () => undefined;
    serve({ [`GET ${window.location.href}`]: () => new Promise((resolve) => { answer = resolve; }) });
    startRefresh();
    await vi.advanceTimersByTimeAsync(6_000);
    document.querySelector("details")?.setAttribute("open", "");
    answer('<html><body><div id="jobs">done</div></body></html>');
    await vi.advanceTimersByTimeAsync(100);
    expect(document.querySelector("#jobs details[open]")).not.toBeNull();
  });

  it("wait longer after each failure", async () => {
    document.body.innerHTML = '<div id="jobs" data-refresh="5">running</div>';
    const sent = serve({});
    startRefresh();
    await vi.advanceTimersByTimeAsync(36_000);
    expect(sent).toHaveLength(3);
  });

  it("update the progress of readers and sites", async () => {
    document.body.innerHTML =
      '<table data-progress="/api/progress"><tr data-reader="R01"><th>R01</th><td></td><td><progress></progress></td><td>0 of 4</td><td></td></tr></table>';
    serve({ "GET /api/progress": { readers: [{ label: "R01", read: 3, total: 4, last: "2026-11-22T13:05:00Z" }, { label: "R02", read: 0, total: 4, last: null }], sites: [] } });
    startProgressUpdates();
    await vi.advanceTimersByTimeAsync(16_000);
    expect(document.querySelector("progress")?.value).toBe(3);
    expect(document.querySelector("table")?.textContent).toContain("3 of 4");
    expect(document.querySelector("time")?.dateTime).toBe("2026-11-22T13:05:00Z");
  });
});
