import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError, getJson } from "../src/api";

function answering(body: BodyInit | ReadableStream): void {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(body, { status: 200 })));
}

async function errorOf(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.catch((caught: unknown) => caught);
  if (!(error instanceof ApiError)) throw new Error("expected an ApiError");
  return error;
}

describe("answers", () => {
  afterEach(() => { vi.unstubAllGlobals(); });

  it("takes a page of the network's owner for no answer, so that it is asked again", async () => {
    answering("<html>Sign in to this network</html>");
    expect((await errorOf(getJson("/api/v1/x"))).isTransient).toBe(true);
  });

  it("takes a body that breaks off for no answer", async () => {
    answering(new ReadableStream({ start: (line) => { line.error(new TypeError("gone")); } }));
    expect((await errorOf(getJson("/api/v1/x"))).isTransient).toBe(true);
  });
});
