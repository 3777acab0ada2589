import { vi } from "vitest";

export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** A response with an error status. */
export class Failure {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly message = "",
    readonly more: object = {},
  ) {}
}

type Route = unknown;

/**
 * Replace fetch by a table of responses, such as { "GET /api/x": {...} }, and record the requests.
 *
 * A route may be a function of the request body, which may return a promise. Requests without a route fail as without a connection.
 */
export function serve(routes: Record<string, Route>): SentRequest[] {
  const sent: SentRequest[] = [];
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    const method = init.method ?? "GET";
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : null;
    sent.push({ method, path, body });
    const route = routes[`${method} ${path}`];
    if (route === undefined) return Promise.reject(new TypeError("no connection"));
    return Promise.resolve(typeof route === "function" ? (route as (body: unknown) => unknown)(body) : route).then(response);
  });
  return sent;
}

function response(content: unknown): Response {
  const failed = content instanceof Failure;
  const body = failed ? { ...content.more, error: { code: content.code, message: content.message } } : content;
  return {
    ok: !failed,
    status: failed ? content.status : 200,
    redirected: false,
    url: "",
    text: () => Promise.resolve(typeof body === "string" ? body : JSON.stringify(body)),
    arrayBuffer: () => Promise.resolve(body as ArrayBuffer),
  } as unknown as Response;
}

/** Wait until pending promises and requests have been handled. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
}

export function buttonNamed(root: ParentNode, name: string): HTMLButtonElement {
  const buttons = [...root.querySelectorAll("button")];
  const button = buttons.find((one) => (one.getAttribute("aria-label") ?? one.textContent) === name);
  if (button === undefined) throw new Error(`no button ${name} among ${buttons.map((one) => one.textContent).join(", ")}`);
  return button;
}

/** What the DOM of the tests lacks: pixels of a canvas, and lengths of SVG text. */
export function stubDrawing(): void {
  vi.stubGlobal("ImageData", class {
    readonly data: Uint8ClampedArray;
    readonly width: number;
    constructor(first: number | Uint8ClampedArray, width: number) {
      this.data = typeof first === "number" ? new Uint8ClampedArray(first * width * 4) : first;
      this.width = typeof first === "number" ? first : width;
    }
  });
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  Object.assign(SVGElement.prototype, { getComputedTextLength: () => 40 });
}
