// Many records at once: rows chosen by mouse and by keyboard, what would change shown first, then done; all that a list finds; archived and taken back; by whoever
// may, in both themes, at a desk and on a phone.
import { ADA, MARA, signIn } from "../../actors/cashier.ts";
import { makeSuppliers } from "../../actors/suppliers.ts";
import { expect, test, type Page } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

const names = (page: Page) => page.locator("tbody .row-link");
const box = (page: Page, name: string) => page.getByRole("checkbox", { name: `Choose ${name}`, exact: true });
const bar = (page: Page) => page.getByRole("group", { name: "Chosen rows" });
const count = (page: Page, label: string) => page.getByRole("dialog").locator(".import-count").filter({ hasText: label }).locator("dd");

/** Archives a supplier as another program would. */
async function archive(page: Page, name: string): Promise<void> {
  const status = await page.evaluate(async (name) => {
    const { csrf } = (await (await fetch("/api/v1/identity/session")).json()) as { csrf: string };
    const found = (await (await fetch(`/api/v1/procurement/suppliers?q=${encodeURIComponent(name)}`)).json()) as {
      records: { id: string; version: number }[];
    };
    const { id, version } = found.records[0]!;
    const headers = { "content-type": "application/json", "x-holdfast-csrf": csrf, "if-match": `"${version}"` };
    return (await fetch(`/api/v1/procurement/suppliers/${id}/archive`, { method: "POST", headers, body: "{}" })).status;
  }, name);
  expect(status).toBe(200);
}

test("chosen_rows_are_changed_together_after_it_was_shown_what_would_change", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, MARA);
  await makeSuppliers(page, 60);
  await page.goto(`${server.url}/office/procurement/suppliers`);
  await expect(names(page)).toHaveCount(50);
  await expect(bar(page)).toBeHidden();

  // By mouse, on to a row with Shift, and by keyboard.
  await box(page, "Supplier 002").check();
  await box(page, "Supplier 005").click({ modifiers: ["Shift"] });
  await expect(bar(page)).toContainText("4 chosen");
  await names(page).filter({ hasText: "Supplier 007" }).focus();
  await page.keyboard.press("Space");
  await expect(box(page, "Supplier 007")).toBeChecked();
  await expect(page.getByRole("status").filter({ hasText: "5 chosen" })).toBeAttached();
  await isInOrder(page, "bulk-bar", DESK_AND_PHONE);

  // One of them is put away meanwhile. It stays chosen, and is left out by itself.
  await archive(page, "Supplier 003");
  await expect(names(page).filter({ hasText: "Supplier 003" })).toHaveCount(0);
  await bar(page).getByRole("button", { name: "Edit" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByLabel("Field").selectOption({ label: "City" });
  await expect(sheet.getByRole("textbox", { name: "City" })).toBeFocused();
  await page.keyboard.type("Paris");
  await sheet.getByLabel("Field").selectOption({ label: "Tags" });
  await expect(sheet.getByLabel("Tags", { exact: true })).toBeFocused();
  await page.keyboard.type("autumn,");
  await isInOrder(page, "bulk-fields", DESK_AND_PHONE);
  await sheet.getByRole("button", { name: "Leave Tags as it is" }).click();
  await sheet.getByRole("button", { name: "Show what would change" }).click();
  await expect(count(page, "Will change")).toHaveText("2");
  await expect(count(page, "Already so")).toHaveText("2");
  await expect(count(page, "Left out")).toHaveText("1");
  await expect(sheet.getByRole("row").filter({ hasText: "Supplier 003" })).toContainText("Somebody changed this meanwhile");
  await isInOrder(page, "bulk-tried", DESK_AND_PHONE);
  await expect(sheet.getByRole("button", { name: "Change 2 entries" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText("2 entries changed")).toBeVisible();
  await expect(bar(page)).toBeHidden();
  await page.goto(`${server.url}/office/procurement/suppliers?address.city=Paris`);
  await expect(names(page).filter({ hasText: /00[2457]/ })).toHaveText(["Supplier 002", "Supplier 004", "Supplier 005", "Supplier 007"]);

  // A value that no record takes is told at its field, and nothing is sent.
  await box(page, "Supplier 002").check();
  await bar(page).getByRole("button", { name: "Edit" }).click();
  await sheet.getByLabel("Field").selectOption({ label: "E-mail" });
  await sheet.getByRole("textbox", { name: "E-mail" }).fill("nobody");
  await sheet.getByRole("button", { name: "Show what would change" }).click();
  await expect(sheet.getByText("Write an address such as name@company.com.")).toBeVisible();
});

test("all_that_a_list_finds_is_changed_and_what_was_archived_is_taken_back", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[1] })).open(server.url);
  await signIn(page, server.url, ADA);
  await makeSuppliers(page, 60);
  await page.goto(`${server.url}/office/procurement/suppliers`);
  await page.getByRole("checkbox", { name: "Choose all rows shown" }).check();
  await expect(bar(page)).toContainText("50 chosen");
  await bar(page).getByRole("button", { name: "Choose all 60" }).click();
  await expect(bar(page)).toContainText("60 chosen");
  await bar(page).getByRole("button", { name: "Edit" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByLabel("Field").selectOption({ label: "Tags" });
  await sheet.getByRole("textbox", { name: "Tags" }).fill("autumn");
  await sheet.getByRole("button", { name: "Show what would change" }).click();
  await expect(count(page, "Will change")).toHaveText("60");
  await sheet.getByRole("button", { name: "Change 60 entries" }).click();
  await expect(page.getByText("60 entries changed")).toBeVisible();

  // Narrowed otherwise, nothing stays chosen.
  await box(page, "Supplier 001").check();
  await page.goto(`${server.url}/office/procurement/suppliers?tags=autumn&address.city=London`);
  await expect(page.getByText("20 entries")).toBeVisible();
  await expect(bar(page)).toBeHidden();

  await page.getByRole("checkbox", { name: "Choose all rows shown" }).check();
  await bar(page).getByRole("button", { name: "Archive" }).click();
  await sheet.getByRole("button", { name: "Archive 20 entries" }).click();
  await expect(page.getByText("20 entries archived")).toBeVisible();
  await expect(names(page)).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("20 entries are back in use")).toBeVisible();
  await expect(names(page)).toHaveCount(20);

  await page.goto(`${server.url}/office/procurement/suppliers?archived=true`);
  await expect(page.getByText("Nothing is archived")).toBeVisible();
  await expect(page.getByRole("checkbox")).toHaveCount(0);
});
