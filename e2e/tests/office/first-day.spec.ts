// A site manager's first day: brings in a file of products, corrects it, prices ten of them for a till that stands open, and gives somebody a role for a few days, and finds
// all of it in the audit.
import { BRUNO, Cashier, signIn } from "../../actors/cashier.ts";
import { expect, test, type Page } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

const LOAVES = ["Almond", "Barley", "Chestnut", "Date", "Einkorn", "Fig", "Ginger", "Hazelnut", "Iris", "Juniper"].map((of) => `${of} loaf`);

/** An article number of somebody's own range, with its check digit. */
function numbered(n: number): string {
  const digits = `95299900${n.toString().padStart(4, "0")}`;
  const sum = [...digits].reduce((sum, digit, place) => sum + Number(digit) * (place % 2 === 0 ? 1 : 3), 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

function file(corrected: boolean): string {
  const lines = LOAVES.map((name, n) => [numbered(n), name, "Moulin du Port", "500 g", "Bakery"]);
  const [first, second] = lines;
  if (!corrected) {
    first![0] = `${first![0]!.slice(0, 12)}${(Number(first![0]!.slice(12)) + 1) % 10}`;
    second![4] = "Bakkery";
  }
  return [["gtin", "name", "brand", "quantity", "category"], ...lines].map((cells) => cells.join(",")).join("\n");
}

async function bringIn(page: Page, corrected: boolean): Promise<void> {
  await page.locator("input[type=file]").setInputFiles({ name: "products.csv", mimeType: "text/csv", buffer: Buffer.from(file(corrected)) });
  await page.getByLabel("quantity").selectOption("Content");
  await page.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByText("Tried, nothing is written yet")).toBeVisible();
}

async function price(page: Page, url: string, name: string, amount: string): Promise<void> {
  await page.goto(`${url}/office/catalog/products?q=${encodeURIComponent(name)}`);
  await page.locator("tbody .row-link").filter({ hasText: name }).first().click();
  await page.getByLabel("Price", { exact: true }).fill(amount);
  await page.getByLabel("Tax rate", { exact: true }).fill("red");
  await page
    .getByRole("option", { name: /^Reduced/ })
    .first()
    .click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("All is saved.")).toBeVisible();
}

/** The day in so many days, as fields of days take it. */
function inDays(days: number): string {
  return new Date(Date.now() + days * 24 * 3_600_000).toISOString().slice(0, 10);
}

test("a_site_manager_brings_in_products_prices_them_for_an_open_till_and_gives_a_role_for_some_days", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const cashier = new Cashier(await (await world.launchBrowser("till")).open(server.url));
  await cashier.setUp(server.url, "Till 1");
  await cashier.open();
  const shop = cashier.page;
  const loadedAt = await shop.evaluate(() => performance.timeOrigin);

  const desk = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(desk, server.url, BRUNO);
  await desk.goto(`${server.url}/office/catalog/products`);
  await desk.getByRole("link", { name: "Import" }).click();
  await bringIn(desk, false);
  const row = (line: string) => desk.getByRole("row").filter({ has: desk.getByRole("cell", { name: line, exact: true }) });
  await expect(row("2")).toContainText("Article number");
  await expect(row("3")).toContainText("Category");
  await isInOrder(desk, "first-day-tried", DESK_AND_PHONE);
  await bringIn(desk, true);
  await desk.getByRole("button", { name: "Take in 10" }).click();
  await expect(desk.getByText("Taken in", { exact: true })).toBeVisible();

  // A till shows what has a price and a tax rate.
  await shop.getByRole("searchbox", { name: "Search or scan" }).fill("loaf");
  await expect(shop.getByRole("button", { name: /^Almond loaf/ })).toHaveCount(0);
  for (const [n, name] of LOAVES.entries()) await price(desk, server.url, name, `4.${n}0`);
  for (const [n, name] of LOAVES.entries()) await expect(shop.getByRole("button", { name: new RegExp(`^${name}`) })).toContainText(`4.${n}0`);
  await cashier.scan({ code: numbered(3), priceMinor: 430 });
  await expect(cashier.payButton).toContainText("4.30");
  expect(await shop.evaluate(() => performance.timeOrigin), "the till's page is the one that was opened").toBe(loadedAt);

  await desk.goto(`${server.url}/office/people`);
  const denis = desk.getByRole("list", { name: "Accounts" }).locator("> li").filter({ hasText: "denis@" });
  await denis.getByRole("button", { name: "Give a role" }).click();
  const dialog = desk.getByRole("dialog");
  await dialog.getByLabel("Role").selectOption({ label: "Cashier" });
  await dialog.getByLabel("First day").fill(inDays(1));
  await dialog.getByLabel("Last day").fill(inDays(4));
  await dialog.getByLabel("Reason").fill("The fair.");
  await dialog.getByRole("button", { name: "Give the role" }).click();
  await expect(dialog).toBeHidden();
  await expect(denis.getByRole("listitem").filter({ hasText: "Cashier" })).toContainText("To come");

  await desk.goto(`${server.url}/office/audit`);
  const entries = desk.locator("tbody tr:has(.row-link)").filter({ hasText: "Bruno Keller" });
  await expect(entries.filter({ hasText: "Role given" }).filter({ hasText: "Denis Popescu" })).toHaveCount(1);
  for (const name of LOAVES) {
    for (const act of ["Made", "Changed"]) await expect(entries.filter({ hasText: act }).filter({ hasText: `Product: ${name}` })).toHaveCount(1);
  }
});
