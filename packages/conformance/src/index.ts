export { assertEqual } from "./assertion/assert-equal.ts";
export {
  assert,
  assertCode,
  assertRejects,
  assertSame,
  assertSameBytes,
  assertSameList,
  AssertionFailure,
  assertThrows,
  describeError,
} from "./assertion/assertion.ts";
export { outcomeOf } from "./assertion/outcome.ts";
export type { Outcome } from "./assertion/outcome.ts";
export { backendCases, skippedCases } from "./backend/backend-suite.ts";
export type { BackendSuiteOptions } from "./backend/backend-fixture.ts";
export { bindCase } from "./case/bind-case.ts";
export type { UnboundCase } from "./case/bind-case.ts";
export type { Case, SkippedCase } from "./case/case.ts";
export { SeededRandom } from "./random/seeded-random.ts";
export { canonicalText } from "./reference/canonical-text.ts";
export { ReferenceZSet } from "./reference/reference-zset.ts";
export type { ReferenceOrder, ReferenceRange, ReferenceRow } from "./reference/reference-zset.ts";
export { goldenExtension, goldenValues } from "./serializer/golden-values.ts";
export type { SampleValue } from "./serializer/sample-values.ts";
export { formatCases } from "./serializer/format-suite.ts";
export type { FormatSuiteOptions } from "./serializer/format-suite.ts";
export { serializerCases } from "./serializer/serializer-suite.ts";
export type { SerializerSuiteOptions } from "./serializer/serializer-suite.ts";
export { simulatedEnvironment, SimulatedEnvironment } from "./simulation/simulated-environment.ts";
export type { SimulationOptions } from "./simulation/simulated-environment.ts";
export type { BackendCall, BackendMethod } from "./wrapper/backend-call.ts";
export { chaos } from "./wrapper/chaos.ts";
export type { ChaosBackend, ChaosOptions, LoggedCall } from "./wrapper/chaos.ts";
export { faultAt, seededFaults } from "./wrapper/fault.ts";
export type { Fault, FaultPlan, FaultRates, FaultTarget } from "./wrapper/fault.ts";
export { recording } from "./wrapper/recording.ts";
export type { Count, Counts, RecordingBackend } from "./wrapper/recording.ts";
export { backendMutants } from "./mutant/backend-mutants.ts";
export type { BackendMutant } from "./mutant/backend-mutants.ts";
export { forwardBackend as forward } from "@zspine/core";
export { retained } from "./wrapper/retained.ts";
export type { RetainedMedium } from "./wrapper/retained.ts";
export { damaged, flipped, wrapOpener } from "./wrapper/damaged.ts";
export type { Damage } from "./wrapper/damaged.ts";
export { algebraCases } from "./algebra/algebra-suite.ts";
export type { AlgebraSuiteOptions } from "./algebra/algebra-suite.ts";
export type { AlgebraUnderTest } from "./algebra/algebra-under-test.ts";
