import { bundledJob, killedJob } from "./killed-job.ts";

// The real process: killed at seeded moments and started again, it must find out what it does when left alone.

const jobOf = bundledJob();

for (const backend of ["file", "level"]) killedJob(jobOf, backend, 5);
