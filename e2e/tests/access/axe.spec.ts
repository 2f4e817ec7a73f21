// No screen has a serious fault that axe finds, in either theme: names, roles, contrast, order of headings.
import { Cashier, MARA, signIn, type Product } from "../../actors/cashier.ts";
import { seriousFaults } from "../../harness/axe.ts";
import { expect, test, type Page } from "../../harness/index.ts";

const AVOCADO: Product = { code: "9521000010239", priceMinor: 135 };
const MADELEINES: Product = { code: "9521000020184", priceMinor: 295 };

/** Looks at the screen in both themes. Colours in the middle of a transition are nobody's choice, hence without motion. */
async function isAccessible(page: Page, screen: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await expect.soft(await seriousFaults(page), `${screen}, ${colorScheme}`).toEqual([]);
  }
}

test("every_screen_of_the_till_is_free_of_serious_faults", async ({ world }) => {
  const server = await world.startServer();
  const page = await (await world.launchBrowser("till")).open(`${server.url}/sign-in`);
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await isAccessible(page, "sign-in");
  const cashier = new Cashier(page);
  await cashier.setUp(server.url, "Till 1");
  await isAccessible(page, "opening");
  await page.getByText("Notes and coins").click();
  await isAccessible(page, "opening, piece by piece");
  await cashier.open();
  await expect(page.getByRole("button", { name: /Avocado/ }).first()).toBeVisible();
  await isAccessible(page, "selling, nothing rung up");
  await cashier.scan(AVOCADO);
  await cashier.scan(MADELEINES);
  await expect(cashier.payButton).toContainText("4.30");
  await page.getByRole("list", { name: "Lines on the ticket" }).getByRole("button").first().click();
  await isAccessible(page, "selling, a line chosen");
  await cashier.scan({ code: "9529999999990", priceMinor: 0 });
  await expect(page.getByRole("alert")).toBeVisible();
  await isAccessible(page, "selling, an unknown code");
  await page.getByRole("button", { name: "Understood" }).click();
  await cashier.payButton.click();
  await isAccessible(page, "paying");
  await page.getByRole("button", { name: /^Exact/ }).click();
  await expect(page.getByRole("button", { name: "Next customer" })).toBeVisible();
  await isAccessible(page, "receipt");
  await page.getByRole("button", { name: "All accepted" }).click();
  await isAccessible(page, "sync");
  await page.keyboard.press("Escape");
  await cashier.lookAtTickets();
  await isAccessible(page, "tickets");
  await cashier.ticketRows.first().getByRole("button").click();
  await expect(page.getByRole("article")).toBeVisible();
  await isAccessible(page, "one ticket");
  await page.getByRole("link", { name: "Close till" }).click();
  await page.keyboard.type("1", { delay: 120 });
  await isAccessible(page, "closing");
  for (const [path, heading] of [
    ["/settings", "Settings"],
    ["/settings/erase", "Erase this device"],
    ["/people", "Who is here?"],
  ] as const) {
    await page.goto(`${server.url}${path}`);
    await expect(page.getByRole("heading", { name: heading })).toBeVisible();
    await isAccessible(page, path);
  }
});

test("every_screen_of_the_office_is_free_of_serious_faults", async ({ world }) => {
  const server = await world.startServer();
  const cashier = new Cashier(await (await world.launchBrowser("till")).open(server.url));
  await cashier.setUp(server.url, "Till 1");
  await cashier.open();
  await cashier.sell([AVOCADO, MADELEINES]);
  const page = await (await world.launchBrowser("office")).open(server.url);
  await signIn(page, server.url, MARA);
  await page.goto(`${server.url}/office`);
  await expect(page.getByText("€4.30").first()).toBeVisible();
  await isAccessible(page, "today");
  await page.goto(`${server.url}/office/tickets`);
  await expect(page.getByRole("row")).toHaveCount(2);
  await isAccessible(page, "tickets");
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  await expect(page.getByRole("heading", { name: "History" })).toBeVisible();
  await isAccessible(page, "one ticket");
});
