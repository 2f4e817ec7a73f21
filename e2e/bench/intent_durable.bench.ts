// From asking the engine until what was done is strictly durable and confirmed: scans and payments at a till of 50,000 products.
import { Cashier } from "../actors/cashier.ts";
import { test } from "../harness/index.ts";
import { EngineOf } from "./engine.ts";
import { percentile, print } from "./figure.ts";
import { largeShop, PRODUCTS, someCodes } from "./large_shop.ts";

const TICKETS = 200;

test("an intent until it is durable", async ({ world }) => {
  const server = await largeShop(world);
  const codes = someCodes(server, TICKETS);
  const engine = await EngineOf.open(await world.launchBrowser("till"), server.url);
  const cashier = new Cashier(engine.page);
  await cashier.setUp(server.url, "Till 1");
  await cashier.open();
  const times = await engine.sell(codes);
  print({
    name: "store.intent_durable_ms_p95",
    value: percentile(times, 0.95),
    unit: "ms",
    detail: { target: 30, median: Math.round(percentile(times, 0.5)), worst: Math.round(Math.max(...times)), acts: times.length, products: PRODUCTS },
  });
});
