const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.addEventListener("message", () => waiting.shift()?.());
channel.port1.start();

/** Runs a task in the next turn of the event loop; timers of a browser wait for 4 ms after the first few. */
export function inNextTurn(task: () => void): void {
  waiting.push(task);
  channel.port2.postMessage(undefined);
}
