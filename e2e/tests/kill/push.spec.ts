// A push, and a browser that is killed at each point of it: the server hears of the sale once, whatever the device remembers of having told it.
import { agreed, books } from "../../actors/books.ts";
import { type Product } from "../../actors/cashier.ts";
import { MortalTill } from "../../actors/mortal-till.ts";
import { expect, type Point, test, tryNow, type Verdict } from "../../harness/index.ts";

const AVOCADO: Product = { code: "9521000010239", priceMinor: 135 };
const PUSH = "/api/v1/sync/push";

/** Whether the server has the sale by then. */
const POINTS: { name: string; point: Point; merged: boolean }[] = [
  { name: "while its changes are signed", point: { of: "signatures", at: "write", nth: 1 }, merged: false },
  { name: "when they are signed", point: { of: "signatures", at: "complete" }, merged: false },
  { name: "before the request leaves", point: { request: PUSH }, merged: false },
  { name: "when the answer is there and not stored", point: { of: "answers", at: "begun" }, merged: true },
  { name: "in the middle of storing it", point: { of: "answers", at: "write", nth: 2 }, merged: true },
  { name: "when it is stored and nobody has been told", point: { of: "answers", at: "complete" }, merged: true },
];

test("killed_at_any_point_of_a_push_the_sale_is_in_the_books_once", async ({ world }) => {
  test.setTimeout(240_000);
  const till = await MortalTill.setUp(world);
  let sold = 0;
  const inTheBooks = (tickets: number) =>
    expect.poll(() => books(world.server), { timeout: 30_000 }).toEqual(agreed(tickets, tickets * AVOCADO.priceMinor));
  const settles = async () => {
    await till.start();
    await till.online();
    await inTheBooks(sold);
    await expect((await till.cashier.lookAtTickets()).filter({ hasText: "Accepted" })).toHaveCount(sold, { timeout: 30_000 });
    await till.cashier.page.getByRole("link", { name: "Sell" }).click();
  };
  const sellOffline = async () => {
    till.offline();
    await till.cashier.sell([AVOCADO]);
    sold += 1;
  };

  // What is recorded is signed at once while there is a network, so it dies of the payment; what was scanned before has arrived by then.
  const dieOfPaying = async (point: Point) => {
    await till.cashier.scan(AVOCADO);
    const open = () => world.server.query<{ open: number }>(`select count(*)::int as "open" from sales_tickets where status = 'open'`)[0]?.open;
    await expect.poll(open, { timeout: 30_000 }).toBe(1);
    await till.cashier.payButton.click();
    await till.dieAt(point, () => till.cashier.page.getByRole("button", { name: /^Exact/ }).click());
    sold += 1;
  };

  for (const { name, point, merged } of POINTS) {
    await test.step(name, async () => {
      if ("of" in point && point.of === "signatures") {
        await dieOfPaying(point);
      } else {
        await sellOffline();
        await till.dieAt(point, () => till.online());
      }
      expect(books(world.server).tickets).toBe(merged ? sold : sold - 1);
      await settles();
    });
  }
  await test.step("when the server has merged it and has not answered", async () => {
    await sellOffline();
    till.network.heal();
    let killed: Promise<void> | undefined;
    till.network.intercept("POST", /\/sync\/push$/, async (): Promise<Verdict> => {
      await (killed ??= till.kill());
      return "lose";
    });
    await tryNow(till.cashier.page);
    await expect.poll(() => killed !== undefined).toBe(true);
    await killed;
    await inTheBooks(sold);
    till.network.heal();
    await settles();
  });
});
