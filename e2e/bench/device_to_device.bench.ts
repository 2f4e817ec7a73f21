// From an act at one till until another till, in a browser of its own, has stored what came of it and says so.
import { Cashier, ELIF } from "../actors/cashier.ts";
import { test } from "../harness/index.ts";
import { EngineOf } from "./engine.ts";
import { percentile, print } from "./figure.ts";
import { someCodes } from "./large_shop.ts";

const ACTS = 200;
/** Longer than the engine waits before it tells its page. */
const QUIET_MS = 400;

interface Heard {
  moved: number;
}

test("device to device", async ({ world }) => {
  const server = await world.startServer();
  const open = async (profile: string, till: string) => {
    const engine = await EngineOf.open(await world.launchBrowser(profile), server.url);
    const cashier = new Cashier(engine.page);
    await cashier.setUp(server.url, till, profile === "first" ? undefined : ELIF);
    await cashier.open();
    return engine;
  };
  const [first, second] = [await open("first", "Till 1"), await open("second", "Till 2")];
  const codes = someCodes(server, ACTS / 2);
  const times: number[] = [];
  const heard = () => second.page.evaluate(() => (globalThis as unknown as { engineOfBench: Heard }).engineOfBench.moved);
  for (const code of codes) {
    for (const request of [{ scan: { code, quantity: "1" } }, { pay_cash: { tendered_minor: 1_000_000 } }]) {
      const asked = await first.page.evaluate(async (request) => {
        const { ask } = (globalThis as unknown as { engineOfBench: { ask: (request: unknown) => Promise<unknown> } }).engineOfBench;
        const asked = Date.now();
        await ask(request);
        return asked;
      }, request);
      await second.page.waitForFunction((asked) => (globalThis as unknown as { engineOfBench: Heard }).engineOfBench.moved >= asked, asked, {
        polling: 5,
      });
      times.push((await heard()) - asked);
      // The first hears of its own act, too.
      await Promise.all([first.rests(QUIET_MS), second.rests(QUIET_MS)]);
    }
  }
  print({
    name: "sync.device_to_device_ms_p95",
    value: percentile(times, 0.95),
    unit: "ms",
    detail: { target: 25, median: Math.round(percentile(times, 0.5)), worst: Math.round(Math.max(...times)), acts: times.length },
  });
});
