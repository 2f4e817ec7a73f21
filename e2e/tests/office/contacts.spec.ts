// The contacts of a supplier: a list of rows, typed, moved, taken away and taken back by keyboard, wrong at its row, and put together row by row where two people changed it.
import { ADA, signIn } from "../../actors/cashier.ts";
import { expect, test, type Page } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

const contacts = (page: Page) => page.getByRole("group", { name: "Contacts", exact: true });
const card = (page: Page, name: string) => contacts(page).getByRole("group", { name });
const called = (page: Page) => contacts(page).locator(".rows-card-name");
const saved = (page: Page) => expect(page.getByText("All is saved.")).toBeVisible();

test("contacts_are_kept_by_keyboard_and_by_two_people_at_once", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, ADA);
  await page.goto(`${server.url}/office/procurement/suppliers/new`);
  await page.getByLabel("Name", { exact: true }).fill("Exotic Liquids");

  // Added with Enter, typed and tabbed through; what is wrong is said at its row.
  await page.getByRole("button", { name: "Add a contact" }).press("Enter");
  await expect(card(page, "Contact, 1 of 1").getByLabel("Name")).toBeFocused();
  await page.keyboard.type("Charlotte Cooper");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Purchasing");
  await page.keyboard.press("Tab");
  await page.keyboard.type("charlotte");
  await page.getByRole("button", { name: "Add a contact" }).press("Enter");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("alert")).toContainText("Not saved: correct the marked fields");
  await expect(card(page, "Charlotte Cooper, 1 of 2").getByLabel("E-mail")).toBeFocused();
  await expect(card(page, "Contact, 2 of 2").getByText("Fill this in.")).toBeVisible();
  await isInOrder(page, "contacts-wrong", DESK_AND_PHONE, { fullPage: true });
  await page.keyboard.press("End");
  await page.keyboard.type("@exoticliquids.example");
  await card(page, "Contact, 2 of 2").getByLabel("Name").fill("Ben Ito");
  await page.keyboard.press("Control+Enter");
  await saved(page);
  await expect(called(page)).toHaveText(["Charlotte Cooper", "Ben Ito"]);

  // Moved by the keyboard alone: who types keeps the place.
  await card(page, "Ben Ito, 2 of 2").getByLabel("Role").focus();
  await page.keyboard.press("Alt+ArrowUp");
  await expect(called(page)).toHaveText(["Ben Ito", "Charlotte Cooper"]);
  await expect(card(page, "Ben Ito, 1 of 2").getByLabel("Role")).toBeFocused();
  await expect(contacts(page).getByRole("status")).toHaveText("Ben Ito, 1 of 2");
  await page.getByRole("button", { name: "Move Charlotte Cooper up" }).press("Enter");
  await expect(called(page)).toHaveText(["Charlotte Cooper", "Ben Ito"]);

  // Taken away, and taken back before it is saved.
  await page.getByRole("button", { name: "Remove Ben Ito" }).press("Enter");
  await expect(page.getByText("Ben Ito goes when you save.").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Take back" })).toBeFocused();
  await isInOrder(page, "contacts", DESK_AND_PHONE, { fullPage: true });
  await page.keyboard.press("Enter");
  await expect(called(page)).toHaveText(["Charlotte Cooper", "Ben Ito"]);
  await saved(page);

  // Two people: one gives Ben a telephone and adds somebody, the other takes Ben away and gives Charlotte another role.
  const address = page.url();
  const other = await (await world.launchBrowser("colleague", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(other, server.url, ADA);
  await other.goto(address);
  await page.getByRole("button", { name: "Remove Ben Ito" }).click();
  await card(page, "Charlotte Cooper").getByLabel("Role").fill("Sales");
  await card(other, "Ben Ito").getByLabel("Phone").fill("020 7946 0000");
  await other.getByRole("button", { name: "Add a contact" }).click();
  await card(other, "Contact, 3 of 3").getByLabel("Name").fill("Mia Sand");
  await other.getByRole("button", { name: "Save" }).click();
  await saved(other);
  await page.getByRole("button", { name: "Save" }).click();
  const versions = page.getByRole("dialog");
  await expect(versions.locator(".merge-row")).toHaveCount(3);
  await expect(versions.locator(".merge-row.open"), "what only one changed is decided; Ben both did").toHaveCount(1);
  await versions.locator(".merge-row.open").getByLabel("020 7946 0000").check();
  await isInOrder(page, "contacts-merge", DESK_AND_PHONE);
  await versions.getByRole("button", { name: "Save this choice" }).click();
  await saved(page);
  await expect(called(page)).toHaveText(["Charlotte Cooper", "Ben Ito", "Mia Sand"]);
  await expect(card(page, "Charlotte Cooper").getByLabel("Role")).toHaveValue("Sales");
  const newest = page.locator(".record-act").first();
  await expect(newest.locator("ins")).toHaveText(["Charlotte Cooper · Sales · charlotte@exoticliquids.example"]);

  // The list names them, the search finds them.
  await page.goto(`${server.url}/office/procurement/suppliers?q=mia`);
  await expect(page.locator("tbody")).toContainText("Charlotte Cooper, Ben Ito, Mia Sand");
});
