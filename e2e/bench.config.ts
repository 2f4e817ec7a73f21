// The benches in a browser: each prints one JSON line per figure, and nothing else goes to stdout.
import { defineConfig } from "@playwright/test";
import tests from "./playwright.config.ts";

export default defineConfig({
  ...tests,
  testDir: "bench",
  testMatch: "*.bench.ts",
  timeout: 600_000,
  reporter: "./bench/reporter.ts",
});
