// Looking products up while 50,000 of them are still arriving on a fresh till.
import { DENIS, signIn } from "../actors/cashier.ts";
import { test } from "../harness/index.ts";
import { EngineOf } from "./engine.ts";
import { percentile, print } from "./figure.ts";
import { largeShop, PRODUCTS } from "./large_shop.ts";

const DEVICES = 3;
/** Between two questions: quicker than anybody types. */
const EVERY_MS = 10;

test("lookups during the first load", async ({ world }) => {
  const server = await largeShop(world);
  const times: number[] = [];
  for (let device = 0; device < DEVICES; device++) {
    const browser = await world.launchBrowser(`till-${device}`);
    const engine = await EngineOf.open(browser, server.url);
    await signIn(engine.page, server.url, DENIS);
    await engine.page.goto(`${server.url}/set-up`);
    await engine.page.getByLabel("Till", { exact: true }).selectOption({ label: "Till 1 · Harbour Street" });
    const button = await engine.page.getByRole("button", { name: "Use this till" }).elementHandle();
    times.push(
      ...(await engine.page.evaluate(
        async ([button, pause]) => {
          const { ask } = (globalThis as unknown as { engineOfBench: { ask: (request: unknown) => Promise<unknown> } }).engineOfBench;
          (button as unknown as HTMLElement).click();
          const times: number[] = [];
          while (!document.querySelector("h1")?.textContent?.includes("PIN")) {
            const started = performance.now();
            await ask({ search_products: { text: "tea", category: null, skip: 0, limit: 20 } });
            times.push(performance.now() - started);
            await new Promise((resolve) => setTimeout(resolve, pause));
          }
          return times;
        },
        [button, EVERY_MS] as const,
      )),
    );
    await browser.close();
  }
  print({
    name: "sync.lookup_ms_p99_during_first_load",
    value: percentile(times, 0.99),
    unit: "ms",
    detail: {
      target: 20,
      median: Math.round(percentile(times, 0.5)),
      worst: Math.round(Math.max(...times)),
      lookups: times.length,
      devices: DEVICES,
      products: PRODUCTS,
    },
  });
});
