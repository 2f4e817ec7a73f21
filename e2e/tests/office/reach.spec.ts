// How far a role reaches the fields of records: what is masked is shown masked and locked, what is hidden is nowhere; at a desk and on a phone, in both themes.
import { ADA, ELIF, NOAH, signIn } from "../../actors/cashier.ts";
import { expect, test } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

test("a_role_shows_of_a_record_as_much_as_it_reaches_and_sends_no_more", async ({ world }) => {
  const server = await world.startServer();
  const ada = await (await world.launchBrowser("ada", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(ada, server.url, ADA);
  await ada.goto(`${server.url}/office/sales/customers/new`);
  await ada.getByLabel("Name", { exact: true }).fill("Alfreds Futterkiste");
  await ada.getByLabel("E-mail").fill("maria.anders@alfreds.example");
  await ada.getByLabel("Phone").fill("030-0074321");
  await ada.getByRole("button", { name: "Save" }).click();
  await expect(ada.getByText("All is saved.")).toBeVisible();

  // An auditor reads people masked, and changes nothing.
  const noah = await (await world.launchBrowser("noah", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(noah, server.url, NOAH);
  await noah.goto(`${server.url}/office/sales/customers?sort=email&q=`);
  const row = noah.locator("tbody tr").filter({ hasText: "Alfreds Futterkiste" });
  await expect(row).toContainText("m•••@•••");
  await expect(row).toContainText("•••21");
  await expect(noah.getByText("maria.anders")).toHaveCount(0);
  await expect(noah.getByRole("button", { name: "Name", exact: true })).toBeVisible();
  await expect(noah.getByRole("button", { name: "E-mail", exact: true }), "no list is sorted by what is masked").toHaveCount(0);
  await isInOrder(noah, "reach-list", DESK_AND_PHONE, { fullPage: true });
  await row.locator(".row-link").click();
  const email = noah.getByLabel("E-mail");
  await expect(email).toHaveValue("m•••@•••");
  await expect(email).toBeDisabled();
  await expect(noah.getByText("Partly hidden.").first()).toBeVisible();
  await isInOrder(noah, "reach-record", DESK_AND_PHONE, { fullPage: true });

  // A role that is given shows itself at once: who tells customers what there is sorts them, and reaches neither their phones nor what they are called.
  await ada.goto(`${server.url}/office/people`);
  const elifs = ada.getByRole("list", { name: "Accounts" }).locator("> li").filter({ hasText: "elif@" });
  await elifs.getByRole("button", { name: "Give a role" }).click();
  const dialog = ada.getByRole("dialog");
  await dialog.getByLabel("Role").selectOption({ label: "Marketing" });
  await dialog.getByLabel("Reason").fill("The campaign.");
  await dialog.getByRole("button", { name: "Give the role" }).click();
  await expect(dialog).toBeHidden();
  const elif = await (await world.launchBrowser("elif", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(elif, server.url, ELIF);
  await elif.goto(`${server.url}/office/sales/customers`);
  await elif.locator("tbody .row-link").filter({ hasText: "Alfreds Futterkiste" }).click();
  await expect(elif.getByLabel("E-mail")).toHaveValue("maria.anders@alfreds.example");
  await expect(elif.getByLabel("E-mail")).toBeDisabled();
  await expect(elif.getByLabel("Phone")).toHaveCount(0);
  await elif.getByLabel("Tags").fill("spring");
  await elif.getByRole("button", { name: "Save" }).click();
  await expect(elif.getByText("All is saved.")).toBeVisible();
  expect(server.query<{ phone: string; tags: string[] }>(`select phone, tags from customers`)).toEqual([{ phone: "030-0074321", tags: ["spring"] }]);
});
