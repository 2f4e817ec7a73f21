// Without a mouse: a whole sale, dialogs that keep and return the focus, an order that follows the eye.
import { Cashier, type Product } from "../../actors/cashier.ts";
import { expect, test, type Page, type World } from "../../harness/index.ts";

const AVOCADO: Product = { code: "9521000010239", priceMinor: 135 };

async function atTheTill(world: World): Promise<Cashier> {
  const server = await world.startServer();
  const cashier = new Cashier(await (await world.launchBrowser("till")).open(server.url));
  await cashier.setUp(server.url, "Till 1");
  await cashier.open();
  await expect(cashier.page.getByRole("button", { name: /Avocado/ }).first()).toBeVisible();
  return cashier;
}

/** Where the focus is: the control's name as it is read out, and whether a ring shows it. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement;
    const label = element.getAttribute("aria-label") ?? (element as HTMLInputElement).labels?.[0]?.textContent ?? element.textContent ?? "";
    const ring = getComputedStyle(element.matches("input[type=radio]") ? (element.nextElementSibling ?? element) : element);
    const around = element.closest(".scan-field") ?? element;
    const shown = [ring, getComputedStyle(around)].some(({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && outlineWidth !== "0px");
    return { name: label.trim(), shown, inDialog: element.closest("dialog") !== null };
  });

test("a_sale_from_scan_to_receipt_needs_no_mouse", async ({ world }) => {
  const cashier = await atTheTill(world);
  const { page } = cashier;
  await cashier.scan(AVOCADO);
  await expect(cashier.payButton).toContainText("1.35");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Cash payment" })).toBeVisible();
  await page.keyboard.type("200", { delay: 120 });
  await expect(page.getByRole("dialog")).toContainText("0.65");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Change due")).toBeVisible();
  await expect(page.getByRole("article", { name: /^Receipt/ })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("Ready for the next customer")).toBeVisible();

  // By name this time, as who has no scanner does.
  await page.keyboard.type("avocado", { delay: 120 });
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(cashier.payButton).toContainText("1.35");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Cash payment" })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByText("No change")).toBeVisible();
});

test("a_dialog_keeps_the_focus_and_gives_it_back", async ({ world }) => {
  const cashier = await atTheTill(world);
  const { page } = cashier;
  await cashier.scan(AVOCADO);
  await expect(cashier.payButton).toContainText("1.35");
  const abandon = page.getByRole("button", { name: "Abandon" });
  await abandon.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Abandon this ticket?" })).toBeVisible();
  for (let step = 0; step < 6; step++) {
    // Between the last control and the first, the focus may rest on the browser's own.
    const at = await focused(page);
    expect(at.inDialog || at.name === "" || !(await page.evaluate(() => document.hasFocus())), at.name).toBe(true);
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(abandon).toBeFocused();
  await expect(cashier.payButton).toContainText("1.35");
});

test("the_focus_goes_as_the_eye_does_and_is_always_seen", async ({ world }) => {
  const { page } = await atTheTill(world);
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  const names: string[] = [];
  for (let step = 0; step < 9; step++) {
    await page.keyboard.press("Tab");
    const at = await focused(page);
    expect.soft(at.shown, `a ring around ${at.name}`).toBe(true);
    names.push(at.name);
  }
  expect(names.slice(0, 4)).toEqual(["Holdfast", "Sell", "Tickets", "Close till"]);
  expect(names[4]).toContain("Denis");
  expect(names[5]).toContain("accepted");
  expect(names[6]).toBe("Search or scan");
  expect(names[7]).toBe("All");
  expect(names[8]).toContain("€");
});
