import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError, getJson } from "../src/api";

function respondWith(body: BodyInit | ReadableStream): void {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(body, { status: 200 })));
}

async function errorOf(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.catch((caught: unknown) => caught);
  if (!(error instanceof ApiError)) throw new Error("expected an ApiError");
  return error;
}

describe("responses", () => {
  afterEach(() => { vi.unstubAllGlobals(); });

  it("treats a network's sign-in page as no response, so that the request is repeated", async () => {
    respondWith("<html>Sign in to this network</html>");
    expect((await errorOf(getJson("/api/v1/x"))).isTransient).toBe(true);
  });

  it("treats a body that breaks off as no response", async () => {
    respondWith(new ReadableStream({ start: (line) => { line.error(new TypeError("gone")); } }));
    expect((await errorOf(getJson("/api/v1/x"))).isTransient).toBe(true);
  });
});
