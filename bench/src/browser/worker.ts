import { run, type Figures, type MediumName } from "./course.ts";

const worker = globalThis as unknown as {
  addEventListener(
    type: "message",
    listener: (event: { data: { medium: MediumName; place: string } }) => void,
  ): void;
  postMessage(figures: Figures): void;
};
worker.addEventListener("message", async ({ data: { medium, place } }) => {
  worker.postMessage(await run(medium, place));
});
