// Who may do what: a role is given for a time and ended, both with a reason, seen live by a colleague; at a desk and on a phone, in both themes.
import { ADA, signIn } from "../../actors/cashier.ts";
import { expect, test } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

test("a_role_is_given_for_a_time_and_ended_and_a_colleague_sees_it_at_once", async ({ world }) => {
  const server = await world.startServer();
  const office = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  const colleague = await (await world.launchBrowser("colleague")).open(server.url);
  for (const page of [office, colleague]) {
    await signIn(page, server.url, ADA);
    await page.goto(`${server.url}/office/people`);
  }
  const denis = (page: typeof office) => page.getByRole("list", { name: "Accounts" }).locator("> li").filter({ hasText: "denis@" });
  await expect(denis(office)).toContainText("Shift leader");
  await isInOrder(office, "people", DESK_AND_PHONE, { fullPage: true });

  await denis(office).getByRole("button", { name: "Give a role" }).click();
  const dialog = office.getByRole("dialog");
  await expect(dialog).toContainText("A role for Denis Popescu");
  await expect(dialog.getByRole("button", { name: "Give the role" })).toBeDisabled();
  await dialog.getByLabel("Role").selectOption({ label: "Cashier" });
  await dialog.getByLabel("First day").fill("2126-11-20");
  await dialog.getByLabel("Last day").fill("2126-11-19");
  await dialog.getByLabel("Reason").fill("The fair.");
  await isInOrder(office, "people-give", DESK_AND_PHONE, { fullPage: true });
  await dialog.getByRole("button", { name: "Give the role" }).click();
  await expect(dialog).toContainText("The last day is before the first");
  await dialog.getByLabel("Last day").fill("2126-11-22");
  await dialog.getByRole("button", { name: "Give the role" }).click();
  await expect(dialog).toBeHidden();

  // Both days are told as they were chosen, in the calendar of the site.
  for (const page of [office, colleague]) {
    const role = denis(page).getByRole("listitem").filter({ hasText: "Cashier" });
    await expect(role).toContainText("To come");
    await expect(role).toContainText(/Nov 20, 2126.*Nov 22, 2126.*The fair\./);
  }
  await denis(office).getByRole("listitem").filter({ hasText: "Cashier" }).getByRole("button", { name: "End the role" }).click();
  await expect(dialog).toContainText("End the role Cashier of Denis Popescu?");
  await dialog.getByLabel("Reason").fill("It rains.");
  await dialog.getByRole("button", { name: "End the role" }).click();
  for (const page of [office, colleague]) {
    await expect(denis(page).getByText("To come")).toHaveCount(0);
    await denis(page).getByText("Earlier roles").click();
    await expect(denis(page)).toContainText("It rains.");
  }
  await isInOrder(office, "people-ended", DESK_AND_PHONE, { fullPage: true });
});
