// The spine's promise: what a till sold with no server and through a dead browser is in the books once, on the second till and in the office.
import { agreed, books } from "../../actors/books.ts";
import { Cashier, MARA, money, signIn, type Product } from "../../actors/cashier.ts";
import { expect, test, type World } from "../../harness/index.ts";

const AVOCADO: Product = { code: "9521000010239", priceMinor: 135 };
const RAISIN_SWIRL: Product = { code: "9521000020092", priceMinor: 175 };
const MADELEINES: Product = { code: "9521000020184", priceMinor: 295 };

/** A till that found no server tries again after 20 seconds at the latest. */
const WITHIN_A_HEARTBEAT_MS = 45_000;

/** Seven customers. */
const BASKETS: Product[][] = [
  [AVOCADO],
  [RAISIN_SWIRL, MADELEINES],
  [AVOCADO, AVOCADO, MADELEINES],
  [MADELEINES],
  [RAISIN_SWIRL],
  [AVOCADO, RAISIN_SWIRL],
  [MADELEINES, RAISIN_SWIRL, AVOCADO],
];
const sum = (baskets: Product[][]): number => baskets.flat().reduce((total, product) => total + product.priceMinor, 0);

/** A second till of the shop and the office, both looking on. */
async function lookOn(world: World, url: string) {
  const secondTill = new Cashier(await (await world.launchBrowser("second")).open(url));
  await secondTill.setUp(url, "Till 2");
  await secondTill.open();
  const office = await (await world.launchBrowser("office")).open(url);
  await signIn(office, url, MARA);
  await office.goto(`${url}/office`);
  return { secondTill, office };
}

test("seven_tickets_sold_offline_through_a_dead_browser_are_in_the_books_once_and_seen_everywhere", async ({ world }) => {
  test.setTimeout(240_000);
  const server = await world.startServer();
  const till = new Cashier(await (await world.launchBrowser("till")).open(server.url));
  await till.setUp(server.url, "Till 1");
  await till.open();
  const { secondTill, office } = await lookOn(world, server.url);

  await server.stop();
  for (const basket of BASKETS.slice(0, 5)) await till.sell(basket);
  await expect(await till.lookAtTickets()).toHaveCount(5);

  const [first] = world.browsers;
  await first!.keeps("hf_session");
  await first!.kill();
  const again = new Cashier(await (await world.launchBrowser("till")).open(server.url));
  await expect(await again.lookAtTickets()).toHaveCount(5);
  await again.page.getByRole("link", { name: "Sell" }).click();
  for (const basket of BASKETS.slice(5)) await again.sell(basket);
  await expect(await again.lookAtTickets()).toHaveCount(7);
  await expect(again.ticketRows.filter({ hasText: "Saved here" }).first()).toBeVisible();

  const restarted = await world.startServer();
  await expect.poll(() => books(restarted), { timeout: WITHIN_A_HEARTBEAT_MS }).toEqual(agreed(7, sum(BASKETS)));
  await expect(again.ticketRows.filter({ hasText: "Accepted" })).toHaveCount(7);
  await expect(office.getByText(money(sum(BASKETS))).first()).toBeVisible({ timeout: WITHIN_A_HEARTBEAT_MS });
  await expect(await secondTill.shopTickets()).toHaveCount(7, { timeout: WITHIN_A_HEARTBEAT_MS });
});

test("acknowledgements_lost_once_double_nothing", async ({ world }) => {
  test.setTimeout(180_000);
  await world.startServer();
  const network = await world.startFaultProxy();
  const till = new Cashier(await (await world.launchBrowser("till")).open(network.url));
  await till.setUp(network.url, "Till 1");
  await till.open();
  const lost = network.loseEveryAnswerOnce("POST", /\/sync\/push$/);
  for (const basket of BASKETS) await till.sell(basket);
  await expect.poll(() => books(world.server), { timeout: WITHIN_A_HEARTBEAT_MS }).toEqual(agreed(7, sum(BASKETS)));
  await expect((await till.lookAtTickets()).filter({ hasText: "Accepted" })).toHaveCount(7, { timeout: WITHIN_A_HEARTBEAT_MS });
  expect(lost()).toBeGreaterThan(0);
  expect(books(world.server)).toEqual(agreed(7, sum(BASKETS)));
});

test("two_tabs_of_one_till_sell_side_by_side", async ({ world }) => {
  test.setTimeout(180_000);
  const server = await world.startServer();
  const browser = await world.launchBrowser("till");
  const one = new Cashier(await browser.open(server.url));
  await one.setUp(server.url, "Till 1");
  await one.open();
  const two = new Cashier(await browser.open(`${server.url}/till`));
  await server.stop();
  for (const [place, basket] of BASKETS.entries()) await (place % 2 === 0 ? one : two).sell(basket);
  await expect(await one.lookAtTickets()).toHaveCount(7);
  await expect(await two.lookAtTickets()).toHaveCount(7);
  const restarted = await world.startServer();
  await expect.poll(() => books(restarted), { timeout: WITHIN_A_HEARTBEAT_MS }).toEqual(agreed(7, sum(BASKETS)));
  await expect(one.ticketRows.filter({ hasText: "Accepted" })).toHaveCount(7);
  await expect(two.ticketRows.filter({ hasText: "Accepted" })).toHaveCount(7);
});

test("a_server_killed_between_merge_and_answer_loses_and_doubles_nothing", async ({ world }) => {
  test.setTimeout(180_000);
  await world.startServer();
  const network = await world.startFaultProxy();
  const till = new Cashier(await (await world.launchBrowser("till")).open(network.url));
  await till.setUp(network.url, "Till 1");
  await till.open();
  let killed = 0;
  network.intercept("POST", /\/sync\/push$/, async () => {
    if (killed++ > 0) return "deliver";
    await world.server.kill();
    return "lose";
  });
  for (const basket of BASKETS) await till.sell(basket);
  await expect.poll(() => killed).toBeGreaterThan(0);
  const restarted = await world.startServer();
  await expect.poll(() => books(restarted), { timeout: WITHIN_A_HEARTBEAT_MS }).toEqual(agreed(7, sum(BASKETS)));
  await expect((await till.lookAtTickets()).filter({ hasText: "Accepted" })).toHaveCount(7, { timeout: WITHIN_A_HEARTBEAT_MS });
});
