// From the scanner's first key to the line on the screen, which stands there only once it is on the disk.
import { Cashier } from "../actors/cashier.ts";
import { test } from "../harness/index.ts";
import { percentile, print } from "./figure.ts";
import { largeShop, pay, PRODUCTS, scanToLine, someCodes } from "./large_shop.ts";

const SCANS = 200;
const LINES_OF_A_TICKET = 10;

test("scan to line", async ({ world }) => {
  const server = await largeShop(world);
  const codes = someCodes(server, SCANS);
  const cashier = new Cashier(await (await world.launchBrowser("till")).open(server.url));
  await cashier.setUp(server.url, "Till 1");
  await cashier.open();
  const times: number[] = [];
  for (const [place, code] of codes.entries()) {
    times.push(await scanToLine(cashier.page, code));
    if (place % LINES_OF_A_TICKET === LINES_OF_A_TICKET - 1) await pay(cashier.page);
  }
  print({
    name: "till.scan_to_line_ms_p95",
    value: percentile(times, 0.95),
    unit: "ms",
    detail: { target: 50, median: Math.round(percentile(times, 0.5)), worst: Math.round(Math.max(...times)), scans: SCANS, products: PRODUCTS },
  });
});
