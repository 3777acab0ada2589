/** The only place that talks to the server. */

interface ErrorBody {
  readonly error?: { readonly code?: string; readonly message?: string; readonly detail?: unknown };
}

/** An answer that is not a success. `status` 0 means that no answer came at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly body: unknown = null,
  ) {
    super(message);
  }

  /** The line or the server is at fault: the same request may work later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }

  /** Nobody is signed in (any more), or the token against forged requests is too old. */
  get signedOut(): boolean {
    return this.status === 401 || (this.status === 403 && this.code === "permission_denied");
  }

  /** Another person than the page's has signed in on this browser. */
  get otherUser(): boolean {
    return this.code === "other_user";
  }
}

let expectedUser: string | null = null;

/** From now on the server refuses every request that arrives under another person's session. */
export function expectUser(user: string): void {
  expectedUser = user;
}

export async function getJson<T>(path: string): Promise<T> {
  const answer = await request(path, { headers: { Accept: "application/json" } });
  return json<T>(answer);
}

export async function getBytes(path: string): Promise<ArrayBuffer> {
  const answer = await request(path, {});
  return whole(answer.arrayBuffer());
}

export async function getPage(path: string): Promise<string> {
  const answer = await request(path, { headers: { Accept: "text/html" } });
  return whole(answer.text());
}

export async function send<T>(method: "POST" | "PUT", path: string, body: unknown = {}): Promise<T> {
  const answer = await request(path, {
    method,
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": csrfToken(),
    },
    body: JSON.stringify(body),
  });
  return json<T>(answer);
}

/** Sends one form with a file in it and says how much of it has gone (0 to 1). */
export function upload<T>(path: string, form: FormData, onProgress: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", path);
    call.setRequestHeader("X-CSRFToken", csrfToken());
    call.setRequestHeader("Accept", "application/json");
    call.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    call.onerror = call.ontimeout = () => { reject(noAnswer()); };
    call.onload = () => {
      const body = parsed(call.responseText);
      if (call.status >= 200 && call.status < 300) resolve(body as T);
      else reject(failure(call.status, body));
    };
    call.send(form);
  });
}

async function request(path: string, init: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    const headers = new Headers(init.headers);
    if (expectedUser !== null) headers.set("X-Expected-User", expectedUser);
    answer = await fetch(path, { credentials: "same-origin", ...init, headers });
  } catch {
    throw noAnswer();
  }
  if (answer.redirected && new URL(answer.url).pathname.startsWith("/accounts/")) {
    throw new ApiError(401, "signed_out", "You are signed out.");
  }
  if (!answer.ok) throw failure(answer.status, parsed(await whole(answer.text())));
  return answer;
}

/** A body that breaks off is no answer. */
async function whole<T>(body: Promise<T>): Promise<T> {
  try {
    return await body;
  } catch {
    throw noAnswer();
  }
}

/** What is no JSON was not sent by the server, but by something on the way (a sign-in to a network). */
async function json<T>(answer: Response): Promise<T> {
  const text = await whole(answer.text());
  try {
    return (text === "" ? null : JSON.parse(text)) as T;
  } catch {
    throw noAnswer();
  }
}

function failure(status: number, body: unknown): ApiError {
  const error = (body as ErrorBody | null)?.error;
  const message = error?.message ?? `The server answered with an error (${String(status)}).`;
  return new ApiError(status, error?.code ?? "", message, body);
}

function noAnswer(): ApiError {
  return new ApiError(0, "no_answer", "The server could not be reached.");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function csrfToken(): string {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith("csrftoken="));
  return found === undefined ? "" : decodeURIComponent(found.slice("csrftoken=".length));
}
