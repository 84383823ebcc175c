/** What has become of work that goes on by its name, for messages of errors. */
export const GOES_ON = "what was committed by then stays, and the same call again goes on from there";

/**
 * Tells of the last step of work, which has happened: what a listener throws cannot end it any more, and is reported as any
 * uncaught error is. Rejected, it would be done once more by who takes it for failed.
 */
export function tellEnd(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
