import { bundledJob, killedJob } from "./killed-job.ts";

const jobOf = bundledJob();

for (const backend of ["file", "level"]) killedJob(jobOf, backend, 5);
