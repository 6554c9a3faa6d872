import { Journal } from './journal/journal.js';
import type { JournalStorage } from './storages/journal-storage.js';
import type { StudyView } from './study-view.js';

/** A study that is only looked at. @throws InputError `E_NO_STUDY`, `E_JOURNAL`, `E_JOURNAL_VERSION` */
export async function readStudy(storage: JournalStorage): Promise<StudyView> {
  const journal = new Journal(storage);
  await journal.open();
  return journal.state;
}

/** Writes a note to a study without working on it. */
export async function annotateStudy(storage: JournalStorage, note: string): Promise<void> {
  const journal = new Journal(storage);
  await journal.open();
  await journal.write({ op: 'attribute', key: 'note', value: note });
}
