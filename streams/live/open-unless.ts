/**
 * What `opening` gives, unless `gone` rejects before; what opens later than that is discarded at once.
 *
 * @throws what `opening` or `gone` rejects with
 */
export async function openUnless<T>(
  opening: Promise<T>,
  gone: Promise<never>,
  discard: (late: T) => void,
): Promise<T> {
  try {
    return await Promise.race([opening, gone]);
  } catch (error) {
    void opening.then(discard, () => {});
    throw error;
  }
}
