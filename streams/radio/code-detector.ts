/** Rate at which codes under a voice are looked for, Hz. */
export const CODE_RATE = 1_000;

/** Finds one code in samples of {@link CODE_RATE}. */
export interface CodeDetector {
  readonly isHeard: boolean;
  push(sample: number): void;
  reset(): void;
}
