export { meanPower, peak, peakDbfs, powerToDb, rmsDbfs } from './levels.js';
export { logSpectralDistance } from './log-spectral-distance.js';
export { segmentalSnr } from './segmental-snr.js';
export { siSdr } from './si-sdr.js';
export { estoi, stoi } from './stoi.js';
