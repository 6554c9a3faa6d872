"""Demodulates a cu8 recording with GNU Radio's own blocks, as its examples wire them:
/usr/bin/python3 gnuradio_receive.py IN.cu8 RATE OFFSET MODE OUT.wav  (48 kHz float WAV)"""
import sys
from gnuradio import analog, blocks, filter as grfilter, gr
from gnuradio.fft import window

path, rate, offset, mode, out = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4], sys.argv[5]
AUDIO = 48000
top = gr.top_block()
source = blocks.file_source(gr.sizeof_char, path, False)
to_float = blocks.uchar_to_float()
scale = blocks.add_const_ff(-127.4)
pair = blocks.deinterleave(gr.sizeof_float)
iq = blocks.float_to_complex()
gain = blocks.multiply_const_cc(1 / 128)
top.connect(source, to_float, scale, pair)
top.connect((pair, 0), (iq, 0))
top.connect((pair, 1), (iq, 1))
top.connect(iq, gain)
width = {"wbfm": 90e3, "nbfm": 8e3, "am": 5e3, "usb": 1.35e3}[mode]
decimation = 1 if mode == "wbfm" else rate // AUDIO
centre = offset + (1550 if mode == "usb" else 0)
taps = grfilter.firdes.low_pass(1, rate, width, width * 0.25, window.WIN_KAISER, 6.76)
channel = grfilter.freq_xlating_fir_filter_ccf(decimation, taps, centre, rate)
top.connect(gain, channel)
sink = blocks.wavfile_sink(out, 1, AUDIO, blocks.FORMAT_WAV, blocks.FORMAT_FLOAT)
if mode == "wbfm":
    # As analog.wfm_rcv, which cannot be told the European time constant.
    demod = analog.quadrature_demod_cf(rate / (2 * 3.141592653589793 * 75e3))
    deemphasis = analog.fm_deemph(rate, 50e-6)
    low = grfilter.fir_filter_fff(rate // AUDIO, grfilter.firdes.low_pass(1, rate, 15e3, 3e3))
    top.connect(channel, demod, deemphasis, low, sink)
elif mode == "nbfm":
    demod = analog.quadrature_demod_cf(AUDIO / (2 * 3.141592653589793 * 5e3))
    low = grfilter.fir_filter_fff(1, grfilter.firdes.low_pass(1, AUDIO, 4e3, 1e3))
    top.connect(channel, demod, low, sink)
elif mode == "am":
    envelope = blocks.complex_to_mag()
    dc = grfilter.dc_blocker_ff(4096, True)
    low = grfilter.fir_filter_fff(1, grfilter.firdes.low_pass(1, AUDIO, 4.5e3, 1e3))
    top.connect(channel, envelope, dc, low, sink)
else:
    back = blocks.multiply_cc()
    tone = analog.sig_source_c(AUDIO, analog.GR_COS_WAVE, 1550, 1)
    top.connect(channel, (back, 0))
    top.connect(tone, (back, 1))
    top.connect(back, blocks.complex_to_real(), sink)
top.run()
