// A list of 50,000 products, read to its end, scrolled with the wheel: how long script, style and layout keep the page's main thread busy between one frame and the next.
import type { CDPSession } from "@playwright/test";
import { ADA, signIn } from "../actors/cashier.ts";
import { expect, test } from "../harness/index.ts";
import { percentile, print } from "./figure.ts";
import { PRODUCTS, largeShop } from "./large_shop.ts";

const STEPS = 600;
/** A brisk turn of a wheel. */
const STEP_PX = 700;
const WORK = new Set(["EventDispatch", "FunctionCall", "FireAnimationFrame", "RunMicrotasks", "TimerFire", "UpdateLayoutTree", "Layout"]);

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  args?: { name?: string };
}

test("scrolling fifty thousand rows", async ({ world }) => {
  const server = await largeShop(world);
  const page = await (await world.launchBrowser("office", { viewport: { width: 1440, height: 900 } })).open(server.url);
  await signIn(page, server.url, ADA);
  await page.goto(`${server.url}/office/catalog/products`);
  const frame = page.locator(".table-frame");
  const table = frame.locator("table");
  await expect(table).toBeVisible();
  const began = Date.now();
  const read = await frame.evaluate(
    (frame, all) =>
      new Promise<number>((resolve) => {
        let rows = 0;
        let stood = performance.now();
        const on = () => {
          const now = Number(frame.querySelector("table")!.getAttribute("aria-rowcount"));
          if (now !== rows) [rows, stood] = [now, performance.now()];
          if (rows >= all || performance.now() - stood > 20_000) return resolve(rows);
          frame.scrollTop = frame.scrollTop === frame.scrollHeight - frame.clientHeight ? frame.scrollTop - 1 : frame.scrollHeight;
          requestAnimationFrame(on);
        };
        on();
      }),
    PRODUCTS,
  );
  expect(read).toBeGreaterThanOrEqual(PRODUCTS);
  const readMs = Date.now() - began;

  const session = await page.context().newCDPSession(page);
  await frame.evaluate((frame) => (frame.scrollTop = 0));
  await frame.hover();
  const events = await traced(session, async () => {
    for (let step = 0; step < STEPS; step++) await page.mouse.wheel(0, step % 2 === 0 ? STEP_PX : STEP_PX * 20);
  });
  const frames = busyBetweenFrames(events);
  print({
    name: "office.table_50k_scroll_ms_p95",
    value: percentile(frames, 0.95),
    unit: "ms",
    detail: {
      target: 10,
      median: percentile(frames, 0.5),
      worst: Math.max(...frames),
      frames: frames.length,
      rows: read,
      drawn: await table.locator("tbody tr").count(),
      read_to_the_end_ms: readMs,
    },
  });
});

/** The trace of what is done meanwhile. */
async function traced(session: CDPSession, work: () => Promise<void>): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await session.send("Tracing.start", { transferMode: "ReportEvents", categories: "devtools.timeline,devtools.timeline.frame,__metadata" });
  await work();
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await complete;
  return events;
}

/** Milliseconds of work on the busiest renderer's main thread between one frame's beginning and the next's. */
function busyBetweenFrames(events: TraceEvent[]): number[] {
  const mains = events.filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain");
  const of = ({ pid, tid }: TraceEvent) => events.filter((event) => event.pid === pid && event.tid === tid);
  const main = mains.map(of).sort((a, b) => b.length - a.length)[0] ?? [];
  const begun = main
    .filter(({ name }) => name === "BeginMainThreadFrame")
    .map(({ ts }) => ts)
    .sort((a, b) => a - b);
  if (begun.length < STEPS / 4) throw new Error(`only ${begun.length} frames were traced`);
  const work = main.filter(({ name, ph }) => ph === "X" && WORK.has(name)).sort((a, b) => a.ts - b.ts);
  const busy = begun.map(() => 0);
  let [at, until] = [0, 0];
  for (const { ts, dur = 0 } of work) {
    // What lies within something else was counted with it.
    const [from, to] = [Math.max(ts, until), ts + dur];
    if (to <= from || ts < begun[0]!) continue;
    while (at + 1 < begun.length && begun[at + 1]! <= ts) at++;
    busy[at]! += to - from;
    until = to;
  }
  return busy.map((microseconds) => microseconds / 1_000);
}
