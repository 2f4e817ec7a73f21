// A point at which a device dies: the engine stands still there, in the middle of what it does, until the browser is killed.
import type { Page, Worker } from "@playwright/test";
import type { FaultProxy } from "./fault-proxy.ts";
import { eventually } from "./waiting.ts";

/** Transactions of the engine, told by the records that they write. */
const WRITING = {
  /** What a person did. */
  tap: { with: ["outbox", "numbers"], without: [] },
  /** The signatures under it. */
  signatures: { with: ["outbox"], without: ["accepted"] },
  /** The server's answers to a push. */
  answers: { with: ["outbox", "accepted"], without: ["numbers", "rows"] },
  /** A page of the feed. */
  feed: { with: ["outbox", "rows"], without: [] },
  /** A packed page of the catalogue. */
  catalogue: { with: ["pages"], without: ["rows"] },
} satisfies Record<string, { with: string[]; without: string[] }>;

/** Where the engine stands still. */
export type Point =
  | { of: keyof typeof WRITING; at: "begun" | "complete" }
  /** After that many writes were asked for, counted over all transactions of the kind. */
  | { of: keyof typeof WRITING; at: "write"; nth: number }
  /** Before a request to that path leaves. */
  | { request: string };

const ADDRESS = "/standing-still";
const PATIENCE_MS = 60_000;

/** Makes the engine behind the page stand still when it next comes to the point. The answer waits until it does. */
export async function standStill(page: Page, network: FaultProxy, point: Point): Promise<() => Promise<void>> {
  const stands = network.hold(ADDRESS);
  const writing = "of" in point ? WRITING[point.of] : undefined;
  await (await engineOf(page)).evaluate(arm, { point, writing, address: ADDRESS });
  return async () => {
    await eventually(`the engine to stand still at ${JSON.stringify(point)}`, PATIENCE_MS, () => stands() || undefined);
  };
}

/** Tells the engine that it is worth trying the server at once, as the browser does when the network is back. */
export async function tryNow(page: Page): Promise<void> {
  await (await engineOf(page)).evaluate(() => void self.dispatchEvent(new Event("online")));
}

async function engineOf(page: Page): Promise<Worker> {
  const engine = () => page.workers().find((worker) => /engine/.test(worker.url()));
  return eventually("the engine", PATIENCE_MS, engine);
}

/** Runs in the engine's worker. */
function arm({ point, writing, address }: { point: Point; writing: { with: string[]; without: string[] } | undefined; address: string }): void {
  const stop = (): never => {
    // Nothing else keeps a worker from going on: the answer to this never comes.
    const request = new XMLHttpRequest();
    request.open("GET", address, false);
    try {
      request.send();
    } catch {
      // The connection ended before the browser did.
    }
    for (;;);
  };
  if ("request" in point) {
    const fetched = self.fetch;
    self.fetch = (...asked) => {
      const [input] = asked;
      const url = input instanceof Request ? input.url : String(input);
      return new URL(url, self.location.href).pathname === point.request ? stop() : fetched.apply(self, asked);
    };
    return;
  }
  const watched = new WeakSet<IDBTransaction>();
  const begin = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (names, mode, options) {
    const transaction = begin.call(this, names, mode, options);
    const records = [...transaction.objectStoreNames];
    const meant = writing?.with.every((name) => records.includes(name)) && !writing.without.some((name) => records.includes(name));
    if (mode !== "readwrite" || !meant) return transaction;
    watched.add(transaction);
    if (point.at === "begun") stop();
    if (point.at === "complete") transaction.addEventListener("complete", stop);
    return transaction;
  };
  let writes = 0;
  const counted = (transaction: IDBTransaction): void => {
    if (point.at === "write" && watched.has(transaction) && ++writes === point.nth) stop();
  };
  const { put, delete: remove } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...written) {
    const request = put.apply(this, written);
    counted(this.transaction);
    return request;
  };
  IDBObjectStore.prototype.delete = function (...removed) {
    const request = remove.apply(this, removed);
    counted(this.transaction);
    return request;
  };
}
