/** A sender with a transport that gives prepared answers. */

import { ApiError } from "../../../src/api";
import type { Entry, NewEntry } from "../../../src/reading/saving/outbox";
import { OutboxStore } from "../../../src/reading/saving/outboxstore";
import type { KeyValueStorage } from "../../../src/reading/saving/outboxstore";
import { Sender } from "../../../src/reading/saving/sender";
import { createStorage } from "../fixtures";

export const score = { kind: "cell", id: "a", reading: "r1", cell: "L1_posterior", mark: { score: 2 }, version: 0 } satisfies NewEntry;
export const comment = { kind: "comment", id: "c", reading: "r1", text: "mine", version: 0 } satisfies NewEntry;
export const submit = { kind: "submit", id: "s", reading: "r1" } satisfies NewEntry;

export function createSender(answers: (unknown | ApiError)[], storage: KeyValueStorage | null = createStorage()) {
  const sent: Entry[] = [];
  const statuses: string[] = [];
  const reasons: string[] = [];
  const rejected: string[] = [];
  const checks: ApiError[] = [];
  const denials: ApiError[] = [];
  const transport = {
    sendEntry: (entry: Entry): Promise<unknown> => {
      sent.push(entry);
      const answer = answers.shift() ?? {};
      return answer instanceof ApiError ? Promise.reject(answer) : Promise.resolve(answer);
    },
    checkReader: (): Promise<unknown> => {
      const error = checks[0];
      return error === undefined ? Promise.resolve({}) : Promise.reject(error);
    },
    checkAccess: (): Promise<unknown> => {
      const error = denials[0];
      return error === undefined ? Promise.resolve({}) : Promise.reject(error);
    },
  };
  const sender = new Sender(transport, new OutboxStore(storage, "7", "a"), {
    statusChanged: (status, reason) => {
      statuses.push(status);
      reasons.push(reason);
    },
    confirmed: () => undefined,
    rejected: (entry) => rejected.push(entry.id),
  });
  return { sender, sent, statuses, reasons, rejected, checks, denials, stored: () => new OutboxStore(storage, "7", "a").load() };
}
