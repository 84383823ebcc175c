import type { Serializer, SerializerOptions } from "@zspine/core";
import type { SeededRandom } from "../random/seeded-random.ts";

/** What a case of the suite for serializers with options works with. */
interface FormatFixture {
  readonly create: (options?: SerializerOptions) => Serializer;
  readonly random: SeededRandom;
}

/** A case of that suite before it is given a serializer. */
export interface FormatCase {
  readonly name: string;
  /** Whether its name is to tell the seed. */
  readonly isSeeded?: boolean;
  readonly run: (fixture: FormatFixture) => void;
}
