// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../src/api";
import { StatusScreen } from "../../src/reading/statusscreen";
import { buttonNamed } from "../server";

const progress = { read: 3, total: 24, period: 1, periods: 2, minutes_left: null };

function labels(screen: StatusScreen): string[] {
  return [...screen.root.querySelectorAll("button")].map((one) => one.textContent);
}

describe("status screen", () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it("shows the loading text only after a delay", () => {
    const screen = new StatusScreen("/", "/out");
    screen.showLoading();
    expect(screen.root.hidden).toBe(false);
    expect(screen.root.textContent).toBe("");
    vi.advanceTimersByTime(400);
    expect(screen.root.textContent).toBe("Loading the image\u2026");
  });

  it("shows no loading text once it is hidden", () => {
    const screen = new StatusScreen("/", "/out");
    screen.showLoading();
    screen.hide();
    vi.advanceTimersByTime(400);
    expect(screen.root.hidden).toBe(true);
  });

  it("offers to check again while the study may continue, but not when it is finished", () => {
    const screen = new StatusScreen("/", "/out");
    screen.showWaiting({ code: "paused", message: "Paused by the coordinator.", opens_at: null, parts: [] }, progress, () => undefined);
    expect(labels(screen)).toEqual(["Go to my studies", "Check again"]);
    screen.showWaiting({ code: "done", message: "Thank you.", opens_at: null, parts: [] }, progress, () => undefined);
    expect(labels(screen)).toEqual(["Go to my studies"]);
    expect(screen.root.querySelector("h1")?.textContent).toBe("All cases read");
  });

  it("states where to find when reading continues, and how many cases were read", () => {
    document.documentElement.dataset["timeZone"] = "UTC";
    const screen = new StatusScreen("/", "/out");
    screen.showWaiting({ code: "washout", message: "Washout.", opens_at: "2026-12-24T08:00:00Z", parts: [] }, progress, () => undefined);
    expect(screen.root.textContent).toContain("Washout. See My studies for the date and time. 3 of 24 read.");
  });

  it("offers to switch accounts when another person is signed in", () => {
    const screen = new StatusScreen("/", "/out");
    screen.showError(new ApiError(409, "other_user", "Rolf is signed in."), () => undefined);
    expect(labels(screen)).toEqual(["Try again", "Switch account"]);
    expect(screen.root.textContent).toContain("Your unsent scores are saved on this device.");
  });

  it("continues after a pause", () => {
    const screen = new StatusScreen("/", "/out");
    const resume = vi.fn();
    screen.showPaused(resume);
    buttonNamed(screen.root, "Continue").click();
    expect(resume).toHaveBeenCalledTimes(1);
  });
});
