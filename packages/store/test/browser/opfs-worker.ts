import { answerWithCases } from "../../../../tools/browser/worker.ts";
import { casesIn } from "./opfs-cases.ts";

answerWithCases(casesIn(crypto.randomUUID()));
