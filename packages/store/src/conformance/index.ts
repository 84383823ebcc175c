export { storeCases, skippedStoreCases } from "./suite/store-suite.ts";
export type { PlacesUnderTest, StoreSuiteOptions, SuiteStoreOptions } from "./suite/store-fixture.ts";
export type { StoreSuiteScope } from "./suite/store-case.ts";
export { storeMutants } from "./mutant/store-mutants.ts";
export type { StoreMutant } from "./mutant/store-mutants.ts";
