import { join } from 'node:path';
import { makeFolder, writeFileAtomically } from '../../files/atomic-file.js';
import type { StudyView } from '../study-view.js';
import { studyPlots } from './plots.js';
import { htmlReport } from './report.js';
import { resultsDocument, trialsCsv } from './tables.js';

/**
 * Writes everything that is known of a study beside it: `hyperparameter_results.json`, `trials.csv`, `report.html` and charts.
 * @param others studies to compare it with, in the report
 * @returns the paths. @throws OutputError
 */
export function writeAnalysis(folder: string, study: StudyView, others: readonly StudyView[] = []): string[] {
  makeFolder(folder);
  const files: [name: string, data: string | Buffer][] = [
    ['hyperparameter_results.json', `${JSON.stringify(resultsDocument(study), null, 2)}\n`],
    ['trials.csv', trialsCsv(study)],
    ['report.html', htmlReport([study, ...others])],
    ...studyPlots(study),
  ];
  return files.map(([name, data]) => {
    const path = join(folder, name);
    writeFileAtomically(path, data);
    return path;
  });
}
