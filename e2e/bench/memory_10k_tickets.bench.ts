// What a till holds in memory with ten thousand tickets that wait: the script heaps after a collection, buffers and wasm memories of page and engine, once a new page
// shows the till and has tried to send. The renderer's own memory, in the detail, counts the browser's code and caches too, which no app answers for.
import { Cashier } from "../actors/cashier.ts";
import { expect, test } from "../harness/index.ts";
import { EngineOf } from "./engine.ts";
import { print } from "./figure.ts";
import { heapsOf, rendererMib, total, type Heap } from "./heaps.ts";
import { reservedNumbers, someCodes } from "./large_shop.ts";

/** As many receipt numbers as the server gives one device at a time. */
const NUMBERS = 10_000;
/** One is sold before the network goes: so the device fetches the last numbers that it may have. */
const OFFLINE = NUMBERS - 1;
const A_DAY = 500;
/** How much is read at the same time, and so at most held, differs from start to start. */
const STARTS = 3;
const DAY_MS = 24 * 3_600 * 1_000;

interface Held {
  page: Heap;
  engine: Heap;
  renderer: number;
}

test("ten thousand tickets in memory", async ({ world }) => {
  test.setTimeout(1_800_000);
  const server = await world.startServer();
  const network = await world.startFaultProxy();
  const engine = await EngineOf.open(await world.launchBrowser("till"), network.url);
  const cashier = new Cashier(engine.page);
  await cashier.setUp(network.url, "Till 1");
  await cashier.open();
  const [code] = someCodes(server, 1);
  await engine.sell([code!]);
  await expect.poll(() => reservedNumbers(server), { timeout: 60_000 }).toBe(NUMBERS);
  await engine.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  network.cut();

  const held = async (): Promise<Held> => {
    const { page, workers } = await heapsOf(engine.page);
    return { page, engine: workers, renderer: rendererMib(world.folder("profile-till")) };
  };
  const afresh = async (): Promise<Held> => {
    const tries = await engine.tries();
    await engine.page.reload({ timeout: 60_000 });
    await engine.page.getByText("Ready for the next customer").waitFor({ timeout: 60_000 });
    // Each try ends with a look through all that waits.
    await expect.poll(() => engine.tries(), { timeout: 120_000 }).toBeGreaterThan(tries + 2);
    return held();
  };
  const empty = await afresh();
  const started = Date.now();
  await sellForDays(engine, code!);
  const madeIn = Date.now() - started;
  const made = await held();
  const starts: Held[] = [];
  for (let start = 0; start < STARTS; start++) starts.push(await afresh());
  const full = starts.reduce((most, start) => (all(start) > all(most) ? start : most));
  const { sync } = (await engine.ask("sync")) as { sync: { waiting: number } };
  print({
    name: "store.memory_10k_tickets_mib",
    value: all(full),
    unit: "MiB",
    detail: {
      target: 64,
      tickets: NUMBERS,
      changes_that_wait: sync.waiting,
      ...inFull(full),
      starts: starts.map((start) => Math.round(all(start) * 10) / 10),
      without_tickets: inFull(empty),
      after_making_them: inFull(made),
      made_in_s: Math.round(madeIn / 1_000),
    },
  });
});

/**
 * Sells what can be sold without a network, on days that lie behind: a till adds up its day anew after each ticket, and ten thousand on one day is none. Its timers
 * stand still meanwhile, because the engine looks through all that waits after each few acts; they go on before this ends, and what stood still is done.
 */
async function sellForDays(engine: EngineOf, code: string): Promise<void> {
  const [worker] = engine.page.workers();
  if (worker === undefined) throw new Error("the page has no engine");
  await worker.evaluate(() => {
    const [now, later] = [Date.now, setTimeout];
    const standing: (() => void)[] = [];
    const clock = {
      behindMs: 0,
      go: () => {
        globalThis.setTimeout = later;
        standing.forEach((done) => later(done, 0));
      },
    };
    Date.now = () => now.call(Date) - clock.behindMs;
    Object.assign(globalThis, { clockOfBench: clock, setTimeout: (done: () => void) => standing.push(done) });
  });
  const days = Math.ceil(OFFLINE / A_DAY);
  const started = Date.now();
  for (let day = 0; day < days; day++) {
    const behindMs = (days - 1 - day) * DAY_MS;
    await worker.evaluate((behindMs) => {
      (globalThis as unknown as { clockOfBench: { behindMs: number } }).clockOfBench.behindMs = behindMs;
    }, behindMs);
    await engine.ask({ close_till_session: { counted_minor: 0, photos: [] } });
    await engine.ask({ open_till_session: { counted_minor: 0 } });
    await engine.sell(Array.from({ length: Math.min(A_DAY, OFFLINE - day * A_DAY) }, () => code));
    process.stderr.write(`${day + 1} of ${days} days sold after ${Math.round((Date.now() - started) / 1_000)} s\n`);
  }
  const tries = await engine.tries();
  await worker.evaluate(() => (globalThis as unknown as { clockOfBench: { go: () => void } }).clockOfBench.go());
  // All of it is signed before it is tried to be sent.
  await expect.poll(() => engine.tries(), { timeout: 300_000 }).toBeGreaterThan(tries);
}

function all({ page, engine }: Held): number {
  return total(page) + total(engine);
}

function inFull(held: Held): Record<string, unknown> {
  const rounded = (heap: Heap) => Object.fromEntries(Object.entries(heap).map(([name, mib]: [string, number]) => [name, Math.round(mib * 10) / 10]));
  return {
    all: Math.round(all(held) * 10) / 10,
    page: rounded(held.page),
    engine: rounded(held.engine),
    renderer_private: Math.round(held.renderer),
  };
}
