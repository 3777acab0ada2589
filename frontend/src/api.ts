/** HTTP client; the only module that sends requests (eslint enforces this). */

import type { ErrorDetail } from "./schema";

/** The body of an error; something on the way may answer without a code. */
interface ErrorBody {
  readonly error?: Partial<ErrorDetail>;
}

/** A response other than success. `status` is 0 when no response arrived. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly body: unknown = null,
  ) {
    super(message);
  }

  /** Whether the same request may succeed later, because the connection or the server failed. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }

  /** Whether the session has ended, or the CSRF token is out of date. */
  get isSignedOut(): boolean {
    return this.status === 401 || (this.status === 403 && this.code === "permission_denied");
  }

  /** Under which the server has logged an internal error; empty for other errors. */
  get requestId(): string {
    return (this.body as ErrorBody | null)?.error?.request_id ?? "";
  }

  /** Whether a different person has signed in on this browser since the page was loaded. */
  get isOtherUser(): boolean {
    return this.code === "other_user";
  }
}

/** Distinguishes the latest of several requests: a response to an earlier one may arrive later, and is out of date. */
export class LatestRequest {
  private count = 0;

  /** Begin a request; the returned function tells whether it is still the latest one. */
  begin(): () => boolean {
    const number = (this.count += 1);
    return () => number === this.count;
  }
}

/** Runs one action at a time: a second click while its request is under way must not send it again. */
export class SingleAction {
  private running = false;

  constructor(private readonly onChange: () => void = () => undefined) {}

  get isRunning(): boolean {
    return this.running;
  }

  /** Run the action, or do nothing while another one is running. */
  async run(action: () => Promise<unknown>): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.onChange();
    try {
      await action();
    } finally {
      this.running = false;
      this.onChange();
    }
  }
}

let expectedUser: string | null = null;

/**
 * Send `user` with every request from now on.
 *
 * The server then rejects requests made in another person's session, so that scores can never be stored
 * under the wrong reader when two people share a browser.
 */
export function setExpectedUser(user: string): void {
  expectedUser = user;
}

export async function getJson<T>(path: string): Promise<T> {
  const response = await request(path, { headers: { Accept: "application/json" } });
  return parseJsonBody<T>(response);
}

export async function getBytes(path: string): Promise<ArrayBuffer> {
  const response = await request(path, {});
  return readBody(response.arrayBuffer());
}

export async function getHtml(path: string): Promise<string> {
  const response = await request(path, { headers: { Accept: "text/html" } });
  return readBody(response.text());
}

export async function sendJson<T>(method: "POST" | "PUT", path: string, body: unknown = {}): Promise<T> {
  const response = await request(path, {
    method,
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": csrfToken(),
    },
    body: JSON.stringify(body),
  });
  return parseJsonBody<T>(response);
}

/**
 * Send a form that contains a file; `onProgress` receives the fraction sent, from 0 to 1.
 *
 * Uses XMLHttpRequest because fetch does not report upload progress.
 */
export function uploadForm<T>(path: string, form: FormData, onProgress: (fraction: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", path);
    xhr.setRequestHeader("X-CSRFToken", csrfToken());
    xhr.setRequestHeader("Accept", "application/json");
    xhr.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    xhr.onerror = xhr.ontimeout = () => { reject(connectionError()); };
    xhr.onload = () => {
      const body = tryParseJson(xhr.responseText);
      if (xhr.status >= 200 && xhr.status < 300) resolve(body as T);
      else reject(toApiError(xhr.status, body));
    };
    xhr.send(form);
  });
}

async function request(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    const headers = new Headers(init.headers);
    if (expectedUser !== null) headers.set("X-Expected-User", expectedUser);
    response = await fetch(path, { credentials: "same-origin", ...init, headers });
  } catch {
    throw connectionError();
  }
  if (response.redirected && new URL(response.url).pathname.startsWith("/accounts/")) {
    throw new ApiError(401, "signed_out", "You are signed out. Sign in again.");
  }
  if (!response.ok) throw toApiError(response.status, tryParseJson(await readBody(response.text())));
  return response;
}

/** Read a body; one that breaks off counts as no response, so that the request is sent again. */
async function readBody<T>(body: Promise<T>): Promise<T> {
  try {
    return await body;
  } catch {
    throw connectionError();
  }
}

/** Parse a JSON body. Anything else comes from something on the way, such as a network's sign-in page. */
async function parseJsonBody<T>(response: Response): Promise<T> {
  const text = await readBody(response.text());
  try {
    return (text === "" ? null : JSON.parse(text)) as T;
  } catch {
    throw connectionError();
  }
}

function toApiError(status: number, body: unknown): ApiError {
  const error = (body as ErrorBody | null)?.error;
  const message = error?.message ?? `The server returned an error (HTTP ${String(status)}). Try again later.`;
  return new ApiError(status, error?.code ?? "", message, body);
}

function connectionError(): ApiError {
  return new ApiError(0, "no_answer", "The server could not be reached. Check your connection and try again.");
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function csrfToken(): string {
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith("csrftoken="));
  return cookie === undefined ? "" : decodeURIComponent(cookie.slice("csrftoken=".length));
}
