// The system's processes, as /proc tells of them.
import { readdirSync, readFileSync } from "node:fs";
import { eventually } from "./waiting.ts";

interface Process {
  pid: number;
  parent: number;
  commandLine: string;
}

function all(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        // The program's name, in parentheses, may hold anything: the fields begin after the last one. A zombie is dead already.
        const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const commandLine = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
        return state === "Z" ? [] : [{ pid: Number(name), parent: Number(parent), commandLine }];
      } catch {
        return []; // It ended while we looked.
      }
    });
}

/** The processes whose command line holds `mark`, and all they started. */
export function treeOf(mark: string): number[] {
  const processes = all();
  const found = new Set(
    processes.filter((process) => process.pid !== globalThis.process.pid && process.commandLine.includes(mark)).map(({ pid }) => pid),
  );
  for (let grew = true; grew;) {
    const children = processes.filter(({ pid, parent }) => found.has(parent) && !found.has(pid));
    children.forEach(({ pid }) => found.add(pid));
    grew = children.length > 0;
  }
  return [...found];
}

/** Ends these processes at once, as a dead battery does, and waits until they are gone. */
export async function killAll(pids: number[]): Promise<void> {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself, for its parent did.
    }
  }
  await eventually("the killed processes to be gone", 10_000, () => {
    const living = new Set(all().map(({ pid }) => pid));
    return pids.some((pid) => living.has(pid)) ? undefined : true;
  });
}
