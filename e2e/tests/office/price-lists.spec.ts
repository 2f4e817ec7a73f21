// A price list for everybody and one for a group, each with its lines: a product's page says which holds today, from which quantity others do, and for whom.
import { ADA, Cashier, signIn } from "../../actors/cashier.ts";
import { expect, test, type Page } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

async function choose(page: Page, field: string, name: string): Promise<void> {
  await page.getByLabel(field, { exact: true }).fill(name);
  await page.getByRole("option", { name, exact: true }).first().click();
  await expect(page.getByLabel(field, { exact: true })).toHaveValue(name);
}

async function save(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("All is saved.")).toBeVisible();
}

async function addLine(page: Page, url: string, [list, from, price]: [string, string, string]): Promise<void> {
  await page.goto(`${url}/office/catalog/price_list_lines/new`);
  await choose(page, "Price list", list);
  await choose(page, "Product", "Avocado");
  await page.getByLabel("From quantity").fill(from);
  await page.getByLabel("Price", { exact: true }).fill(price);
  await save(page);
}

test("a_products_page_says_which_price_list_holds_and_why_the_others_do_not", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, ADA);
  await page.goto(`${server.url}/office/sales/customer_groups/new`);
  await page.getByLabel("Name", { exact: true }).fill("Restaurants");
  await save(page);
  for (const [name, from, until, group] of [
    ["Harvest", "2020-01-01", "", ""],
    ["Long ago", "2019-01-01", "2019-12-31", ""],
    ["Kitchens", "", "", "Restaurants"],
  ] as const) {
    await page.goto(`${server.url}/office/catalog/price_lists/new`);
    await page.getByLabel("Name", { exact: true }).fill(name);
    if (from) await page.getByLabel("Valid from").fill(from);
    if (until) await page.getByLabel("Valid until").fill(until);
    if (group) await choose(page, "Customer group", group);
    await save(page);
  }
  await addLine(page, server.url, ["Harvest", "0", "1.20"]);
  await expect(page.getByRole("heading", { name: "Avocado" }), "a line that is called nothing is called as its product").toBeVisible();
  await addLine(page, server.url, ["Harvest", "10", "0.99"]);
  await addLine(page, server.url, ["Long ago", "0", "0.50"]);
  await addLine(page, server.url, ["Kitchens", "5", "0.89"]);

  // Two lines of a list that begin at the same: the second is refused at its field.
  await page.goto(`${server.url}/office/catalog/price_list_lines/new`);
  await choose(page, "Price list", "Harvest");
  await choose(page, "Product", "Avocado");
  await page.getByLabel("From quantity").fill("10");
  await page.getByLabel("Price", { exact: true }).fill("0.95");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByLabel("From quantity")).toHaveAttribute("aria-invalid", "true");
  page.once("dialog", (dialog) => void dialog.accept());

  await page.goto(`${server.url}/office/catalog/products?q=avocado`);
  await page.locator("tbody .row-link").filter({ hasText: "Avocado" }).first().click();
  const prices = page.locator(".prices");
  await expect(prices).toContainText("Today for one, by Harvest");
  await expect(prices.locator(".prices-now")).toContainText("1.20");
  const row = (price: string) => prices.getByRole("listitem").filter({ hasText: price });
  await expect(row("1.20")).toContainText("Holds");
  await expect(row("0.99")).toContainText("For larger quantities");
  await expect(row("0.50")).toContainText("No longer");
  await expect(row("0.89")).toContainText("Restaurants");
  await expect(row("0.89")).toContainText("For its group");
  await isInOrder(page, "prices", DESK_AND_PHONE, { fullPage: true });

  // Archived while the page is open, the line is gone from it and the product's own price holds: a list that is over prices nothing.
  const desk = await (await world.launchBrowser("colleague", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(desk, server.url, ADA);
  await desk.goto(`${server.url}/office/catalog/price_lists`);
  await desk.locator("tbody .row-link").filter({ hasText: "Harvest" }).click();
  await desk.getByRole("button", { name: "Archive", exact: true }).click();
  await expect(desk.getByText("This is archived")).toBeVisible();
  await expect(prices).toContainText("The product’s own price holds.");
  await expect(prices.getByRole("listitem")).toHaveCount(2);

  // A line leads to its page.
  await row("0.89").getByRole("link").click();
  await expect(page.getByLabel("Price list", { exact: true })).toHaveValue("Kitchens");
});

test("a_till_sells_by_the_price_list_and_its_breaks_without_a_reload_and_without_a_network", async ({ world }) => {
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
  await desk.goto(`${server.url}/office/catalog/price_lists/new`);
  await desk.getByLabel("Name", { exact: true }).fill("Harvest");
  await save(desk);
  // The till hears of the one as of the other, in their order: where it shows what one costs, it knows what three do.
  await addLine(desk, server.url, ["Harvest", "3", "0.99"]);
  await addLine(desk, server.url, ["Harvest", "0", "1.20"]);
  await expect(avocado).toContainText("1.20");
  await avocado.click();
  await avocado.click();
  await expect(cashier.payButton).toContainText("2.40");
  await avocado.click();
  await expect(cashier.payButton, "all three cost less").toContainText("2.97");

  await server.stop();
  await avocado.click();
  await expect(cashier.payButton).toContainText("3.96");
  await shop
    .getByRole("list", { name: "Lines on the ticket" })
    .getByRole("button", { name: /Avocado/ })
    .click();
  const less = shop.getByRole("button", { name: "One less" });
  await less.click();
  await expect(cashier.payButton).toContainText("2.97");
  await less.click();
  await expect(cashier.payButton, "below the break again").toContainText("2.40");
  await cashier.pay(240);
  expect(await shop.evaluate(() => performance.timeOrigin), "the till's page is the one that was opened").toBe(loadedAt);
});
