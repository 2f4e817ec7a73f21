// The office keeps what tills sell: a price that is changed and a product that is made at a desk are the till's while it stands open.
import { ADA, Cashier, signIn } from "../../actors/cashier.ts";
import { expect, test } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

const LOAF = { code: "9529999999993", priceMinor: 420 };

test("what_the_office_changes_and_makes_is_the_tills_without_a_reload", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const cashier = new Cashier(await (await world.launchBrowser("till")).open(server.url));
  await cashier.setUp(server.url, "Till 1");
  await cashier.open();
  const shop = cashier.page;
  await shop.getByRole("searchbox", { name: "Search or scan" }).fill("Avocado");
  const avocado = shop.getByRole("button", { name: /^Avocado/ });
  await expect(avocado).toContainText("1.35");
  const loadedAt = await shop.evaluate(() => performance.timeOrigin);

  const desk = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(desk, server.url, ADA);
  await desk.goto(`${server.url}/office/catalog/products`);
  await desk.getByRole("searchbox", { name: "Search" }).fill("avocado");
  await desk.locator("tbody .row-link").filter({ hasText: "Avocado" }).first().click();
  const price = desk.getByLabel("Price", { exact: true });
  await expect(price).toHaveValue("1.35");
  await isInOrder(desk, "product", DESK_AND_PHONE, { fullPage: true });
  await price.fill("1.45");
  await desk.getByRole("button", { name: "Save" }).click();
  await expect(desk.getByText("All is saved.")).toBeVisible();
  await expect(avocado).toContainText("1.45");

  // A new product, whose number is refused while its last digit does not fit, with the category and the tax rate chosen from those that there are.
  await desk.goto(`${server.url}/office/catalog/products/new`);
  await desk.getByLabel("Name", { exact: true }).fill("Walnut loaf");
  await desk.getByLabel("Article number").fill(`${LOAF.code.slice(0, 12)}1`);
  await price.fill("4.20");
  await expect(desk.getByText("the last one must fit the others")).toBeVisible();
  await desk.getByLabel("Article number").fill(LOAF.code);
  for (const [field, typed, chosen] of [
    ["Category", "baker", /^Bakery/],
    ["Tax rate", "red", /^Reduced/],
  ] as const) {
    await desk.getByLabel(field, { exact: true }).fill(typed);
    await desk.getByRole("option", { name: chosen }).first().click();
    await expect(desk.getByLabel(field, { exact: true })).toHaveValue(chosen);
  }
  await desk.keyboard.press("Control+Enter");
  await expect(desk.getByRole("heading", { name: "Walnut loaf" })).toBeVisible();
  await expect(desk.getByText("All is saved.")).toBeVisible();
  await shop.getByRole("searchbox", { name: "Search or scan" }).fill("walnut lo");
  await expect(shop.getByRole("button", { name: /^Walnut loaf/ })).toContainText("4.20");
  await cashier.scan(LOAF);
  await expect(cashier.payButton).toContainText("4.20");
  expect(await shop.evaluate(() => performance.timeOrigin), "the till's page is the one that was opened").toBe(loadedAt);

  // Archived, it is gone from the shelf; what lies on the ticket is still sold.
  await desk.getByRole("button", { name: "Archive", exact: true }).click();
  await expect(desk.getByText("This is archived")).toBeVisible();
  await expect(shop.getByRole("button", { name: /^Walnut loaf/ })).toHaveCount(0);
  await cashier.pay(LOAF.priceMinor);
});
