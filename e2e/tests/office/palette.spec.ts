// The command palette: pages, acts and records in one list, by keyboard and by touch; only what somebody may; what was chosen lately first; the focus goes back to where it was.
import { ADA, ELIF, MARA, signIn } from "../../actors/cashier.ts";
import { expect, test, type Page } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

const palette = (page: Page) => page.getByRole("dialog", { name: "Search and commands" });
const line = (page: Page) => palette(page).getByRole("combobox");
const options = (page: Page) => palette(page).getByRole("option");
const part = (page: Page, name: string) => palette(page).getByRole("group", { name });

/** Opens it by its keys, once the office is there. */
async function open(page: Page): Promise<void> {
  await expect(page.getByRole("button", { name: "Search or go to" })).toBeVisible();
  await page.keyboard.press("Control+k");
  await expect(line(page)).toBeFocused();
}

/** Makes a supplier as another program would. */
async function makeSupplier(page: Page, name: string): Promise<void> {
  const status = await page.evaluate(async (name) => {
    const { csrf } = (await (await fetch("/api/v1/identity/session")).json()) as { csrf: string };
    const headers = { "content-type": "application/json", "x-holdfast-csrf": csrf };
    return (await fetch("/api/v1/procurement/suppliers", { method: "POST", headers, body: JSON.stringify({ values: { name } }) })).status;
  }, name);
  expect(status).toBe(201);
}

test("pages_acts_and_records_are_reached_by_typing", async ({ world }) => {
  test.setTimeout(240_000);
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, ADA);
  await makeSupplier(page, "Exotic Liquids");
  await page.goto(`${server.url}/office/tickets`);
  const button = page.getByRole("button", { name: "Search or go to" });
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(line(page)).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(palette(page)).toBeHidden();
  await expect(button).toBeFocused();

  await page.keyboard.press("Control+k");
  await expect(line(page)).toBeFocused();
  await expect(part(page, "Recent")).toHaveCount(0);
  await isInOrder(page, "palette-all", DESK_AND_PHONE);
  await page.keyboard.type("suppl");
  await expect(options(page).first()).toContainText("Suppliers");
  await expect(options(page).first()).toHaveAttribute("aria-selected", "true");
  await expect(part(page, "Actions").getByRole("option")).toHaveText([/New supplier/, /Import suppliers/]);
  await page.keyboard.press("ArrowUp");
  await expect(options(page).last()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  const active = await line(page).getAttribute("aria-activedescendant");
  await expect(page.locator(`#${active}`)).toContainText("New supplier");
  await isInOrder(page, "palette-typed", DESK_AND_PHONE);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/office\/procurement\/suppliers\/new$/);

  // What is typed in a form is not lost by a choice.
  await page.getByLabel("Name", { exact: true }).fill("Half typed");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("tickets");
  await expect(options(page).first()).toContainText("Tickets");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Leave without saving?" }).getByRole("button", { name: "Leave without saving" }).click();
  await expect(page).toHaveURL(/\/office\/tickets$/);

  // A record, by a part of its name with a slip in it.
  await page.keyboard.press("Control+k");
  await page.keyboard.type("exotik");
  await expect(part(page, "Records").getByRole("option")).toHaveText([/Exotic Liquids\s*Supplier/]);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Exotic Liquids" })).toBeVisible();

  // What was chosen lately comes first, by its present name.
  await page.getByLabel("Name", { exact: true }).fill("Exotic Waters");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("heading", { name: "Exotic Waters" })).toBeVisible();
  await page.keyboard.press("Control+k");
  await expect(part(page, "Recent").getByRole("option")).toHaveText([/Exotic Waters/, /Tickets/, /New supplier/]);
  await isInOrder(page, "palette-recent", DESK_AND_PHONE);
  await page.keyboard.press("Control+k");
  await expect(palette(page)).toBeHidden();

  await page.keyboard.press("Control+k");
  await page.keyboard.type("nobody is called that");
  await expect(palette(page).getByRole("status")).toHaveText("No results");
  await isInOrder(page, "palette-nothing", DESK_AND_PHONE);
  await page.keyboard.press("Escape");
});

test("it_offers_only_what_somebody_may_do", async ({ world }) => {
  test.setTimeout(180_000);
  const server = await world.startServer();
  const office = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(office, server.url, MARA);
  await makeSupplier(office, "Exotic Liquids");
  await office.goto(`${server.url}/office/tickets`);
  await open(office);
  await office.keyboard.type("site");
  await expect(part(office, "Pages").getByRole("option").filter({ hasText: "Sites" })).toHaveCount(1);
  await expect(options(office).filter({ hasText: "New site" })).toHaveCount(0);
  await expect(options(office).filter({ hasText: "Import sites" })).toHaveCount(0);

  const crew = await (await world.launchBrowser("crew", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(crew, server.url, ELIF);
  await crew.goto(`${server.url}/office/procurement/suppliers`);
  await expect(crew.getByText("Your role does not show you this")).toBeVisible();
  await open(crew);
  await crew.keyboard.type("exotic");
  await expect(palette(crew).getByRole("status")).toHaveText("No results");
  await line(crew).fill("supplier");
  await expect(palette(crew).getByRole("status")).toHaveText("No results");
});

test("it_is_used_by_touch_on_a_phone", async ({ world }) => {
  const server = await world.startServer();
  const page = await (await world.launchBrowser("phone", { viewport: DESK_AND_PHONE[1] })).open(server.url);
  await signIn(page, server.url, ADA);
  await page.goto(`${server.url}/office`);
  await page.getByRole("button", { name: "Search or go to" }).click();
  await expect(line(page)).toBeFocused();
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await expect(palette(page)).toBeHidden();
  await page.getByRole("button", { name: "Search or go to" }).click();
  await line(page).fill("produ");
  await options(page).filter({ hasText: "Import products" }).click();
  await expect(page).toHaveURL(/\/office\/catalog\/products\/import$/);
});
