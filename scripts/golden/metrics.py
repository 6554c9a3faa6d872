"""Golden figures for the metrics of src/audio/metrics, by an independent implementation in NumPy.

    python3 scripts/golden/metrics.py > test/audio/metrics/metrics.golden.json

Needs NumPy and SciPy (Debian: python3-numpy python3-scipy). Nothing that ships or is tested needs Python: the figures are
in the repository. The signals are made by formula, the same here and in test/audio/metrics/signals.ts.

SI-SDR: Le Roux et al. 2019, eq. 5. STOI: Taal et al. 2011. ESTOI: Jensen and Taal 2016, both with the conventions of the
usual Python code: Octave's resampling to 10 kHz, frames of 256 every 128, the last whole frame left out. Segmental SNR:
Loizou 2013. Log-spectral distance: Gray and Markel 1976.
"""

import json
import math
import sys

import numpy as np
from scipy.signal import resample_poly

EPS = np.finfo(float).eps


def uniform(count, seed):
    """Uniform noise in -1 ... 1 by the linear congruential generator of Numerical Recipes."""
    values = np.empty(count)
    state = seed
    for i in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        values[i] = state / 2**31 - 1
    return values


def speech_like(count, rate, seed):
    """Harmonics of a gliding pitch under syllables of 4 Hz with pauses, over a faint breath of noise."""
    t = np.arange(count) / rate
    pitch = 2 * np.pi * (120 * t + 8 * np.sin(2 * np.pi * 0.7 * t))
    voice = sum(np.sin(k * pitch) * (1 + np.sin(2 * np.pi * 0.31 * k * t)) / k for k in range(1, 25))
    syllables = np.maximum(0, np.sin(2 * np.pi * 4 * t)) ** 2 * (np.sin(2 * np.pi * 0.45 * t) > -0.6)
    return (0.1 * syllables * voice + 0.0005 * uniform(count, seed)).astype(np.float32)


def processed_as(kind, clean, seed):
    """One of the ways in which a recording goes wrong."""
    noise = uniform(len(clean), seed + 1)
    x = clean.astype(float)
    if kind == "copy":
        y = x
    elif kind == "noise":
        y = x + 0.05 * noise
    elif kind == "loud noise":
        y = x + 0.3 * noise
    elif kind == "soft and offset":
        y = 0.3 * x + 0.01 * noise + 0.02
    elif kind == "clipped":
        y = np.clip(x, -0.08, 0.08)
    elif kind == "late":
        y = np.concatenate([np.zeros(7), x[:-7]])
    elif kind == "unrelated":
        y = noise
    else:
        raise ValueError(kind)
    return y.astype(np.float32)


def si_sdr(e, s):
    e = e - e.mean()
    s = s - s.mean()
    target = (e @ s) / (s @ s) * s
    rest = e - target
    return 10 * math.log10((target @ target) / (rest @ rest))


def octave_resample(x, to, rate):
    g = math.gcd(to, rate)
    cutoff = 1 / (2 * max(to // g, rate // g))
    half = math.ceil((60 - 8) / (28.714 * cutoff / 10))
    t = np.arange(-half, half + 1)
    h = np.kaiser(2 * half + 1, 0.1102 * (60 - 8.7)) * np.sinc(2 * cutoff * t)
    return resample_poly(x, to, rate, window=h / h.sum())


def frames_of(x):
    w = np.hanning(258)[1:-1]
    return np.array([w * x[i : i + 256] for i in range(0, len(x) - 256, 128)])


def join(frames):
    x = np.zeros((len(frames) - 1) * 128 + 256)
    for i, frame in enumerate(frames):
        x[i * 128 : i * 128 + 256] += frame
    return x


def band_segments(x):
    spectrum = np.abs(np.fft.rfft(frames_of(x), 512)) ** 2
    f = np.linspace(0, 10000, 513)[:257]
    k = np.arange(15)
    low = [np.argmin((f - 150 * 2 ** ((2 * b - 1) / 6)) ** 2) for b in k]
    high = [np.argmin((f - 150 * 2 ** ((2 * b + 1) / 6)) ** 2) for b in k]
    bands = np.sqrt(np.array([spectrum[:, a:b].sum(axis=1) for a, b in zip(low, high)]))
    return np.array([bands[:, m - 30 : m] for m in range(30, bands.shape[1] + 1)])


def unit(x, axis):
    x = x - x.mean(axis=axis, keepdims=True)
    norm = np.sqrt((x**2).sum(axis=axis, keepdims=True))
    return np.divide(x, norm, out=np.zeros_like(x), where=norm > 0)


def segments_of_speech(x, y, rate):
    if rate != 10000:
        x, y = octave_resample(x, 10000, rate), octave_resample(y, 10000, rate)
    xf, yf = frames_of(x), frames_of(y)
    energy = 20 * np.log10(np.linalg.norm(xf, axis=1) + EPS)
    loud = energy > energy.max() - 40
    return band_segments(join(xf[loud])), band_segments(join(yf[loud]))


def estoi(x, y, rate):
    a, b = segments_of_speech(x, y, rate)
    return float((unit(unit(a, 2), 1) * unit(unit(b, 2), 1)).sum() / 30 / len(a))


def stoi(x, y, rate):
    a, b = segments_of_speech(x, y, rate)
    scale = np.linalg.norm(a, axis=2, keepdims=True) / (np.linalg.norm(b, axis=2, keepdims=True) + EPS)
    b = np.minimum(b * scale, a * (1 + 10 ** (15 / 20)))
    return float((unit(a, 2) * unit(b, 2)).sum() / (a.shape[0] * a.shape[1]))


def segmental_snr(x, y, rate):
    length = round(0.03 * rate)
    w = 0.5 * (1 - np.cos(2 * np.pi * np.arange(1, length + 1) / (length + 1)))
    ratios = []
    for i in range(0, len(x) - length + 1, length // 4):
        signal = ((w * x[i : i + length]) ** 2).sum()
        noise = ((w * (x - y)[i : i + length]) ** 2).sum()
        ratios.append(min(35, max(-10, 10 * math.log10(signal / (noise + EPS) + EPS))))
    return float(np.mean(ratios))


def log_spectral_distance(x, y, rate):
    size = 2 ** round(math.log2(0.032 * rate))
    count = max(1, math.ceil((len(x) - size) / (size / 2)) + 1)
    w = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    pad = (count - 1) * size // 2 + size - len(x)
    spectra = []
    for signal in (x, y):
        signal = np.pad(signal, (0, max(0, pad)))
        frames = np.array([w * signal[i * size // 2 : i * size // 2 + size] for i in range(count)])
        spectra.append(np.abs(np.fft.rfft(frames)) ** 2)
    floor = spectra[0].max() * 1e-6
    a, b = (10 * np.log10(np.maximum(s, floor)) for s in spectra)
    return float(np.sqrt(((a - b) ** 2).mean(axis=1)).mean())


def main():
    cases = []
    for rate in (8000, 10000, 16000, 44100):
        count = int(2.7 * rate) + 13
        for seed, kind in enumerate(("noise", "loud noise", "soft and offset", "clipped", "late", "unrelated")):
            clean = speech_like(count, rate, seed)
            other = processed_as(kind, clean, seed)
            x, y = clean.astype(float), other.astype(float)
            cases.append(
                {
                    "kind": kind,
                    "sampleRate": rate,
                    "samples": count,
                    "seed": seed,
                    "siSdr": si_sdr(y, x),
                    "estoi": estoi(x, y, rate),
                    "stoi": stoi(x, y, rate),
                    "segmentalSnr": segmental_snr(x, y, rate),
                    "logSpectralDistance": log_spectral_distance(x, y, rate),
                }
            )
    json.dump(cases, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
