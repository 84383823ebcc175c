import type { Command } from "commander";

/** The shells that can be told how to complete the program. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** An option as a shell completes it. */
interface CompletedOption {
  readonly long: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** What its arguments may be, where that is a few words; else they are paths. */
  readonly choices: readonly string[];
}

/** A script that has a shell complete the commands, their options, and the values of those that are one of a few. */
export function completionOf(program: Command, shell: Shell): string {
  const commands = program.commands.map(describe);
  const name = program.name();
  if (shell === "bash") return bashScript(name, commands);
  return shell === "zsh" ? zshScript(name, commands) : fishScript(name, commands);
}

function describe(command: Command): CompletedCommand {
  return {
    name: command.name(),
    description: command.summary(),
    options: command.options.map(({ long, description, required, optional, argChoices }) => ({
      long: long ?? "",
      description,
      takesValue: required || optional,
      choices: argChoices ?? [],
    })),
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  };
}

function bashScript(name: string, commands: readonly CompletedCommand[]): string {
  const from = (words: readonly string[]): string =>
    `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current"))`;
  const values = commands.flatMap((command) =>
    command.options
      .filter(({ choices }) => choices.length > 0)
      .map(({ long, choices }) => `    "${command.name} ${long}") ${from(choices)}; return ;;`),
  );
  const words = commands.map(
    ({ name: command, options }) => `      ${command}) ${from(options.map(({ long }) => long))} ;;`,
  );
  const plain = commands
    .filter(({ choices }) => choices.length > 0)
    .map(({ name: command, choices }) => `      ${command}) ${from(choices)} ;;`);
  return `# zspine completion bash >> ~/.bashrc
_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}" command="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    ${from([...commands.map((command) => command.name), "help", "--help", "--version"])}
    return
  fi
  case "$command $previous" in
${values.join("\n")}
  esac
  if [[ $current == -* ]]; then
    case "$command" in
${words.join("\n")}
    esac
  else
    case "$command" in
${plain.join("\n")}
    esac
  fi
}
complete -o bashdefault -o default -F _${name} ${name}
`;
}

function zshScript(name: string, commands: readonly CompletedCommand[]): string {
  const escaped = (text: string): string =>
    text.replaceAll(/[[\]:\\]/g, String.raw`\$&`).replaceAll("'", "'\\''");
  const cases = commands.map(({ name: command, options, choices }) => {
    const specs = options.map(({ long, description, takesValue, choices: values }) => {
      const value = values.length > 0 ? `:value:(${values.join(" ")})` : takesValue ? ":value:_files" : "";
      return `'${long}[${escaped(description)}]${value}'`;
    });
    const rest = choices.length > 0 ? `'*:argument:(${choices.join(" ")})'` : "'*:path:_files'";
    return `    ${command}) _arguments ${[...specs, rest].join(" ")} ;;`;
  });
  return `#compdef ${name}
# zspine completion zsh >> ~/.zshrc
_${name}() {
  local -a commands
  commands=(${commands.map((command) => `'${command.name}:${escaped(command.description)}'`).join(" ")})
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT -= 1 ))
  case $words[1] in
${cases.join("\n")}
  esac
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _${name} ${name}
`;
}

function fishScript(name: string, commands: readonly CompletedCommand[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap(({ name: command, description, options, choices }) => [
    `complete -c ${name} -f -n __fish_use_subcommand -a ${command} -d ${quoted(description)}`,
    ...options.map(({ long, description: words, takesValue, choices: values }) => {
      const value = values.length > 0 ? ` -x -a ${quoted(values.join(" "))}` : takesValue ? " -r" : "";
      return `complete -c ${name} -n '__fish_seen_subcommand_from ${command}' -l ${long.slice(2)}${value} -d ${quoted(words)}`;
    }),
    ...(choices.length > 0
      ? [`complete -c ${name} -f -n '__fish_seen_subcommand_from ${command}' -a ${quoted(choices.join(" "))}`]
      : []),
  ]);
  return `# zspine completion fish > ~/.config/fish/completions/${name}.fish\n${lines.join("\n")}\n`;
}
