// Two entries of one customer: told when the second is made, compared, made one; the old address leads on. By keyboard, at a desk and on a phone, in both themes.
import { ADA, signIn } from "../../actors/cashier.ts";
import type { Route } from "@playwright/test";
import { expect, test, type Page } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

async function addCustomer(page: Page, url: string, fields: Record<string, string>): Promise<string> {
  await page.goto(`${url}/office/sales/customers/new`);
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: label === "Name" }).fill(value);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("All is saved.")).toBeVisible();
  await expect(page).toHaveURL(/customers\/[0-9a-f-]{36}$/);
  return page.url();
}

test("two_entries_of_one_customer_become_one_and_the_old_address_leads_on", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, ADA);
  const first = await addCustomer(page, server.url, { Name: "Alfreds Futterkiste", "E-mail": "maria@alfreds.example", City: "Berlin" });
  await expect(page.getByText("Probably the same as")).toHaveCount(0);

  // The second is saved all the same, and it is told of whom it reminds.
  const second = await addCustomer(page, server.url, { Name: "Maria Anders", "E-mail": "Maria@Alfreds.example", Phone: "030-0074321", City: "Bonn" });
  const told = page.getByRole("status").filter({ hasText: "Probably the same as Alfreds Futterkiste" });
  await expect(told).toContainText("Both have the same: E-mail.");
  await isInOrder(page, "merge-told", DESK_AND_PHONE, { fullPage: true });

  // Without the other one it is asked for; the likely ones stand above.
  await page.getByRole("link", { name: "Merge …" }).click();
  await expect(page.getByRole("heading", { name: "Merge two into one" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Alfreds Futterkiste" })).toBeVisible();
  const other = page.getByRole("combobox", { name: "Merge with" });
  await other.fill("Maria Anders");
  await page.getByRole("option", { name: "Maria Anders" }).click();
  await expect(page.getByText("This is the same one. Choose another.")).toBeVisible();
  await isInOrder(page, "merge-choose", DESK_AND_PHONE);
  await other.fill("Alfreds");
  await page.getByRole("option", { name: "Alfreds Futterkiste" }).click();

  // The record that one came from stays; the other way round is a link away.
  const name = page.getByRole("group", { name: "Name" });
  await expect(name.getByRole("radio", { name: "Stays" })).toBeChecked();
  await page.getByRole("link", { name: "Keep the other one instead" }).click();
  await expect(page).toHaveURL(new RegExp(`${new URL(first).pathname}/merge`));
  await expect(page.getByRole("group", { name: "Phone" }).getByRole("radio", { name: "Is archived" }), "what says nothing gives way").toBeChecked();
  await expect(page.getByRole("group", { name: "E-mail" }), "nothing to choose where both say the same").toHaveCount(0);
  await page.getByRole("group", { name: "Address" }).getByRole("radio", { name: "Is archived" }).focus();
  await page.keyboard.press("Space");
  await isInOrder(page, "merge-pair", DESK_AND_PHONE, { fullPage: true });

  // Somebody changes the other one meanwhile: it is looked at again before anything is done.
  const meanwhile = async (route: Route): Promise<void> => {
    const id = second.split("/").pop() ?? "";
    const status = await page.evaluate(async (id) => {
      const { csrf } = (await (await fetch("/api/v1/identity/session")).json()) as { csrf: string };
      const headers = { "content-type": "application/json", "x-holdfast-csrf": csrf, "if-match": '"1"' };
      const body = JSON.stringify({ values: { address: { city: "Bremen" } } });
      return (await fetch(`/api/v1/sales/customers/${id}`, { method: "PATCH", headers, body })).status;
    }, id);
    expect(status).toBe(200);
    await route.continue();
  };
  await page.route("**/api/v1/sales/customers/*/merge", meanwhile, { times: 1 });
  await page.getByRole("button", { name: "Merge", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("Not done: somebody changed this meanwhile");
  const address = page.getByRole("group", { name: "Address" });
  await expect(address).toContainText("Bremen");
  await expect(address.getByRole("radio", { name: "Is archived" }), "what was chosen stays chosen").toBeChecked();
  await page.getByRole("button", { name: "Merge", exact: true }).click();

  await expect(page).toHaveURL(first);
  await expect(page.getByLabel("City")).toHaveValue("Bremen");
  await expect(page.getByLabel("Phone")).toHaveValue("030-0074321");
  await expect(page.getByText("Probably the same as")).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Merged with Maria Anders" })).toBeVisible();
  await isInOrder(page, "merge-merged", DESK_AND_PHONE, { fullPage: true });

  // Whoever comes by the old address is led on; restored, it is one of its own again.
  await page.getByRole("link", { name: "Merged with Maria Anders" }).click();
  await expect(page).toHaveURL(second);
  const led = page.getByRole("status").filter({ hasText: "Merged into Alfreds Futterkiste" });
  await expect(led).toBeVisible();
  await isInOrder(page, "merge-gone", DESK_AND_PHONE, { fullPage: true });
  await led.getByRole("link", { name: "Open" }).click();
  await expect(page).toHaveURL(first);
  await page.goBack();
  await led.getByRole("button", { name: "Restore" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Probably the same as Alfreds Futterkiste" })).toBeVisible();
});
