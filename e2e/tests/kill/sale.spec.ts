// A sale, and a browser that is killed at each point of it: what was shown as saved is there, what was not is done again, and the books are the same.
import { agreed, books } from "../../actors/books.ts";
import { money, type Product } from "../../actors/cashier.ts";
import { MortalTill } from "../../actors/mortal-till.ts";
import { expect, type Point, test } from "../../harness/index.ts";

const AVOCADO: Product = { code: "9521000010239", priceMinor: 135 };
const MADELEINES: Product = { code: "9521000020184", priceMinor: 295 };
const SALE_MINOR = AVOCADO.priceMinor + MADELEINES.priceMinor;

/** Whether what was done stands afterwards: not before the disk has it, and always once it has. */
const POINTS: { name: string; point: Point; stands: boolean }[] = [
  { name: "before it is written", point: { of: "tap", at: "begun" }, stands: false },
  { name: "between its first write and its second", point: { of: "tap", at: "write", nth: 1 }, stands: false },
  { name: "in the middle of its writes", point: { of: "tap", at: "write", nth: 3 }, stands: false },
  { name: "when it is on the disk and nobody has been told", point: { of: "tap", at: "complete" }, stands: true },
];

test("killed_at_any_point_of_a_scan_the_line_is_there_once_or_scanned_again", async ({ world }) => {
  test.setTimeout(240_000);
  const till = await MortalTill.setUp(world);
  for (const [place, { name, point, stands }] of POINTS.entries()) {
    await test.step(name, async () => {
      till.offline();
      await till.cashier.scan(AVOCADO);
      await expect(till.cashier.payButton).toContainText(money(AVOCADO.priceMinor));
      await till.dieAt(point, () => till.cashier.scan(MADELEINES));
      const cashier = await till.start();
      await expect(cashier.payButton).toContainText(money(stands ? SALE_MINOR : AVOCADO.priceMinor));
      if (!stands) await cashier.scan(MADELEINES);
      await cashier.pay(SALE_MINOR);
      await till.online();
      await expect.poll(() => books(world.server), { timeout: 30_000 }).toEqual(agreed(place + 1, (place + 1) * SALE_MINOR));
    });
  }
});

test("killed_at_any_point_of_a_payment_it_is_paid_once", async ({ world }) => {
  test.setTimeout(240_000);
  const till = await MortalTill.setUp(world);
  for (const [place, { name, point, stands }] of POINTS.entries()) {
    await test.step(name, async () => {
      till.offline();
      for (const product of [AVOCADO, MADELEINES]) await till.cashier.scan(product);
      await expect(till.cashier.payButton).toContainText(money(SALE_MINOR));
      await till.cashier.payButton.click();
      await till.dieAt(point, () => till.cashier.page.getByRole("button", { name: /^Exact/ }).click());
      const cashier = await till.start();
      if (!stands) await cashier.pay(SALE_MINOR);
      await expect(await cashier.lookAtTickets()).toHaveCount(place + 1);
      await cashier.page.getByRole("link", { name: "Sell" }).click();
      await cashier.nextCustomer();
      await till.online();
      await expect.poll(() => books(world.server), { timeout: 30_000 }).toEqual(agreed(place + 1, (place + 1) * SALE_MINOR));
    });
  }
});
