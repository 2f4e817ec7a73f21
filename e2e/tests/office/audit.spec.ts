// Who did what: newest first, narrowed, each entry opened to all that is known of it, taken out as a file; by keyboard, in both themes, at a desk and on a phone.
import { ADA, MARA, signIn } from "../../actors/cashier.ts";
import { expect, test, type Page } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

/** Makes a supplier as another program would, and changes where it is. */
async function keepASupplier(page: Page): Promise<void> {
  const statuses = await page.evaluate(async () => {
    const { csrf } = (await (await fetch("/api/v1/identity/session")).json()) as { csrf: string };
    const headers = { "content-type": "application/json", "x-holdfast-csrf": csrf };
    const path = "/api/v1/procurement/suppliers";
    const values = { name: "Exotic Liquids", address: { city: "London" } };
    const made = await fetch(path, { method: "POST", headers, body: JSON.stringify({ values }) });
    const { id } = (await made.json()) as { id: string };
    const body = JSON.stringify({ values: { address: { city: "Leeds" } }, reason: "They moved." });
    const changed = await fetch(`${path}/${id}`, { method: "PATCH", headers: { ...headers, "if-match": '"1"' }, body });
    return [made.status, changed.status];
  });
  expect(statuses).toEqual([201, 200]);
}

test("the_audit_says_who_did_what_and_opens_to_what_changed", async ({ world }) => {
  test.setTimeout(180_000);
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, ADA);
  await keepASupplier(page);
  await page.goto(`${server.url}/office`);
  await page.getByRole("navigation").getByRole("link", { name: "Audit" }).click();
  await expect(page.getByRole("heading", { name: "Audit", level: 1 })).toBeVisible();
  const rows = page.locator("tbody tr:has(.row-link)");
  await expect(rows.first()).toContainText("Changed");
  await expect(rows.first()).toContainText("Ada Morel");
  await expect(rows.first()).toContainText("Supplier: Exotic Liquids");
  await expect(rows.filter({ hasText: "Signed in" }).first()).toBeVisible();
  await isInOrder(page, "audit", DESK_AND_PHONE);

  // By keyboard: into the entry, and out of it.
  await rows.first().getByRole("button").focus();
  await page.keyboard.press("Enter");
  const entry = page.getByRole("dialog", { name: "Changed" });
  const city = entry.getByRole("row").filter({ hasText: "City" });
  await expect(city).toContainText("London");
  await expect(city).toContainText("Leeds");
  await expect(entry).toContainText("They moved.");
  await isInOrder(page, "audit-entry", DESK_AND_PHONE);
  await page.keyboard.press("Escape");
  await expect(entry).toBeHidden();
  await expect(rows.first().getByRole("button")).toBeFocused();

  // Of one record, and from there to the record.
  await page.keyboard.press("Enter");
  await entry.getByRole("button", { name: "Only this record" }).click();
  await expect(rows).toHaveCount(2);
  await expect(page).toHaveURL(/kind=procurement\.supplier&record=/);
  await page.reload();
  await expect(rows).toHaveCount(2);
  await page.getByRole("button", { name: "One record" }).click();
  await expect(page).not.toHaveURL(/record=/);

  // Narrowed to what was never done, and widened again.
  await page.getByRole("group", { name: "Filters" }).getByRole("button", { name: "What" }).click();
  await page.getByRole("button", { name: "Taken back", exact: true }).click();
  await expect(page.getByText("Nothing like that was done")).toBeVisible();
  await isInOrder(page, "audit-nothing-found", DESK_AND_PHONE);
  await page.getByRole("button", { name: "Clear all filters" }).click();
  await expect(rows.filter({ hasText: "Signed in" }).first()).toBeVisible();

  const coming = page.waitForEvent("download");
  await page.getByRole("link", { name: "Save as CSV" }).click();
  expect((await coming).suggestedFilename()).toBe("audit.csv");
  await page.reload();
  await expect(rows.first()).toContainText("Taken out as a file");
});

test("who_may_not_read_the_audit_is_told_so_and_finds_no_way_to_it", async ({ world }) => {
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office")).open(server.url);
  await signIn(page, server.url, MARA);
  await page.goto(`${server.url}/office/audit`);
  await expect(page.getByText("Your role does not show you this")).toBeVisible();
  await expect(page.getByRole("navigation").getByRole("link", { name: "Audit" })).toBeHidden();
  await isInOrder(page, "audit-no-permission", DESK_AND_PHONE);
});
