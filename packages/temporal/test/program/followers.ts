import { turn } from "@zspine/core";
import type { Course } from "./course.ts";
import { Consumer, Follower } from "./follower.ts";

const NAMES = ["s1", "s2"] as const;

/** The subscriptions of a program, and the consumers behind them, which outlive processes. */
export class Followers {
  private readonly course: Course;
  private readonly consumers = new Map<string, Consumer>();
  private list: Follower[] = [];
  /** Those that were stopped, for what they waited for may be read still. */
  private stopped: Follower[] = [];

  constructor(course: Course) {
    this.course = course;
  }

  /** Times that since may not go beyond. */
  get times(): number[] {
    return this.list.flatMap(({ held }) => held ?? []);
  }

  /** The last time that one may count as given, and that one certainly does. */
  get reached(): number {
    return Math.max(-Infinity, ...[...this.list, ...this.stopped].map(({ reached }) => reached));
  }

  get given(): number {
    return Math.max(-Infinity, ...this.list.map(({ given }) => given));
  }

  follow(): void {
    const { random, trace } = this.course;
    if (this.list.length > 3) return;
    const name = random.chance(0.6) ? random.pick(NAMES) : undefined;
    const from = random.chance(0.3) && trace.since > -1e15 ? trace.since + random.int(0, 4) : undefined;
    if (name !== undefined && this.list.some(({ consumer }) => consumer.name === name)) return;
    const known = name === undefined ? undefined : this.consumers.get(name);
    const consumer = known ?? new Consumer(name, random.chance(0.6), from);
    if (name !== undefined) this.consumers.set(name, consumer);
    const follower = new Follower(this.course, consumer);
    this.list.push(follower);
    follower.ask();
  }

  async deliver(): Promise<void> {
    for (const follower of this.list) if (this.course.random.chance(0.7)) follower.ask();
    await turn(this.course.environment);
  }

  async acknowledge(): Promise<void> {
    if (this.list.length > 0) await this.course.random.pick(this.list).acknowledge();
  }

  async unfollow(): Promise<void> {
    if (this.list.length === 0) return;
    const follower = this.course.random.pick(this.list);
    follower.stop();
    this.stopped.push(follower);
    // What it was given may be dealt with all the same.
    if (this.course.random.chance(0.3)) await follower.acknowledge();
    this.forget(follower);
  }

  /** Forgets those of a process that ends. */
  died(): void {
    for (const follower of this.list) {
      follower.check();
      follower.stop();
      follower.consumer.died();
    }
    this.list = [];
    this.stopped = [];
  }

  /** @throws when what one was given is wrong, or is corrected by now. */
  check(): void {
    for (const follower of this.list) {
      follower.check();
      if (follower.hasEnded) this.ended(follower);
      else if (!this.course.mayHaveExpired) follower.consumer.check(this.course);
    }
  }

  /** @throws unless all are given what there is, once commits are done. */
  async checkRest(): Promise<void> {
    const { course } = this;
    for (let turns = 0; turns < 300 && this.list.some((one) => one.isBehind); turns++) {
      for (const follower of this.list) follower.ask();
      await turn(course.environment, 1);
      this.check();
    }
    const behind = this.list.filter((one) => one.isBehind).map(({ reached }) => reached);
    course.same("subscriptions that are not given what there is", behind, []);
  }

  /** One ends by itself at the end of time, when it has expired, or cannot begin. */
  private ended(follower: Follower): void {
    const { failure } = follower;
    this.forget(follower);
    if (failure !== undefined) this.course.mayFail(failure, ["ZSPINE_TIME_PASSED", "ZSPINE_IO"]);
  }

  private forget(follower: Follower): void {
    this.list = this.list.filter((other) => other !== follower);
    follower.consumer.died();
  }
}
