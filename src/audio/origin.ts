/**
 * What a result says of itself: that this program made it, and of which recording. A result may then be replaced when the
 * same recording is denoised again, while nobody else's file ever is. FLAC and Opus say it in a comment, WAV in a chunk.
 */
import { openAudioInput } from './open.js';
import type { Tags } from './tags.js';
import type { WavMetadata } from './wav/chunks.js';

const CHUNK = 'dnoi';
const COMMENT = 'DENOISED_FROM=';

/** Tags with the origin among them. @param origin file name of the recording, without its folder */
export function tagsWithOrigin(tags: Tags | undefined, origin: string): Tags {
  const comments = (tags?.comments ?? []).filter((comment) => !comment.startsWith(COMMENT));
  return { pictures: [], ...tags, comments: [...comments, `${COMMENT}${origin}`] };
}

/** Chunks of a WAV file with the origin among them; those behind the samples may still grow. */
export function chunksWithOrigin(metadata: WavMetadata | undefined, origin: string): WavMetadata {
  const { fmt, before, after } = metadata ?? { fmt: new Uint8Array(0), before: [], after: [] };
  const others = before.filter(({ id }) => id !== CHUNK);
  return { fmt, before: [...others, { id: CHUNK, data: Buffer.from(origin) }], after };
}

/** The file name of the recording that a result was made of; `undefined` for files that are no results of this program. */
export async function originOf(path: string): Promise<string | undefined> {
  try {
    const input = await openAudioInput(path);
    const { metadata, tags } = input;
    await input.close();
    const chunk = metadata?.before.find(({ id }) => id === CHUNK);
    if (chunk !== undefined) return Buffer.from(chunk.data).toString();
    return tags?.comments.find((comment) => comment.startsWith(COMMENT))?.slice(COMMENT.length);
  } catch {
    // What cannot be read was not made here.
    return undefined;
  }
}
