// Roles of the company's own: copied from one that is there, given, changed while somebody works by it, put away; at a desk and on a phone, in both themes.
import { ADA, ELIF, signIn } from "../../actors/cashier.ts";
import { expect, test } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

test("a_role_is_copied_given_changed_and_archived_and_bites_at_once", async ({ world }) => {
  const server = await world.startServer();
  const ada = await (await world.launchBrowser("ada", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(ada, server.url, ADA);
  await ada.goto(`${server.url}/office/roles`);
  const row = (name: string) => ada.getByRole("list", { name: "Roles" }).locator("> li").filter({ hasText: name });
  await expect(row("Marketing")).toContainText("Built in");
  await isInOrder(ada, "roles", DESK_AND_PHONE, { fullPage: true });

  // A copy of a role, with less.
  await row("Marketing").getByRole("button", { name: "Copy" }).click();
  await expect(ada.getByRole("heading", { name: "Copy of Marketing" })).toBeVisible();
  await ada.getByLabel("Name", { exact: true }).first().fill("Fair helper");
  const customers = ada.getByRole("group", { name: "Customers" });
  await expect(customers.getByLabel("Change")).toBeChecked();
  await customers.getByText("Fields").click();
  await customers.getByLabel("E-mail").selectOption({ label: "Partly hidden" });

  // About some of them only.
  await customers.getByText("Which records").click();
  await expect(customers.getByLabel("Whose")).toHaveValue("all");
  await customers.getByRole("button", { name: "Add a condition" }).click();
  const condition = customers.getByRole("list", { name: "Conditions" }).getByRole("listitem");
  await condition.getByLabel("Field").selectOption({ label: "City" });
  await ada.getByRole("button", { name: "Save the role" }).click();
  await expect(ada.getByText("A condition is not complete")).toBeVisible();
  await condition.getByLabel("City", { exact: true }).fill("Brest");
  await expect(customers.getByText("City is Brest")).toBeVisible();
  await isInOrder(ada, "role", DESK_AND_PHONE, { fullPage: true });
  await ada.getByRole("button", { name: "Save the role" }).click();
  await expect(row("Fair helper")).toContainText("Your own");
  await expect(row("Fair helper")).toContainText("some records only");

  await ada.goto(`${server.url}/office/people`);
  const elifs = ada.getByRole("list", { name: "Accounts" }).locator("> li").filter({ hasText: "elif@" });
  await elifs.getByRole("button", { name: "Give a role" }).click();
  const dialog = ada.getByRole("dialog");
  await dialog.getByLabel("Role").selectOption({ label: "Fair helper" });
  await dialog.getByLabel("Reason").fill("The fair.");
  await dialog.getByRole("button", { name: "Give the role" }).click();
  await expect(elifs.getByRole("listitem").filter({ hasText: "Fair helper" })).toContainText("In force");

  const elif = await (await world.launchBrowser("elif")).open(server.url);
  await signIn(elif, server.url, ELIF);
  const reads = () => elif.evaluate(async () => (await fetch("/api/v1/sales/customers")).status);
  expect(await reads()).toBe(200);
  const cities = () =>
    elif.evaluate(async () => {
      const page: { records: { values: { address: { city: string | null } | null } }[] } = await (
        await fetch("/api/v1/sales/customers?limit=200")
      ).json();
      return page.records.map((record) => record.values.address?.city);
    });
  expect((await cities()).filter((city) => city !== "Brest")).toEqual([]);

  // What it lets do no more, nobody does from then on.
  await ada.goto(`${server.url}/office/roles`);
  await row("Fair helper").getByRole("button", { name: "Change" }).click();
  await ada.getByRole("group", { name: "Customers" }).getByLabel("Look up").uncheck();
  await ada.getByRole("button", { name: "Save the role" }).click();
  await expect(row("Fair helper")).toContainText("held by 1 person");
  expect(await reads()).toBe(403);

  await row("Fair helper").getByRole("button", { name: "Archive" }).click();
  await dialog.getByLabel("Reason").fill("It is over.");
  await dialog.getByRole("button", { name: "Archive" }).click();
  await expect(row("Fair helper")).toContainText("Archived");
  await expect(row("Fair helper").getByRole("button", { name: "Restore" })).toBeVisible();
});
