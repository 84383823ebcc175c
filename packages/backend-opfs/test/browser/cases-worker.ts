import { answerWithCases } from "../../../../tools/browser/worker.ts";
import { casesIn } from "./cases.ts";

answerWithCases(casesIn(crypto.randomUUID()));
