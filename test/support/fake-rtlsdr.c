/* A stand-in for librtlsdr.so.0: one dongle that plays a recording. rtl_tcp and our own FFI run on it unmodified.
 *
 * FAKE_RTLSDR_FILE   recording in cu8; unset or missing = no dongle is plugged in
 * FAKE_RTLSDR_RATE   its sample rate, Hz        (default 1024000)
 * FAKE_RTLSDR_FREQ   its centre frequency, Hz   (default 100000000)
 * FAKE_RTLSDR_END    at its end: loop (default) | unplug (reading ends with an error) | hang (no more samples)
 * FAKE_RTLSDR_GONE   while this file exists the dongle is unplugged: not listed, and reading ends
 * FAKE_RTLSDR_SPEED  times real time (default 1)
 * FAKE_RTLSDR_OPEN   number that rtlsdr_open answers, to play a busy (-6) or forbidden (-3) dongle
 * FAKE_RTLSDR_LOG    every setting is appended to this file as "name value"
 *
 * Frequency and rate are honoured: when they differ from the recording's, it is shifted and interpolated linearly; when
 * they agree its bytes pass through untouched. */
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct rtlsdr_dev {
	uint8_t *data;
	double frames, file_rate, file_freq, speed, pos, phase;
	uint32_t freq, rate;
	int gain, ppm, direct, running;
	volatile int cancel;
	char end;
	double started, made;
	pthread_mutex_t lock;
} dongle;
typedef void (*callback_t)(unsigned char *buf, uint32_t len, void *ctx);

static const int gains[] = { 0, 9, 14, 27, 37, 77, 87, 125, 144, 157, 166, 197, 207, 229, 254, 280, 297,
	328, 338, 364, 372, 386, 402, 421, 434, 439, 445, 480, 496 };

static double number(const char *name, double standard)
{
	const char *text = getenv(name);
	return text && *text ? atof(text) : standard;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + 1e-9 * t.tv_nsec;
}

static void note(const char *name, long value)
{
	const char *path = getenv("FAKE_RTLSDR_LOG");
	FILE *log = path ? fopen(path, "a") : NULL;
	if (!log)
		return;
	fprintf(log, "%s %ld\n", name, value);
	fclose(log);
}

static int gone(void)
{
	const char *marker = getenv("FAKE_RTLSDR_GONE");
	return marker && *marker && access(marker, F_OK) == 0;
}

/* Fills n samples from the recording; fewer when it ends. */
static int make(dongle *d, uint8_t *out, int n)
{
	double step = d->file_rate / d->rate, turn = ((double)d->freq - d->file_freq) / d->rate;
	int made = 0;
	for (; made < n; made++) {
		if (d->pos >= d->frames) {
			if (d->end != 'l')
				break;
			d->pos -= d->frames;
		}
		int64_t k = (int64_t)d->pos;
		const uint8_t *a = d->data + 2 * k, *b = d->data + 2 * ((k + 1) % (int64_t)d->frames);
		if (step == 1 && turn == 0) {
			out[2 * made] = a[0];
			out[2 * made + 1] = a[1];
		} else {
			double f = d->pos - k, re = a[0] + f * (b[0] - a[0]) - 127.5, im = a[1] + f * (b[1] - a[1]) - 127.5;
			double c = cos(d->phase), s = -sin(d->phase);
			out[2 * made] = fmin(255, fmax(0, rint(127.5 + re * c - im * s)));
			out[2 * made + 1] = fmin(255, fmax(0, rint(127.5 + re * s + im * c)));
			d->phase = remainder(d->phase + 2 * M_PI * turn, 2 * M_PI);
		}
		d->pos += step;
	}
	return made;
}

uint32_t rtlsdr_get_device_count(void)
{
	const char *file = getenv("FAKE_RTLSDR_FILE");
	return file && access(file, R_OK) == 0 && !gone();
}

const char *rtlsdr_get_device_name(uint32_t index)
{
	return index < rtlsdr_get_device_count() ? "Generic RTL2832U OEM" : "";
}

int rtlsdr_get_device_usb_strings(uint32_t index, char *maker, char *product, char *serial)
{
	if (index >= rtlsdr_get_device_count())
		return -2;
	if (maker) strcpy(maker, "Realtek");
	if (product) strcpy(product, "RTL2838UHIDIR");
	if (serial) strcpy(serial, "00000042");
	return 0;
}

int rtlsdr_get_usb_strings(dongle *d, char *maker, char *product, char *serial)
{
	(void)d;
	return rtlsdr_get_device_usb_strings(0, maker, product, serial);
}

int rtlsdr_get_index_by_serial(const char *serial)
{
	if (!rtlsdr_get_device_count())
		return -2;
	return strcmp(serial, "00000042") ? -3 : 0;
}

int rtlsdr_open(dongle **out, uint32_t index)
{
	int refusal = number("FAKE_RTLSDR_OPEN", 0);
	const char *end = getenv("FAKE_RTLSDR_END");
	FILE *file;
	if (index >= rtlsdr_get_device_count())
		return -1;
	if (refusal)
		return refusal;
	dongle *d = calloc(1, sizeof *d);
	file = fopen(getenv("FAKE_RTLSDR_FILE"), "rb");
	fseek(file, 0, SEEK_END);
	d->frames = ftell(file) / 2;
	rewind(file);
	d->data = malloc(2 * d->frames);
	if (fread(d->data, 2, d->frames, file) != d->frames)
		return -1;
	fclose(file);
	d->file_rate = number("FAKE_RTLSDR_RATE", 1024000);
	d->file_freq = number("FAKE_RTLSDR_FREQ", 100e6);
	d->speed = number("FAKE_RTLSDR_SPEED", 1);
	d->end = end && *end ? *end : 'l';
	d->freq = d->file_freq;
	d->rate = d->file_rate;
	d->started = now();
	pthread_mutex_init(&d->lock, NULL);
	note("open", index);
	*out = d;
	return 0;
}

int rtlsdr_close(dongle *d)
{
	note("close", 0);
	free(d->data);
	free(d);
	return 0;
}

static int set(dongle *d, const char *name, long value, int *where)
{
	if (!d)
		return -1;
	pthread_mutex_lock(&d->lock);
	if (where)
		*where = value;
	pthread_mutex_unlock(&d->lock);
	note(name, value);
	return 0;
}

static void restart(dongle *d)
{
	d->started = now();
	d->made = 0;
}

int rtlsdr_set_center_freq(dongle *d, uint32_t hz) { return set(d, "center_freq", hz, (int *)&d->freq); }
uint32_t rtlsdr_get_center_freq(dongle *d) { return d ? d->freq : 0; }
int rtlsdr_set_freq_correction(dongle *d, int ppm) { return d->ppm == ppm ? -2 : set(d, "freq_correction", ppm, &d->ppm); }
int rtlsdr_get_freq_correction(dongle *d) { return d->ppm; }
int rtlsdr_get_tuner_type(dongle *d) { return d ? 5 : 0; }
int rtlsdr_set_tuner_gain(dongle *d, int gain) { return set(d, "tuner_gain", gain, &d->gain); }
int rtlsdr_get_tuner_gain(dongle *d) { return d->gain; }
int rtlsdr_set_tuner_gain_mode(dongle *d, int manual) { return set(d, "tuner_gain_mode", manual, NULL); }
int rtlsdr_set_tuner_bandwidth(dongle *d, uint32_t hz) { return set(d, "tuner_bandwidth", hz, NULL); }
int rtlsdr_set_tuner_if_gain(dongle *d, int stage, int gain) { return set(d, "tuner_if_gain", 1000 * stage + gain, NULL); }
int rtlsdr_set_testmode(dongle *d, int on) { return set(d, "testmode", on, NULL); }
int rtlsdr_set_agc_mode(dongle *d, int on) { return set(d, "agc_mode", on, NULL); }
int rtlsdr_set_direct_sampling(dongle *d, int on) { return set(d, "direct_sampling", on, &d->direct); }
int rtlsdr_get_direct_sampling(dongle *d) { return d->direct; }
int rtlsdr_set_offset_tuning(dongle *d, int on) { (void)d, (void)on; return -2; /* as with an R820T */ }
int rtlsdr_get_offset_tuning(dongle *d) { return d ? 0 : -1; }
int rtlsdr_set_bias_tee(dongle *d, int on) { return set(d, "bias_tee", on, NULL); }
int rtlsdr_set_bias_tee_gpio(dongle *d, int gpio, int on) { (void)gpio; return set(d, "bias_tee", on, NULL); }
int rtlsdr_set_xtal_freq(dongle *d, uint32_t rtl, uint32_t tuner) { (void)tuner; return set(d, "xtal_freq", rtl, NULL); }

int rtlsdr_get_tuner_gains(dongle *d, int *out)
{
	if (!d)
		return -1;
	if (out)
		memcpy(out, gains, sizeof gains);
	return sizeof gains / sizeof *gains;
}

int rtlsdr_set_sample_rate(dongle *d, uint32_t hz)
{
	if (hz <= 225000 || hz > 3200000 || (hz > 300000 && hz <= 900000))
		return -22;
	set(d, "sample_rate", hz, (int *)&d->rate);
	restart(d);
	return 0;
}

uint32_t rtlsdr_get_sample_rate(dongle *d) { return d ? d->rate : 0; }

int rtlsdr_reset_buffer(dongle *d)
{
	restart(d);
	return 0;
}

/* Waits until n samples are due by the dongle's clock, then makes them; -1 when it is unplugged. */
static int next(dongle *d, uint8_t *out, int n)
{
	for (;;) {
		double wait = d->started + (d->made + n) / (d->rate * d->speed) - now();
		if (gone())
			return -1;
		if (wait <= 0 || d->cancel)
			break;
		usleep(1e6 * fmin(wait, 0.02));
	}
	pthread_mutex_lock(&d->lock);
	int made = make(d, out, n);
	d->made += n;
	pthread_mutex_unlock(&d->lock);
	return made;
}

int rtlsdr_read_sync(dongle *d, void *buf, int len, int *n_read)
{
	int made = next(d, buf, len / 2);
	*n_read = made < 0 ? 0 : 2 * made;
	return made < 0 || (made == 0 && d->end == 'u') ? -4 : made == 0 ? -7 : 0;
}

int rtlsdr_read_async(dongle *d, callback_t cb, void *ctx, uint32_t count, uint32_t len)
{
	(void)count;
	if (!len)
		len = 16 * 32 * 512;
	uint8_t *buf = malloc(len);
	int made, result = 0;
	d->cancel = 0;
	d->running = 1;
	restart(d);
	while (!d->cancel && !result) {
		made = next(d, buf, len / 2);
		if (d->cancel)
			break;
		if (made == (int)len / 2)
			cb(buf, len, ctx);
		else if (made < 0 || d->end == 'u')
			result = -5;
		else
			usleep(20000);
	}
	free(buf);
	d->running = 0;
	note("async_ends", result);
	return result;
}

int rtlsdr_wait_async(dongle *d, callback_t cb, void *ctx) { return rtlsdr_read_async(d, cb, ctx, 0, 0); }

int rtlsdr_cancel_async(dongle *d)
{
	if (!d->running)
		return -2;
	d->cancel = 1;
	return 0;
}
