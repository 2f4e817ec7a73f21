// A till's morning without a server: the browser starts on a profile where Holdfast is installed, opens the till, and sells.
import { Cashier } from "../actors/cashier.ts";
import { expect, test, type Browser } from "../harness/index.ts";
import { percentile, print } from "./figure.ts";
import { largeShop, pay, PRODUCTS, someCodes } from "./large_shop.ts";

const STARTS = 9;

interface Start {
  /** Until the till can be seen and used. */
  shown: number;
  /** Until what was scanned at that very moment stands on the ticket. */
  sold: number;
}

test("offline cold start", async ({ world }) => {
  const server = await largeShop(world);
  const codes = someCodes(server, STARTS);
  const first = await world.launchBrowser("till");
  const cashier = new Cashier(await first.open(server.url));
  await cashier.setUp(server.url, "Till 1");
  await cashier.open();
  await cashier.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await server.stop();
  await first.kill();

  const starts: Start[] = [];
  for (const code of codes) {
    const browser = await world.launchBrowser("till");
    starts.push(await start(browser, `${server.url}/till`, code));
    await browser.kill();
  }
  const sold = starts.map(({ sold }) => sold);
  print({
    name: "app.offline_cold_start_ms",
    value: percentile(sold, 0.5),
    unit: "ms",
    detail: {
      target: 1_500,
      worst: Math.round(Math.max(...sold)),
      till_shown: Math.round(
        percentile(
          starts.map(({ shown }) => shown),
          0.5,
        ),
      ),
      starts: STARTS,
      products: PRODUCTS,
    },
  });
});

/** From the navigation on, by the page's own clock. */
async function start(browser: Browser, url: string, code: string): Promise<Start> {
  const page = await browser.context.newPage();
  await page.addInitScript(
    (keys) => {
      const seen = (test: () => boolean) =>
        new Promise<number>((resolve) => {
          const look = () => (test() ? resolve(performance.now()) : requestAnimationFrame(look));
          look();
        });
      const watch = async () => {
        const shown = await seen(() => document.body?.textContent?.includes("Ready for the next customer") === true);
        for (const key of keys) document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        const sold = await seen(() => document.querySelector('[aria-label="Lines on the ticket"] > li') !== null);
        return { shown, sold };
      };
      Object.assign(globalThis, { holdfastStart: watch() });
    },
    [...code, "Enter"],
  );
  await page.goto(url);
  const measured = await page.evaluate(() => (globalThis as unknown as { holdfastStart: Promise<Start> }).holdfastStart);
  await expect(page.getByRole("button", { name: /^Pay/ })).toBeEnabled();
  await pay(page);
  return measured;
}
