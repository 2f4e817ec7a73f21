// A pull, and a browser that is killed at each point of it: what the other till sold is seen once, and the catalogue becomes whole.
import { agreed, books } from "../../actors/books.ts";
import { Cashier, type Product } from "../../actors/cashier.ts";
import { MortalTill } from "../../actors/mortal-till.ts";
import { expect, type Point, standStill, test } from "../../harness/index.ts";

const AVOCADO: Product = { code: "9521000010239", priceMinor: 135 };

const POINTS: { name: string; point: Point }[] = [
  { name: "before the request leaves", point: { request: "/api/v1/sync/pull" } },
  { name: "when the page is there and not stored", point: { of: "feed", at: "begun" } },
  { name: "in the middle of storing it", point: { of: "feed", at: "write", nth: 2 } },
  { name: "when it is stored and nobody has been told", point: { of: "feed", at: "complete" } },
];

test("killed_at_any_point_of_a_pull_the_other_tills_sales_are_seen_once", async ({ world }) => {
  test.setTimeout(240_000);
  const till = await MortalTill.setUp(world);
  const other = new Cashier(await (await world.launchBrowser("other")).open(world.server.url));
  await other.setUp(world.server.url, "Till 2");
  await other.open();
  for (const [place, { name, point }] of POINTS.entries()) {
    await test.step(name, async () => {
      till.offline();
      await other.sell([AVOCADO]);
      await expect.poll(() => books(world.server), { timeout: 30_000 }).toEqual(agreed(place + 1, (place + 1) * AVOCADO.priceMinor));
      await till.dieAt(point, () => till.online());
      till.network.heal();
      await till.start();
      await expect(await till.cashier.shopTickets()).toHaveCount(place + 1, { timeout: 30_000 });
    });
  }
  await till.cashier.page.getByRole("link", { name: "Sell" }).click();
  await till.cashier.sell([AVOCADO]);
  const sold = POINTS.length + 1;
  await expect.poll(() => books(world.server), { timeout: 30_000 }).toEqual(agreed(sold, sold * AVOCADO.priceMinor));
});

test("killed_in_the_middle_of_the_first_load_the_catalogue_becomes_whole", async ({ world }) => {
  world.seed(5_000);
  await world.startServer();
  const network = await world.startFaultProxy();
  const browser = await world.launchBrowser("till");
  const page = await browser.open(network.url);
  const cashier = new Cashier(page);
  await cashier.chooseTill(network.url, "Till 1");
  const stands = await standStill(page, network, { of: "catalogue", at: "write", nth: 4 });
  await page.getByRole("button", { name: "Use this till" }).click();
  await stands();
  await browser.kill();

  network.heal();
  const again = new Cashier(await (await world.launchBrowser("till")).open(network.url));
  await again.setUp(network.url, "Till 1");
  await again.open();
  await again.sell([AVOCADO]);
  await expect.poll(() => books(world.server), { timeout: 30_000 }).toEqual(agreed(1, AVOCADO.priceMinor));
});
