// Whether a screen is in order, at every size and in both themes.
import { expect, type Page } from "@playwright/test";
import { join } from "node:path";
import { seriousFaults } from "./axe.ts";

/** A size of the window, in CSS pixels. */
export interface Size {
  width: number;
  height: number;
}

/** What the office is used on. */
export const DESK_AND_PHONE: [Size, Size] = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

/** What the floor is used on. */
export const TILL_TABLET_AND_PHONE: [Size, Size, Size] = [
  { width: 1280, height: 800 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
];

/** No serious fault, and nothing beyond the edge; pictures where somebody wants them. Afterwards the page is light and of the first size. */
export async function isInOrder(page: Page, screen: string, sizes: readonly [Size, ...Size[]], { fullPage = false } = {}): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const size of sizes) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      expect.soft(await seriousFaults(page), `${screen}, ${colorScheme}, ${size.width}`).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect.soft(overflow, `${screen}, ${size.width}: nothing beyond the edge`).toBeLessThanOrEqual(0);
      const looks = process.env["HOLDFAST_LOOKS"];
      if (looks) await page.screenshot({ path: join(looks, `${screen}-${size.width}-${colorScheme}.png`), fullPage });
    }
  }
  await page.setViewportSize(sizes[0]);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
}
