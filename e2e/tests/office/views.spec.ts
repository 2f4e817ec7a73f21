// Views of a list under a name: kept, begun with, changed, shared, renamed, taken away and brought back; they follow the person, and are reached from the palette.
import { ADA, MARA, signIn } from "../../actors/cashier.ts";
import { expect, test, type Page } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

const names = (page: Page) => page.locator("tbody .row-link");
const menu = (page: Page) => page.locator(".view-menu .popover-button");
const panel = (page: Page) => page.locator(".view-menu .popover-panel");

async function makeSuppliers(page: Page): Promise<void> {
  const made = await page.evaluate(async () => {
    const { csrf } = (await (await fetch("/api/v1/identity/session")).json()) as { csrf: string };
    const headers = { "content-type": "application/json", "x-holdfast-csrf": csrf };
    const send = (values: object) => fetch("/api/v1/procurement/suppliers", { method: "POST", headers, body: JSON.stringify({ values }) });
    const cities = { Alpha: "London", Beta: "Paris", Gamma: "London" };
    return Promise.all(Object.entries(cities).map(async ([name, city]) => (await send({ name, address: { city } })).status));
  });
  expect(made).toEqual([201, 201, 201]);
}

test("a_view_is_kept_shared_begun_with_and_brought_back", async ({ world }) => {
  test.setTimeout(240_000);
  const server = await world.startServer();
  const page = await (await world.launchBrowser("ada", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, ADA);
  await makeSuppliers(page);
  const list = `${server.url}/office/procurement/suppliers`;
  await page.goto(`${list}?sort=-name&address.city=London`);
  await expect(names(page)).toHaveText(["Gamma", "Alpha"]);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("switch", { name: "Country" }).check();
  await page.keyboard.press("Escape");
  await menu(page).click();
  await panel(page).getByLabel("Keep what is shown as").fill("In London");
  await isInOrder(page, "views-panel", DESK_AND_PHONE);
  await page.keyboard.press("Enter");
  await expect(menu(page)).toHaveText("In London");

  // Everything again, then the view, with its columns.
  await menu(page).click();
  await panel(page).getByRole("button", { name: "Everything" }).click();
  await expect(names(page)).toHaveText(["Alpha", "Beta", "Gamma"]);
  await menu(page).click();
  await panel(page).getByRole("button", { name: "In London", exact: true }).click();
  await expect(names(page)).toHaveText(["Gamma", "Alpha"]);
  await expect(page).toHaveURL(/\?sort=-name&address.city=London$/);

  // Changed, it says so, and is saved into.
  await page.getByRole("columnheader", { name: "Name" }).getByRole("button").click();
  await expect(menu(page)).toHaveText("In London (changed)");
  await menu(page).click();
  await panel(page).getByRole("button", { name: "Save changes" }).click();
  await expect(menu(page)).toHaveText("In London");

  // Begun with, on another device too.
  await menu(page).click();
  await panel(page).getByRole("button", { name: "Begin with it" }).click();
  const elsewhere = await (await world.launchBrowser("elsewhere", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(elsewhere, server.url, ADA);
  await elsewhere.goto(list);
  await expect(names(elsewhere)).toHaveText(["Alpha", "Gamma"]);
  await expect(elsewhere.getByRole("columnheader", { name: "Country" })).toBeVisible();
  await expect(menu(elsewhere)).toHaveText("In London");

  // Shared and renamed, it is Mara's to choose from the palette.
  await menu(page).click();
  await panel(page).getByRole("button", { name: "Share with the company" }).click();
  await menu(page).click();
  await panel(page).getByLabel("Name of this view").fill("London suppliers");
  await panel(page).getByRole("button", { name: "Rename" }).click();
  await expect(menu(page)).toHaveText("London suppliers");
  const mara = await (await world.launchBrowser("mara", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(mara, server.url, MARA);
  await mara.goto(`${server.url}/office/tickets`);
  await mara.getByRole("button", { name: "Search or go to" }).click();
  await expect(mara.getByRole("dialog").getByRole("combobox")).toBeFocused();
  await mara.keyboard.type("london sup");
  await expect(mara.getByRole("dialog").getByRole("option").first()).toContainText("London suppliers");
  await mara.keyboard.press("Enter");
  await expect(names(mara)).toHaveText(["Alpha", "Gamma"]);
  await expect(menu(mara)).toHaveText("London suppliers");
  await expect(mara.getByRole("columnheader", { name: "Country" })).toBeVisible();

  // Taken away, and brought back.
  await menu(page).click();
  await isInOrder(page, "views-chosen", DESK_AND_PHONE);
  await panel(page).getByRole("button", { name: "Delete" }).click();
  await expect(menu(page)).toHaveText("Views");
  await page.getByRole("button", { name: "Undo" }).click();
  await menu(page).click();
  await expect(panel(page).getByRole("button", { name: /London suppliers/ })).toContainText("Shared");
});
