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

  it("shows the message and the request ID of an error of the server", async () => {
    const body = { error: { code: "internal_error", message: "An error occurred on the server.", request_id: "3f2a91bc" } };
    vi.stubGlobal("fetch", () => Promise.resolve(Response.json(body, { status: 500 })));
    const error = await errorOf(getJson("/api/v1/x"));
    expect([error.message, error.requestId]).toEqual(["An error occurred on the server.", "3f2a91bc"]);
  });

  it("treats a body that breaks off as no response", async () => {
    respondWith(new ReadableStream({ start: (line) => { line.error(new TypeError("gone")); } }));
    expect((await errorOf(getJson("/api/v1/x"))).isTransient).toBe(true);
  });
});
