import type { Serializer } from "@zspine/core";
import type { SeededRandom } from "../random/seeded-random.ts";

/** What a case of the serializer suite works with. */
interface SerializerFixture {
  readonly serializer: Serializer;
  readonly random: SeededRandom;
}

/** A case of the serializer suite before it is given a serializer. */
export interface SerializerCase {
  readonly name: string;
  /** Whether its name is to tell the seed. */
  readonly isSeeded?: boolean;
  readonly run: (fixture: SerializerFixture) => void;
}
