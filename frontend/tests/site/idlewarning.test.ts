// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startIdleWarning } from "../../src/site/idlewarning";

/** A server whose sign-in ends after an hour without a renewal. */
const LIMIT_S = 3600;

function startServer(): { renew: () => void; methods: string[]; end: () => void } {
  let endsAt = Date.now() + LIMIT_S * 1000;
  let signedOut = false;
  const methods: string[] = [];
  const renew = (): void => { endsAt = Date.now() + LIMIT_S * 1000; };
  vi.stubGlobal("fetch", vi.fn((_: string, init: RequestInit = {}) => {
    const method = init.method ?? "GET";
    methods.push(method);
    if (signedOut || Date.now() >= endsAt) {
      const error = { error: { code: "signed_out", message: "You are signed out." } };
      return Promise.resolve(new Response(JSON.stringify(error), { status: 401 }));
    }
    if (method === "POST") renew();
    const body = { expires_in_s: Math.floor((endsAt - Date.now()) / 1000) };
    return Promise.resolve(new Response(JSON.stringify(body), { status: 200 }));
  }));
  return { renew, methods, end: () => { signedOut = true; } };
}

const openDialog = (): HTMLDialogElement | null => document.querySelector<HTMLDialogElement>("dialog[open]");
const wait = (seconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(seconds * 1000);

describe("warning before inactivity ends the sign-in", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
    document.documentElement.dataset["signIn"] = "/api/v1/me/sign-in";
    document.documentElement.dataset["expiresIn"] = String(LIMIT_S);
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    document.body.replaceChildren();
  });

  it("appears two minutes before the end and counts down", async () => {
    startServer();
    startIdleWarning();
    await wait(LIMIT_S - 121);
    expect(openDialog()).toBeNull();
    await wait(1);
    expect(openDialog()?.textContent).toContain("You will be signed out in 2:00");
    await wait(31);
    expect(openDialog()?.textContent).toContain("1:29");
  });

  it("renews the sign-in on request and appears again after the next idle hour", async () => {
    const { methods } = startServer();
    startIdleWarning();
    await wait(LIMIT_S - 100);
    openDialog()?.querySelector("button")?.click();
    await wait(0);
    expect(openDialog()).toBeNull();
    expect(methods.filter((method) => method === "POST")).toHaveLength(1);
    await wait(LIMIT_S - 125);
    expect(openDialog()).toBeNull();
    await wait(10);
    expect(openDialog()).not.toBeNull();
  });

  it("stays closed when a check that was sent before the renewal is answered after it", async () => {
    startServer();
    startIdleWarning();
    await wait(LIMIT_S - 120);
    const respond = window.fetch;
    let answer: (response: Response) => void = () => undefined;
    vi.stubGlobal("fetch", (path: string, init: RequestInit = {}) =>
      init.method === "POST" ? respond(path, init) : new Promise<Response>((resolve) => { answer = resolve; }));
    await wait(16);
    openDialog()?.querySelector("button")?.click();
    await wait(0);
    expect(openDialog()).toBeNull();
    answer(new Response(JSON.stringify({ expires_in_s: 100 }), { status: 200 }));
    await wait(1);
    expect(openDialog()).toBeNull();
  });

  it("does not appear while another tab is in use", async () => {
    const { renew } = startServer();
    startIdleWarning();
    await wait(LIMIT_S - 200);
    renew();
    await wait(150);
    expect(openDialog()).toBeNull();
  });

  it("disappears when another tab renews the sign-in", async () => {
    const { renew } = startServer();
    startIdleWarning();
    await wait(LIMIT_S - 110);
    expect(openDialog()).not.toBeNull();
    renew();
    await wait(16);
    expect(openDialog()).toBeNull();
  });

  it("disappears after signing out", async () => {
    const { methods } = startServer();
    startIdleWarning();
    await wait(LIMIT_S + 20);
    expect(openDialog()).toBeNull();
    const { length } = methods;
    await wait(LIMIT_S);
    expect(methods).toHaveLength(length);
  });

  it("is not started on pages without a sign-in", async () => {
    delete document.documentElement.dataset["signIn"];
    const { methods } = startServer();
    startIdleWarning();
    await wait(2 * LIMIT_S);
    expect(methods).toEqual([]);
  });
});
