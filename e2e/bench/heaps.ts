// What a page and its workers hold: their script heaps after a collection, what lies outside of these in buffers, and their wasm memories. The browser's
// count of buffers leaves wasm memories out (tried), so these are looked up among the objects.
import type { CDPSession } from "@playwright/test";
import { readFileSync } from "node:fs";
import { treeOf } from "../harness/processes.ts";
import type { Page } from "../harness/index.ts";

const MIB = 1024 * 1024;

/** In MiB. */
export interface Heap {
  script: number;
  buffers: number;
  wasm: number;
}

type Ask = (method: string, parameters?: Record<string, unknown>) => Promise<unknown>;

/** The page's heap, and that of its workers together. */
export async function heapsOf(page: Page): Promise<{ page: Heap; workers: Heap }> {
  const session = await page.context().newCDPSession(page);
  const workers = await workersOf(session);
  if (workers.length === 0) throw new Error("the page has no worker");
  const heaps = {
    page: await heap((method, parameters) => session.send(method as "Runtime.getHeapUsage", parameters as undefined)),
    workers: none(),
  };
  for (const worker of workers) heaps.workers = sum(heaps.workers, await heap(worker));
  await session.detach();
  return heaps;
}

/** All of it. */
export function total(heap: Heap): number {
  return heap.script + heap.buffers + heap.wasm;
}

/** What no other process shares of the profile's largest renderer, in MiB: that of the page, with all that the browser itself needs for it. */
export function rendererMib(profileDir: string): number {
  const privates = treeOf(`--user-data-dir=${profileDir}`)
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--type=renderer"))
    .map((pid) => [...readFileSync(`/proc/${pid}/smaps_rollup`, "utf8").matchAll(/^Private_\w+: +(\d+) kB/gm)])
    .map((lines) => lines.reduce((sum, [, kib]) => sum + Number(kib), 0) / 1024);
  return Math.max(...privates);
}

async function workersOf(session: CDPSession): Promise<Ask[]> {
  const workers: Ask[] = [];
  const asked = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let next = 0;
  session.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
    if (targetInfo.type !== "worker") return;
    workers.push(async (method, params = {}) => {
      const id = next++;
      const answer = new Promise((resolve, reject) => asked.set(id, { resolve, reject }));
      await session.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id, method, params }) });
      return answer;
    });
  });
  session.on("Target.receivedMessageFromTarget", ({ message }) => {
    const { id, result, error } = JSON.parse(message) as { id?: number; result?: unknown; error?: { message: string } };
    if (id === undefined) return;
    if (error === undefined) asked.get(id)?.resolve(result);
    else asked.get(id)?.reject(new Error(error.message));
  });
  // Those that are there are told of before this is answered.
  await session.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  return workers;
}

async function heap(ask: Ask): Promise<Heap> {
  const wasm = await wasmBytes(ask);
  await ask("HeapProfiler.collectGarbage");
  const usage = (await ask("Runtime.getHeapUsage")) as { usedSize: number; embedderHeapUsedSize: number; backingStorageSize: number };
  return { script: (usage.usedSize + usage.embedderHeapUsedSize) / MIB, buffers: usage.backingStorageSize / MIB, wasm: wasm / MIB };
}

async function wasmBytes(ask: Ask): Promise<number> {
  const objectGroup = "memories";
  const prototype = (await ask("Runtime.evaluate", { expression: "WebAssembly.Memory.prototype", objectGroup })) as { result: { objectId: string } };
  const found = (await ask("Runtime.queryObjects", { prototypeObjectId: prototype.result.objectId, objectGroup })) as {
    objects: { objectId: string };
  };
  const bytes = (await ask("Runtime.callFunctionOn", {
    objectId: found.objects.objectId,
    functionDeclaration: "function () { return this.reduce((sum, { buffer }) => sum + buffer.byteLength, 0); }",
    returnByValue: true,
  })) as { result: { value: number } };
  await ask("Runtime.releaseObjectGroup", { objectGroup });
  return bytes.result.value;
}

function none(): Heap {
  return { script: 0, buffers: 0, wasm: 0 };
}

function sum(a: Heap, b: Heap): Heap {
  return { script: a.script + b.script, buffers: a.buffers + b.buffers, wasm: a.wasm + b.wasm };
}
