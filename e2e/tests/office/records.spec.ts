// What the office keeps, on the pages that every declared resource has: made, found, sorted, changed, changed by two at once, put away and taken back; by
// keyboard, live, in both themes, at a desk and on a phone.
import { ADA, ELIF, MARA, signIn } from "../../actors/cashier.ts";
import { makeSuppliers } from "../../actors/suppliers.ts";
import { expect, test, type Page } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

const names = (page: Page) => page.locator("tbody .row-link");

test("a_supplier_is_made_found_changed_and_put_away", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, ADA);
  await page.goto(`${server.url}/office`);
  await page.getByRole("navigation").getByRole("link", { name: "Suppliers" }).click();
  await expect(page.getByText("Nothing here yet")).toBeVisible();
  await isInOrder(page, "records-empty", DESK_AND_PHONE);

  // Nothing is sent that the form itself sees to be wrong.
  await page.getByRole("button", { name: "Add" }).click();
  await expect(page.getByRole("heading", { name: "Supplier", level: 1 })).toBeVisible();
  await page.getByLabel("E-mail").fill("no address");
  await page.getByLabel("Phone").fill("(171) 555-2222");
  await expect(page.getByText("Write an address such as name@company.com.")).toBeVisible();
  await page.getByLabel("Days to pay").fill("soon");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert")).toContainText("Not saved: correct the marked fields");
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
  await expect(page.getByText("Fill this in.")).toBeVisible();
  await isInOrder(page, "records-new", DESK_AND_PHONE, { fullPage: true });

  await page.keyboard.type("Exotic Liquids");
  await expect(page.getByText("Fill this in.")).toBeHidden();
  await page.getByLabel("E-mail").fill("Orders@ExoticLiquids.example");
  await page.getByLabel("Days to pay").fill("30");
  await page.getByLabel("Currency").fill("gbp");
  await page.getByLabel("City").fill("London");
  await page.getByLabel("Tags").pressSequentially("drinks,fish,");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("heading", { name: "Exotic Liquids" })).toBeVisible();
  await expect(page.getByLabel("E-mail")).toHaveValue("orders@exoticliquids.example");
  await expect(page.getByLabel("Currency")).toHaveValue("GBP");
  await expect(page.getByText("All is saved.")).toBeVisible();
  await expect(page.locator(".record-act")).toHaveCount(1);

  await page.getByLabel("City").fill("Bristol");
  await page.getByRole("button", { name: "Remove fish" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  const newest = page.locator(".record-act").first();
  await expect(newest).toContainText("Ada Morel");
  await expect(newest.getByText("from London to Bristol")).toBeAttached();
  await isInOrder(page, "records-record", DESK_AND_PHONE, { fullPage: true });

  // The second of a name is refused by the server, at its field.
  await page.goto(`${server.url}/office/procurement/suppliers/new`);
  await page.getByLabel("Name", { exact: true }).fill("Exotic Liquids");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText("Another record has this already.")).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
  await page.getByRole("link", { name: "Suppliers" }).first().click();
  await page.getByRole("button", { name: "Leave without saving" }).click();

  await names(page).filter({ hasText: "Exotic Liquids" }).click();
  await page.getByRole("button", { name: "Archive", exact: true }).click();
  await expect(page.getByText("This is archived")).toBeVisible();
  await expect(page.getByLabel("City")).toBeDisabled();
  await isInOrder(page, "records-archived", DESK_AND_PHONE, { fullPage: true });
  await page.getByRole("button", { name: "Restore" }).click();
  await expect(page.getByText("This is archived")).toBeHidden();
  await page.getByRole("button", { name: "Archive", exact: true }).click();
  await expect(page.getByText("This is archived")).toBeVisible();
  // The undo is there on the list, too.
  await page.getByRole("link", { name: "Suppliers" }).first().click();
  await expect(page.getByText("Nothing here yet")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).last().click();
  await expect(names(page)).toHaveText(["Exotic Liquids"]);
});

test("a_list_is_searched_narrowed_sorted_and_read_on", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, MARA);
  await makeSuppliers(page, 120);
  await page.goto(`${server.url}/office/procurement/suppliers`);
  await expect(page.getByText("120 entries")).toBeVisible();
  await expect(names(page)).toHaveCount(50);
  await isInOrder(page, "records-list", DESK_AND_PHONE);

  // Scrolled to its end, a list goes on; the button does the same.
  await page.getByRole("button", { name: "Show more" }).click();
  await expect(names(page)).toHaveCount(120);
  await expect(page.getByRole("button", { name: "Show more" })).toBeHidden();
  await page.reload();
  await expect(names(page)).toHaveCount(50);
  await page.locator(".table-frame").evaluate((frame) => frame.scrollTo({ top: frame.scrollHeight }));
  await expect(names(page)).toHaveCount(120);

  // What was found comes by nearness, until somebody sorts it.
  await page.getByRole("searchbox", { name: "Search" }).fill("supplier 077");
  await expect(names(page).first()).toHaveText("Supplier 077");
  await expect(page.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "none");
  await page.getByRole("searchbox", { name: "Search" }).fill("");
  await expect(page.getByText("120 entries")).toBeVisible();

  // Heads sort, by keyboard too.
  const head = page.getByRole("columnheader", { name: "Name" });
  await expect(head).toHaveAttribute("aria-sort", "ascending");
  await head.getByRole("button").focus();
  await page.keyboard.press("Enter");
  await expect(head).toHaveAttribute("aria-sort", "descending");
  expect(await page.locator(".table-frame").evaluate((frame) => frame.scrollTop)).toBe(0);
  await expect(names(page).first()).toHaveText("Supplier 120");
  await expect(page).toHaveURL(/\?sort=-name$/);

  await page.getByRole("button", { name: "City" }).first().click();
  await page.getByRole("group", { name: "City" }).getByRole("textbox").fill("Paris");
  await page.keyboard.press("Enter");
  await expect(page.getByText("40 entries")).toBeVisible();
  await expect(page.getByRole("button", { name: "City: Paris" })).toBeVisible();
  await page.getByRole("button", { name: "Currency" }).click();
  await page.getByRole("group", { name: "Currency" }).getByRole("textbox").fill("pounds");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Write three letters, such as EUR.")).toBeVisible();
  await isInOrder(page, "records-filter", DESK_AND_PHONE);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Currency" })).toBeFocused();

  // The way back from a record leads to the list as it was left.
  await names(page).first().click();
  await page.locator(".record-crumb").click();
  await expect(page.getByRole("button", { name: "City: Paris" })).toBeVisible();
  await page.getByRole("searchbox", { name: "Search" }).fill("nobody is called that");
  await expect(page.getByText("No results")).toBeVisible();
  await page.getByRole("button", { name: "Clear search and filters" }).click();
  await expect(page.getByText("120 entries")).toBeVisible();

  // Columns stay as chosen on this device.
  await expect(page.getByRole("columnheader", { name: "Country" })).toBeHidden();
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("switch", { name: "Country" }).check();
  await page.getByRole("switch", { name: "Contacts" }).uncheck();
  await isInOrder(page, "records-columns", DESK_AND_PHONE);
  await page.reload();
  await expect(page.getByRole("columnheader", { name: "Country" })).toBeVisible();
  await expect(page.getByRole("columnheader", { name: "Contacts" })).toBeHidden();

  // A list hears of what others do, and stays where it is.
  const other = await page.context().newPage();
  await other.goto(`${server.url}/office/procurement/suppliers?sort=-name`);
  await page.locator(".table-frame").evaluate((frame) => frame.scrollTo({ top: 400 }));
  await names(other).filter({ hasText: "Supplier 110" }).click();
  await other.getByLabel("Name", { exact: true }).fill("Supplier 110, renamed");
  await other.keyboard.press("Control+Enter");
  await expect(page.getByRole("link", { name: "Supplier 110, renamed" })).toBeVisible();
  expect(await page.locator(".table-frame").evaluate((frame) => frame.scrollTop)).toBe(400);
});

test("two_who_change_one_record_lose_nothing", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const mine = await (await world.launchBrowser("mine", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(mine, server.url, ADA);
  await makeSuppliers(mine, 1);
  await mine.goto(`${server.url}/office/procurement/suppliers`);
  await names(mine).first().click();
  const theirs = await (await world.launchBrowser("theirs")).open(server.url);
  await signIn(theirs, server.url, MARA);
  await theirs.goto(mine.url());
  await expect(theirs.getByLabel("City")).toHaveValue("Paris");

  await mine.getByLabel("City").fill("Rome");
  await mine.getByLabel("Phone").fill("123 456");
  await theirs.getByLabel("City").fill("Lyon");
  await theirs.getByLabel("Street and number").fill("1 Quai");
  await theirs.keyboard.press("Control+Enter");
  await expect(theirs.getByText("All is saved.")).toBeVisible();

  // Said, and nothing that was typed is touched.
  await expect(mine.getByText("Somebody changed this meanwhile")).toBeVisible();
  await expect(mine.getByLabel("City")).toHaveValue("Rome");
  await expect(mine.getByLabel("Street and number")).toHaveValue("");
  await isInOrder(mine, "records-newer", DESK_AND_PHONE);
  await mine.keyboard.press("Control+Enter");
  const dialog = mine.getByRole("dialog", { name: "Two people changed this" });
  const city = dialog.getByRole("group", { name: "City" });
  await expect(city).toContainText("Lyon");
  await expect(city).toContainText("It was: Paris");
  await expect(dialog.getByRole("group", { name: "Phone" }).getByRole("radio", { name: "Yours" })).toBeChecked();
  await expect(dialog.getByRole("group", { name: "Street and number" }).getByRole("radio", { name: "Saved meanwhile" })).toBeChecked();
  await expect(dialog.getByRole("button", { name: "Save this choice" })).toBeDisabled();
  await isInOrder(mine, "records-merge", DESK_AND_PHONE);
  // Whoever goes back to the form still has what was typed.
  await mine.keyboard.press("Escape");
  await expect(mine.getByLabel("City")).toHaveValue("Rome");
  await mine.getByRole("button", { name: "Compare" }).click();
  await city.getByRole("radio", { name: "Yours" }).check();
  await dialog.getByRole("button", { name: "Save this choice" }).click();
  await expect(mine.getByText("All is saved.")).toBeVisible();
  const kept = server.query<{ city: string; phone: string; street: string }>(
    `select address ->> 'city' as city, phone, address ->> 'line1' as street from suppliers`,
  );
  expect(kept).toEqual([{ city: "Rome", phone: "123 456", street: "1 Quai" }]);
  // Whoever typed nothing since sees it at once.
  await expect(theirs.getByLabel("City")).toHaveValue("Rome");
  await expect(theirs.getByLabel("Phone")).toHaveValue("123 456");
});

test("what_is_not_saved_is_not_lost_by_going_elsewhere", async ({ world }) => {
  test.setTimeout(180_000);
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, ADA);
  await page.goto(`${server.url}/office/identity/sites`);
  await page.getByRole("link", { name: "Harbour Street" }).click();
  await expect(page.getByLabel("Kind")).toBeDisabled();
  const name = page.getByLabel("Name", { exact: true });
  await name.fill("Harbour Road");
  const dialog = page.getByRole("dialog", { name: "Leave without saving?" });
  await page.getByRole("navigation").getByRole("link", { name: "Customers" }).click();
  await isInOrder(page, "records-unsaved", DESK_AND_PHONE);
  await dialog.getByRole("button", { name: "Stay here" }).click();
  await expect(name).toHaveValue("Harbour Road");
  const address = page.url();
  await page.goBack();
  await expect(dialog).toBeVisible();
  expect(page.url()).toBe(address);
  await dialog.getByRole("button", { name: "Stay here" }).click();
  await expect(name).toHaveValue("Harbour Road");
  await page.getByRole("button", { name: "Ada Morel" }).click();
  await page.getByRole("menuitem", { name: "Settings" }).click();
  await dialog.getByRole("button", { name: "Stay here" }).click();
  await expect(name).toHaveValue("Harbour Road");

  // A session that ends takes nothing away; it is begun anew in another tab.
  await page.evaluate(async () => {
    const { csrf } = (await (await fetch("/api/v1/identity/session")).json()) as { csrf: string };
    await fetch("/api/v1/identity/session", { method: "DELETE", headers: { "x-holdfast-csrf": csrf } });
  });
  // The page has heard of it before anything is saved, and leaves the form open.
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await expect(page.getByText("Your sign-in has run out").first()).toBeVisible();
  await name.focus();
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText("Not saved: you are signed out")).toBeVisible();
  await expect(name).toHaveValue("Harbour Road");
  const tab = await page.context().newPage();
  await signIn(tab, server.url, ADA);
  await tab.close();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("All is saved.")).toBeVisible();

  await name.fill("Harbour Street");
  await page.goBack();
  await dialog.getByRole("button", { name: "Leave without saving" }).click();
  await expect(page.getByRole("link", { name: "Harbour Road" })).toBeVisible();
});

test("whoever_may_not_look_sees_no_records_and_no_way_to_them", async ({ world }) => {
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, ELIF);
  await page.goto(`${server.url}/office/procurement/suppliers`);
  await expect(page.getByText("Your role does not show you this")).toBeVisible();
  await expect(page.getByRole("link", { name: "Suppliers" })).toHaveCount(0);
  await isInOrder(page, "records-no-permission", DESK_AND_PHONE);
  await page.goto(`${server.url}/office/procurement/nothing`);
  await expect(page.getByText("There is nothing at this address")).toBeVisible();

  // The office may look at a site, and change none.
  const office = await (await world.launchBrowser("mara", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(office, server.url, MARA);
  await office.goto(`${server.url}/office/identity/sites`);
  await expect(office.getByRole("button", { name: "Add" })).toHaveCount(0);
  await office.getByRole("link", { name: "Harbour Street" }).click();
  await expect(office.getByText("Your role lets you look, not change")).toBeVisible();
  await expect(office.getByRole("button", { name: "Save" })).toHaveCount(0);
});

test("an_address_is_filled_in_by_parts_and_shown_on_one_line", async ({ world }) => {
  test.setTimeout(240_000);
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, ADA);
  await page.goto(`${server.url}/office/sales/customers/new`);
  await page.getByLabel("Name", { exact: true }).fill("Alfreds Futterkiste");
  const address = page.getByRole("group", { name: "Address" });
  const parts: [string, string][] = [
    ["Street and number", "address-line1"],
    ["Building, floor or c/o", "address-line2"],
    ["Postal code", "postal-code"],
    ["City", "address-level2"],
    ["Region or county", "address-level1"],
    ["Country", "country"],
  ];
  for (const [label, token] of parts) {
    await expect(address.getByLabel(label)).toHaveAttribute("autocomplete", token);
  }
  // By keyboard alone, in the order of a letter.
  await address.getByLabel("Street and number").focus();
  await page.keyboard.type("Obere Str. 57");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type("123456789012345678901");
  await page.keyboard.press("Tab");
  await expect(address.getByLabel("Postal code")).toHaveAttribute("aria-invalid", "true");
  await isInOrder(page, "records-address-wrong", DESK_AND_PHONE, { fullPage: true });
  await page.keyboard.type("Berlin");
  await address.getByLabel("Postal code").fill("12209");
  await address.getByLabel("Country").selectOption({ label: "Germany" });
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText("All is saved.")).toBeVisible();
  await isInOrder(page, "records-address", DESK_AND_PHONE, { fullPage: true });
  const kept = server.query<{ address: unknown }>(`select address from customers`);
  expect(kept).toEqual([{ address: { line1: "Obere Str. 57", line2: null, postal_code: "12209", city: "Berlin", region: null, country: "DE" } }]);

  // What changed is told part by part.
  await address.getByLabel("City").fill("Bonn");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.locator(".record-act").first().getByText("from Berlin to Bonn")).toBeAttached();

  await page.goto(`${server.url}/office/sales/customers`);
  await expect(page.getByRole("row").filter({ hasText: "Alfreds" })).toContainText("Obere Str. 57, 12209 Bonn, Germany");
  await page.getByRole("button", { name: "Country" }).first().click();
  await page.getByRole("group", { name: "Country" }).getByRole("combobox").selectOption({ label: "France" });
  await expect(page.getByText("No results")).toBeVisible();
  await page.getByRole("button", { name: "Country: France" }).click();
  await page.getByRole("group", { name: "Country" }).getByRole("combobox").selectOption({ label: "Germany" });
  await expect(names(page)).toHaveText(["Alfreds Futterkiste"]);
  await expect(page).toHaveURL(/address\.country=DE/);
  await isInOrder(page, "records-address-list", DESK_AND_PHONE);
});

test("a_bank_account_is_read_on_its_own_page_and_nowhere_else", async ({ world }) => {
  test.setTimeout(240_000);
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, ADA);
  await page.goto(`${server.url}/office/procurement/suppliers/new`);
  await page.getByLabel("Name", { exact: true }).fill("Exotic Liquids");
  const account = page.getByLabel("Bank account (IBAN)");
  await expect(account).toHaveAccessibleDescription(/Kept encrypted/);
  await account.fill("GB29 NWBK 6016 1331 9268 18");
  await page.keyboard.press("Tab");
  await expect(page.getByText("Write the whole number: its check digits do not fit.")).toBeVisible();
  await isInOrder(page, "records-iban-wrong", DESK_AND_PHONE, { fullPage: true });
  await account.fill("gb29nwbk60161331926819");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText("All is saved.")).toBeVisible();
  await expect(account).toHaveValue("GB29 NWBK 6016 1331 9268 19");
  await page.reload();
  await expect(account).toHaveValue("GB29 NWBK 6016 1331 9268 19");
  const kept = server.query<{ sealed: string; words: string }>(
    `select iban_sealed as sealed, words from suppliers s join search_entries e on e.tid = s.tid and e.id = s.id`,
  );
  expect(kept).toHaveLength(1);
  expect(kept[0]?.sealed).toMatch(/^v1\.[0-9a-f]{12}\.[\w-]+$/);
  expect(kept[0]?.words.trim()).toBe("exotic liquids");

  // That it changed is told, and not from what to what.
  await account.fill("DE89 3704 0044 0532 0130 00");
  await page.getByRole("button", { name: "Save" }).click();
  const newest = page.locator(".record-act").first();
  await expect(newest).toContainText("Bank account (IBAN)");
  await expect(newest).not.toContainText("3000");
  await isInOrder(page, "records-iban", DESK_AND_PHONE, { fullPage: true });

  await page.goto(`${server.url}/office/procurement/suppliers`);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("switch", { name: "Bank account (IBAN)" }).check();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("row").filter({ hasText: "Exotic Liquids" })).toContainText("•••3000");
  await expect(page.getByRole("columnheader", { name: "Bank account (IBAN)" }).getByRole("button"), "nobody sorts by it").toHaveCount(0);
  await expect(page.getByRole("group", { name: "Bank account (IBAN)" })).toHaveCount(0);
  await isInOrder(page, "records-iban-list", DESK_AND_PHONE);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export" }).click();
  const file = (await (await (await download).createReadStream()).toArray()).join("");
  expect(file).toContain("•••3000");
  expect(file).not.toContain("0532");
});
