import { Presets, SingleBar } from "cli-progress";
import { formatBytes, formatCount } from "./number-format.ts";

/** Where output goes: a terminal, a pipe, or an array in a test. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** How far the job is. */
export interface Progress {
  readonly day: string;
  /** Flights of all runs, and of this one. */
  readonly rows: number;
  readonly rowsRead: number;
  readonly seconds: number;
  readonly rssBytes: number;
}

/** Shows how far a job is. */
export interface ProgressView {
  show(progress: Progress): void;
  /** To be called at the end, however it came. */
  stop(): void;
}

/** Makes a bar on a terminal, and elsewhere a line for each tenth of the way. */
export function createProgressView(rows: number, output: Output): ProgressView {
  return output.isTTY === true ? createBar(rows, output) : createLines(rows, output);
}

function createBar(rows: number, output: Output): ProgressView {
  const format = "{day}  {bar}  {percentage} %  {rate}  {memory}";
  const stream = output as NodeJS.WriteStream;
  const bar = new SingleBar({ format, stream, barsize: 30, hideCursor: true }, Presets.shades_classic);
  bar.start(rows, 0, { day: "opening   ", rate: "", memory: "" });
  return {
    show(progress) {
      bar.update(progress.rows, {
        day: progress.day,
        rate: formatRate(progress),
        memory: formatMemory(progress),
      });
    },
    stop() {
      bar.stop();
    },
  };
}

function createLines(rows: number, output: Output): ProgressView {
  let tenths = 0;
  return {
    show(progress) {
      const reached = Math.floor((progress.rows / rows) * 10);
      if (reached === tenths) return;
      tenths = reached;
      const percentage = Math.floor((progress.rows / rows) * 100);
      const cells = [
        progress.day,
        `${percentage} %`.padStart(5),
        formatRate(progress),
        formatMemory(progress),
      ];
      output.write(`${cells.join("  ")}\n`);
    },
    stop() {
      // Nothing is left open.
    },
  };
}

function formatRate({ rowsRead, seconds }: Progress): string {
  return `${formatCount(rowsRead / seconds)} rows/s`;
}

function formatMemory({ rssBytes }: Progress): string {
  return `${formatBytes(rssBytes)} RSS`;
}
