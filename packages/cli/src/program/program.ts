import { Argument, Command, Option } from "commander";
import { compactorCommand, type CompactorCommandOptions } from "../command/compactor-command.ts";
import { exportCommand, type ExportCommandOptions } from "../command/export-command.ts";
import { inspectCommand, type InspectCommandOptions } from "../command/inspect-command.ts";
import { importCommand, type ImportCommandOptions } from "../command/import-command.ts";
import {
  asOfCommand,
  changesCommand,
  getCommand,
  scanCommand,
  type BetweenOptions,
  type TraceCommandOptions,
} from "../command/read-commands.ts";
import {
  backupCommand,
  compactCommand,
  restoreCommand,
  statsCommand,
  verifyCommand,
  type CopyCommandOptions,
  type ReadStoreOptions,
  type StoreCommandOptions,
} from "../command/store-commands.ts";
import { completionOf, SHELLS, type Shell } from "../completion/completion.ts";
import type { Terminal } from "../console/terminal.ts";
import { FORMATS } from "../input/source-file.ts";
import { BACKEND_NAMES } from "../place/place.ts";
import type { RecoverOption } from "../place/read-store.ts";
import type { RangeTexts } from "../schema/key-text.ts";
import { countOf, delimiterOf, namesOf, portOf, timeOf } from "./arguments.ts";

const LOCATION = "the directory of the store";
/** Of a store that is only read. */
const READ_LOCATION = "the directory of the store, or s3://BUCKET/PREFIX";

/** Makes the program with all its commands: each writes to the terminal, and rejects with what is wrong. */
export function makeProgram(terminal: Terminal, version: string): Command {
  const program = new Command("zspine")
    .description("Import, export, read, check, copy and restore a zspine store, without writing a program.")
    .version(version)
    .showHelpAfterError("(zspine --help, or zspine help COMMAND, tells what there is)")
    .addHelpText("after", PROGRAM_EXAMPLES);
  addImport(program, terminal);
  addExport(program, terminal);
  addReads(program, terminal);
  addTimes(program, terminal);
  addStoreCommands(program, terminal);
  addCopies(program, terminal);
  addInspect(program, terminal);
  addCompactor(program, terminal);
  addCompletion(program, terminal);
  return program;
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}

const OBJECT_STORAGE =
  "Keys for object storage are in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a service that is not Amazon's in AWS_ENDPOINT_URL.";

const PROGRAM_EXAMPLES =
  examples(
    "zspine import ./shop orders.csv --trace orders --key id",
    "zspine scan ./shop --trace orders --limit 10",
    "zspine export ./shop orders.ndjson --trace orders",
    "zspine verify ./shop",
    "zspine backup ./shop ./shop-backup",
  ) +
  `
A schema is written as zspine stats shows it: int -> {customer: text, total: number?null}. Its types are int32 uint32 int number
float32 boolean date int64 uint64 text bytes; {name: type} and [type, type]; type?null and type?undefined for what may be absent.

A store in object storage is read at s3://BUCKET/PREFIX. ${OBJECT_STORAGE}

Exit codes: 0 done; 1 the store or the data cannot be used; 2 the arguments were not understood, and nothing was done; 130 stopped by
Ctrl+C.`;

function addCommon(command: Command): Command {
  return command
    .addOption(
      new Option("--backend <kind>", "the kind of the store; found where there is one").choices(
        BACKEND_NAMES,
      ),
    )
    .option("--json", "write JSON, for programs");
}

/** Of commands that only read. */
function addRecover(command: Command): Command {
  return command.addOption(
    new Option(
      "--recover <what>",
      "previous: where the newest commit is damaged, read the one before it; else it is refused",
    ).choices(["previous"]),
  );
}

function addTrace(command: Command): Command {
  return addCommon(command).option("-t, --trace <name>", "the trace; not needed where there is one only");
}

function addRange(command: Command): Command {
  return command
    .option("--gt <key>", "keys after this one")
    .option("--gte <key>", "this key, and those after it")
    .option("--lt <key>", "keys before this one")
    .option("--lte <key>", "this key, and those before it")
    .option("--prefix <key>", "keys that begin so: a text, or the first fields of an object")
    .option("--limit <rows>", "so many rows at the most", countOf(0))
    .option("--reverse", "from the last key to the first");
}

// long: the options of one command, a line each.
function addImport(program: Command, terminal: Terminal): void {
  addTrace(program.command("import"))
    .summary("bring rows of NDJSON, CSV or Parquet into a trace")
    .description(
      "Brings rows into a trace, in one commit: all of them, or with a broken row none. Makes the store, and the trace, where there is none; its schema is --schema, or taken from the first rows.",
    )
    .argument("<location>", `${LOCATION}; made where there is none`)
    .argument("<file>", "the file; - for what is piped in")
    .addOption(
      new Option("--format <format>", "how the file is written; else its name tells").choices(FORMATS),
    )
    .option("--schema <schema>", "the schema of a new trace: 'int -> {customer: text}'")
    .option("--key <columns>", "the column of the key, or several: a,b", namesOf)
    .option("--value <columns>", "the column of the value, or several; else all others", namesOf)
    .option("--weight <column>", "the column of the weight; else weight, and 1 where there is none")
    .option("--time <column>", "the column of the time; a new trace has times then")
    .option("--flat", "NDJSON: the fields of key and value stand in the line itself")
    .option(
      "--delimiter <character>",
      "CSV: what separates cells; else a comma, in a .tsv a tab",
      delimiterOf,
    )
    .option("--ignore-unknown", "pass over columns that no part of a row has")
    .addOption(
      new Option("--on-bad-row <what>", "a broken row: import nothing, or leave it out")
        .choices(["refuse", "skip"])
        .default("refuse"),
    )
    .option("--create", "make the trace in a store that has others")
    .option(
      "--complete-until <time>",
      "say that times up to this one are complete, when all is in; up to 9007199254740991, the last: all, for good",
      timeOf,
    )
    .option(
      "--name <name>",
      "do it once: the store knows an import of the name, and it goes on after whatever end",
    )
    .option(
      "--commit-every <rows>",
      "commit after so many rows; with --name and --on-bad-row skip",
      countOf(1),
    )
    .addHelpText(
      "after",
      examples(
        "zspine import ./shop orders.csv --trace orders --key id",
        "zspine import ./shop orders.csv --trace orders --key id --on-bad-row skip",
        "zspine import ./shop lines.ndjson --trace lines --flat --key order,line --create",
        "zspine import ./shop prices.parquet --trace prices --key item --time day --complete-until 365 --create",
        "zcat orders.ndjson.gz | zspine import ./shop - --format ndjson --trace orders",
      ),
    )
    .action((location: string, file: string, options: ImportCommandOptions) =>
      importCommand(terminal, location, file, options),
    );
}

function addExport(program: Command, terminal: Terminal): void {
  addRecover(addRange(addTrace(program.command("export"))))
    .summary("write the rows of a trace as NDJSON or CSV")
    .description(
      "Writes the rows of a trace, in order: to a file that is not there yet, or to the output. NDJSON is read back exactly; CSV has no difference between null and undefined. Of a trace with times the whole history, each row with its time.",
    )
    .argument("<location>", READ_LOCATION)
    .argument("[file]", "the file; else the output")
    .addOption(
      new Option("--format <format>", "how to write; else the name of the file tells").choices([
        "ndjson",
        "csv",
      ]),
    )
    .option("--flat", "NDJSON: put the fields of key and value into the line itself")
    .option("--force", "write over a file that is there")
    .addHelpText(
      "after",
      examples(
        "zspine export ./shop orders.csv --trace orders",
        "zspine export ./shop --trace orders --flat | gzip > orders.ndjson.gz",
      ),
    )
    .action((location: string, file: string | undefined, options: ExportCommandOptions) =>
      exportCommand(terminal, location, file, options),
    );
}

function addReads(program: Command, terminal: Terminal): void {
  addRecover(addTrace(program.command("get")))
    .summary("show the rows of one key")
    .description("Shows the rows of one key; of a trace with times as of the last that is complete.")
    .argument("<location>", READ_LOCATION)
    .argument("<key>", "the key: a text as it stands, all else as JSON")
    .addHelpText(
      "after",
      examples(
        "zspine get ./shop 7 --trace orders",
        `zspine get ./shop '{"order":7,"line":1}' --trace lines`,
      ),
    )
    .action((location: string, key: string, options: TraceCommandOptions) =>
      getCommand(terminal, location, key, options),
    );
  addRecover(addRange(addTrace(program.command("scan"))))
    .summary("show rows in the order of their keys")
    .description(
      "Shows rows in the order of their keys; of a trace with times as of the last that is complete.",
    )
    .argument("<location>", READ_LOCATION)
    .addHelpText(
      "after",
      examples(
        "zspine scan ./shop --trace orders --gte 100 --lt 200",
        "zspine scan ./shop --trace orders --reverse --limit 10 --json",
      ),
    )
    .action((location: string, options: TraceCommandOptions & RangeTexts) =>
      scanCommand(terminal, location, options),
    );
}

function addTimes(program: Command, terminal: Terminal): void {
  addRecover(addRange(addTrace(program.command("as-of"))))
    .summary("show rows as of a time")
    .description(
      "Shows the rows of a trace with times as of one of them: all changes up to it, itself included.",
    )
    .argument("<location>", READ_LOCATION)
    .argument("<time>", "the time", timeOf)
    .addHelpText("after", examples("zspine as-of ./shop 30 --trace prices"))
    .action((location: string, time: number, options: TraceCommandOptions & RangeTexts) =>
      asOfCommand(terminal, location, time, options),
    );
  addRecover(addRange(addTrace(program.command("changes"))))
    .summary("show what has changed between two times")
    .description("Shows what has changed after one time and up to another, each change at its time.")
    .argument("<location>", READ_LOCATION)
    .option("--after <time>", "changes of times after it; else after the first that can be read", timeOf)
    .option("--until <time>", "changes of times up to it; else up to the last that is complete", timeOf)
    .option("--net", "add up what has changed")
    .addHelpText("after", examples("zspine changes ./shop --trace prices --after 30 --until 31 --net"))
    .action((location: string, options: TraceCommandOptions & RangeTexts & BetweenOptions) =>
      changesCommand(terminal, location, options),
    );
}

function addStoreCommands(program: Command, terminal: Terminal): void {
  addRecover(addCommon(program.command("stats")))
    .summary("tell what a store holds")
    .description(
      "Tells the traces of a store, their schemas, and how much they hold; over object storage also what it has asked of the service to tell it.",
    )
    .argument("<location>", READ_LOCATION)
    .addHelpText("after", examples("zspine stats ./shop", "zspine stats s3://BUCKET/shop --json"))
    .action((location: string, options: ReadStoreOptions) => statsCommand(terminal, location, options));
  addRecover(addCommon(program.command("verify")))
    .summary("check every byte of a store")
    .description("Checks every byte of a store; ends with 1 when something is damaged.")
    .argument("<location>", READ_LOCATION)
    .addHelpText("after", examples("zspine verify ./shop"))
    .action((location: string, options: ReadStoreOptions) => verifyCommand(terminal, location, options));
  addCommon(program.command("compact"))
    .summary("merge every trace into as few batches as may be")
    .description("Merges every trace into as few batches as may be: equal rows are added up, zeros dropped.")
    .argument("<location>", LOCATION)
    .addHelpText("after", examples("zspine compact ./shop"))
    .action((location: string, options: StoreCommandOptions) => compactCommand(terminal, location, options));
}

function addCopies(program: Command, terminal: Terminal): void {
  const to = (): Option =>
    new Option("--to <kind>", "the kind of the copy; else that of what is copied").choices(BACKEND_NAMES);
  addRecover(addCommon(program.command("backup")))
    .summary("copy a store, checking it on the way")
    .description("Copies what is committed to an empty directory, checking it on the way.")
    .argument("<location>", READ_LOCATION)
    .argument("<directory>", "where the copy is to be: empty, or not there")
    .addOption(to())
    .addHelpText(
      "after",
      examples(
        "zspine backup ./shop ./shop-backup",
        "zspine backup ./shop ./shop-level --to level",
        "zspine backup ./shop ./rescued --recover previous",
      ),
    )
    .action((location: string, directory: string, options: CopyCommandOptions & RecoverOption) =>
      backupCommand(terminal, location, directory, options),
    );
  addCommon(program.command("restore"))
    .summary("copy a backup to where a store is to be")
    .description("Copies a backup to an empty directory, checking it on the way. The backup is only read.")
    .argument("<backup>", "the directory of the backup, or s3://BUCKET/PREFIX")
    .argument("<location>", "where the store is to be: empty, or not there")
    .addOption(to())
    .addHelpText("after", examples("zspine restore ./shop-backup ./shop"))
    .action((backup: string, location: string, options: CopyCommandOptions) =>
      restoreCommand(terminal, backup, location, options),
    );
}

function addInspect(program: Command, terminal: Terminal): void {
  addCommon(program.command("inspect"))
    .summary("show a store in a page, to this machine alone")
    .description(
      "Shows a store in a page: its traces, the levels of their batches, rows, rows as of a time. Reads only, and follows what a program commits. The page is for this machine, and for who has its address; Ctrl+C ends it.",
    )
    .argument("<location>", READ_LOCATION)
    .option("--port <port>", "the port of the page; 0 for any that is free", portOf, 0)
    .addHelpText("after", examples("zspine inspect ./shop", "zspine inspect ./shop --port 8080"))
    .action((location: string, options: InspectCommandOptions) =>
      inspectCommand(terminal, location, options),
    );
}

function addCompactor(program: Command, terminal: Terminal): void {
  program
    .command("compactor")
    .summary("make merges for the writers of stores, until Ctrl+C")
    .description(
      "Makes merges for the writers of stores, which offer large ones where they were opened with compactors(). Runs beside them, here or on another machine, as often as you like; keeps nothing, and may be ended or killed at any moment: what it has not made, the writer or another makes. Folds traces with times, too.",
    )
    .argument("<location...>", "the directories of stores in files, or s3://BUCKET/PREFIX")
    .option("--once", "make what is offered now, and end")
    .option(
      "--poll <ms>",
      "milliseconds between two looks for work, each a listing of the jobs",
      countOf(1),
      1000,
    )
    .option("--json", "write JSON, for programs: a line for each merge")
    .addHelpText(
      "after",
      examples(
        "zspine compactor ./shop",
        "zspine compactor ./shop ./prices --json",
        "zspine compactor s3://BUCKET/shop --poll 60000",
      ) +
        `
${OBJECT_STORAGE}
Ends with 0 at Ctrl+C, and with 1 when one of the stores cannot be reached: whatever keeps services alive may start it again.`,
    )
    .action((locations: readonly string[], options: CompactorCommandOptions) =>
      compactorCommand(terminal, locations, options),
    );
}

function addCompletion(program: Command, terminal: Terminal): void {
  program
    .command("completion")
    .summary("write what has a shell complete zspine")
    .description("Writes what has a shell complete commands, options, and the values of those that have few.")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .addHelpText(
      "after",
      examples(
        "zspine completion bash >> ~/.bashrc",
        "zspine completion zsh >> ~/.zshrc",
        "zspine completion fish > ~/.config/fish/completions/zspine.fish",
      ),
    )
    .action((shell: Shell) => terminal.write(completionOf(program, shell)));
}
