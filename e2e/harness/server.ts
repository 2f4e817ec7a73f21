// The real `holdfast serve`, on its own private Postgres in a folder of its own.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { createInterface } from "node:readline";

const READY = /^listening on (?<url>https?:\/\/\S+)/;
const START_TIMEOUT_MS = 60_000;

export interface ServerOptions {
  /** Where its data lies; a second start finds it again. The user `postgres` must be able to reach it. */
  dataDir: string;
  /** The folder of the built app. */
  app: string;
  /** Stays the same over restarts, because a browser keeps its data per address. */
  port: number;
  /** Everything it says is appended here. */
  logFile: string;
  /** More arguments of `holdfast serve`. */
  extraArguments?: string[];
}

/** A server that runs, or did. */
export class Server {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #options: ServerOptions;

  private constructor(process: ChildProcess, url: string, options: ServerOptions) {
    this.#process = process;
    this.url = url;
    this.#options = options;
  }

  /** Starts it, and resolves when it says that it listens. */
  static async start(options: ServerOptions): Promise<Server> {
    const { dataDir, app, port, logFile, extraArguments = [] } = options;
    const listen = `127.0.0.1:${port}`;
    const parameters = ["serve", "--data", dataDir, "--app", app, "--listen", listen, "--demo", ...extraArguments];
    // With a database of the developer's own, the tests would not be alone with their data.
    const { DATABASE_URL: _url, DATABASE_APP_URL: _appUrl, ...env } = process.env;
    const child = spawn(required("HOLDFAST_SERVER"), parameters, { stdio: ["ignore", "pipe", "pipe"], env });
    const log = createWriteStream(logFile, { flags: "a" });
    child.stderr.pipe(log, { end: false });
    child.stdout.pipe(log, { end: false });
    const url = await new Promise<string>((resolve, reject) => {
      const late = setTimeout(() => {
        child.kill("SIGKILL");
        reject(new Error(`the server did not listen within ${START_TIMEOUT_MS} ms; see ${logFile}`));
      }, START_TIMEOUT_MS);
      child.once("exit", (code, signal) => {
        clearTimeout(late);
        reject(new Error(`the server ended (${code ?? signal}) before it listened:\n${lastLines(logFile)}`));
      });
      child.once("error", reject);
      createInterface({ input: child.stdout }).on("line", (line) => {
        const found = READY.exec(line)?.groups?.["url"];
        if (found === undefined) return;
        clearTimeout(late);
        resolve(found);
      });
    });
    return new Server(child, url, options);
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** Ends it at once, as a power cut does, and waits until it is gone. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Whether its process lives. */
  get runs(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Rows of its database, read past row-level security by the superuser of its private Postgres. */
  query<Row>(sql: string): Row[] {
    const wrapped = `select coalesce(json_agg(row), '[]') from (${sql}) row`;
    const socketFolder = `${this.#options.dataDir}/postgres`;
    const parameters = ["--no-psqlrc", "--tuples-only", "--no-align", "--host", socketFolder, "--username", "postgres", "--dbname", "holdfast"];
    return JSON.parse(execFileSync("psql", [...parameters, "--command", wrapped], { encoding: "utf8" })) as Row[];
  }

  /** Changes its database likewise, as a fault of ours or an operator would. */
  execute(sql: string): void {
    const socketFolder = `${this.#options.dataDir}/postgres`;
    const parameters = [
      "--no-psqlrc",
      "--quiet",
      "--set",
      "ON_ERROR_STOP=1",
      "--host",
      socketFolder,
      "--username",
      "postgres",
      "--dbname",
      "holdfast",
    ];
    execFileSync("psql", [...parameters, "--command", sql], { encoding: "utf8" });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.runs) return;
    const ended = once(this.#process, "exit");
    this.#process.kill(signal);
    await ended;
  }
}

/** The lines of a server's log that report a fault of ours. */
export function faultsIn(logFile: string): string[] {
  return readFileSync(logFile, "utf8")
    .split("\n")
    .filter((line) => /"level":\s*"ERROR"|panicked at/.test(line));
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** What cargo xtask tells the tests by their environment. */
export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the tests with cargo xtask test e2e`);
  return value;
}

function lastLines(file: string): string {
  return readFileSync(file, "utf8").split("\n").slice(-20).join("\n");
}
