// Variants of a product: made at a desk of options and their values, sold at a till that stands open, each by its own code and at its own price, and the product itself no more.
import { ADA, Cashier, signIn } from "../../actors/cashier.ts";
import { expect, test } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

const LARGE = { code: "9529999999993", priceMinor: 160 };

test("variants_made_at_a_desk_are_sold_at_a_till_that_stands_open", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const cashier = new Cashier(await (await world.launchBrowser("till")).open(server.url));
  await cashier.setUp(server.url, "Till 1");
  await cashier.open();
  const shop = cashier.page;
  await shop.getByRole("searchbox", { name: "Search or scan" }).fill("Avocado");
  const tile = (name: RegExp) => shop.getByRole("button", { name });
  await expect(tile(/^Avocado/)).toContainText("1.35");

  const desk = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(desk, server.url, ADA);
  await desk.goto(`${server.url}/office/catalog/products?q=avocado`);
  await desk.locator("tbody .row-link").filter({ hasText: "Avocado" }).first().click();
  const section = desk.locator(".variants");
  await expect(section).toContainText("This product has no variants");

  // Two options, by keyboard: each value with each of the others, none twice.
  await section.getByLabel("Option", { exact: true }).fill("Size");
  await section.getByLabel("Values", { exact: true }).fill("Small, Large, small");
  await section.getByRole("button", { name: "Add an option" }).press("Enter");
  await section.getByLabel("Option", { exact: true }).nth(1).fill("Ripeness");
  await section.getByLabel("Values", { exact: true }).nth(1).fill("Ripe, Firm");
  await expect(section.locator(".variants-grid li")).toHaveText([
    "Avocado Small / Ripe",
    "Avocado Small / Firm",
    "Avocado Large / Ripe",
    "Avocado Large / Firm",
  ]);
  await isInOrder(desk, "variants-make", DESK_AND_PHONE, { fullPage: true });
  await section.getByRole("button", { name: "Make 4 variants" }).press("Enter");
  await expect(section.locator(".variants-name")).toHaveText([
    "Avocado Large / Firm",
    "Avocado Large / Ripe",
    "Avocado Small / Firm",
    "Avocado Small / Ripe",
  ]);
  await expect(section.locator(".variants-one").first()).toContainText("The product’s price");

  // The till has them instead of the product, at the product's price.
  await expect(tile(/^Avocado Small \/ Ripe/)).toContainText("1.35");
  await expect(tile(/^Avocado (?!Large|Small)/)).toHaveCount(0);

  // The same values again make only what is not there yet.
  await section.getByLabel("Values", { exact: true }).first().fill("Large, Huge");
  await section.getByLabel("Values", { exact: true }).nth(1).fill("ripe");
  await expect(section.locator(".variants-grid li").first()).toContainText("there already");
  await expect(section.getByRole("button", { name: "Make 1 variant" })).toBeVisible();
  await isInOrder(desk, "variants", DESK_AND_PHONE, { fullPage: true });

  // One has a code and a price of its own, and the till sells exactly that one.
  await section.locator(".variants-one").filter({ hasText: "Avocado Large / Ripe" }).click();
  await expect(desk.getByRole("heading", { name: "Avocado Large / Ripe" })).toBeVisible();
  await expect(desk.getByRole("group", { name: "Options", exact: true }).getByLabel("Value").first()).toHaveValue("Large");
  await desk.getByLabel("Article number").fill(LARGE.code);
  await desk.getByLabel("Price", { exact: true }).fill("1.60");
  await desk.getByRole("button", { name: "Save" }).click();
  await expect(desk.getByText("All is saved.")).toBeVisible();
  await isInOrder(desk, "variant", DESK_AND_PHONE, { fullPage: true });
  await expect(tile(/^Avocado Large \/ Ripe/)).toContainText("1.60");
  await cashier.scan(LARGE);
  const lines = shop.getByRole("list", { name: "Lines on the ticket" }).getByRole("listitem");
  await expect(lines.first()).toContainText("Avocado Large / Ripe");
  await cashier.pay(LARGE.priceMinor);

  // Archived, the product takes its variants off the till.
  await section.getByRole("link", { name: "Avocado" }).click();
  await desk.getByRole("button", { name: "Archive", exact: true }).click();
  await expect(section).toContainText("Archived with its variants");
  await expect(tile(/^Avocado/)).toHaveCount(0);
});
