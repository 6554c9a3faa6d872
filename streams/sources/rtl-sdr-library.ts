import koffi, { type LibraryHandle } from 'koffi';
import { DeviceError } from '../../src/errors.js';

/** A device handle or buffer of librtlsdr: an address, never looked into. */
export type RtlSdrHandle = bigint;

/** Called with each buffer of samples, on the thread that reads. */
export type RtlSdrCallback = (samples: Uint8Array<ArrayBuffer>) => void;

/** The part of librtlsdr's interface (rtl-sdr.h) that is used. Numbers returned are 0 or a negative error. */
export interface RtlSdrLibrary {
  deviceCount(): number;
  deviceName(index: number): string;
  /** Manufacturer, product and serial number; `undefined` when they cannot be read (no permission, in use). */
  usbStrings(index: number): [string, string, string] | undefined;
  /** The handle, or an error number. */
  open(index: number): Promise<RtlSdrHandle | number>;
  close(device: RtlSdrHandle): Promise<number>;
  tunerType(device: RtlSdrHandle): number;
  /** Calls `rtlsdr_NAME(device, value)` off the main thread. */
  set(name: RtlSdrSetter, device: RtlSdrHandle, value: number): Promise<number>;
  get(name: RtlSdrGetter, device: RtlSdrHandle): number;
  resetBuffer(device: RtlSdrHandle): Promise<number>;
  /** Reads until another thread cancels, or the dongle fails; blocks this thread, and returns librtlsdr's result. */
  readBlocking(device: RtlSdrHandle, callback: RtlSdrCallback, buffers: number, bytes: number): number;
  /** Ends {@link readBlocking} of another thread; negative when it does not run. */
  cancelAsync(device: RtlSdrHandle): number;
}

const SETTERS = [
  'set_center_freq',
  'set_sample_rate',
  'set_freq_correction',
  'set_tuner_gain_mode',
  'set_tuner_gain',
  'set_agc_mode',
  'set_direct_sampling',
  'set_offset_tuning',
  'set_bias_tee',
] as const;
const GETTERS = {
  get_center_freq: 'uint32_t',
  get_sample_rate: 'uint32_t',
  get_freq_correction: 'int',
  get_tuner_gain: 'int',
} as const;
export type RtlSdrSetter = (typeof SETTERS)[number];
export type RtlSdrGetter = keyof typeof GETTERS;

/** Names under which systems keep the library: Debian's 0.6 is `.so.0`, 2.x is `.so.2`. */
const LIBRARY_NAMES: Readonly<Record<string, readonly string[]>> = {
  linux: ['librtlsdr.so.0', 'librtlsdr.so.2', 'librtlsdr.so'],
  darwin: ['librtlsdr.dylib', '/opt/homebrew/lib/librtlsdr.dylib', '/usr/local/lib/librtlsdr.dylib'],
  win32: ['rtlsdr.dll', 'librtlsdr.dll'],
};

koffi.proto('void RtlSdrBufferCallback(void *buffer, uint32_t length, void *context)');
/** A C function bound to JavaScript. */
type Bound = ReturnType<LibraryHandle['func']>;

const USB_STRING_BYTES = 256;

function loadFirst(names: readonly string[]): LibraryHandle {
  const failures: unknown[] = [];
  for (const name of names) {
    try {
      return koffi.load(name);
    } catch (error) {
      failures.push(error);
    }
  }
  throw new DeviceError('E_NO_LIBRTLSDR', 'The library librtlsdr is not installed.', {
    hint: 'Install it: apt-get install librtlsdr0 (Debian, Ubuntu), brew install librtlsdr (macOS).',
    cause: failures[0],
  });
}

/** Calls `run` off the main thread; a failure of the call itself (not of the radio) rejects. */
function offThread<T>(run: Bound, ...parameters: unknown[]): Promise<T> {
  return new Promise((resolve, reject) => {
    run.async(...parameters, (error: Error | null, result: T) => (error ? reject(error) : resolve(result)));
  });
}

/**
 * Loads librtlsdr.
 *
 * @param path the library file; default: where the system keeps it.
 * @throws DeviceError `E_NO_LIBRTLSDR` when it is not there.
 */
export function loadRtlSdr(path?: string): RtlSdrLibrary {
  const library = loadFirst(path === undefined ? (LIBRARY_NAMES[process.platform] ?? []) : [path]);
  const bind = (signature: string) => library.func(signature);
  const count = bind('uint32_t rtlsdr_get_device_count()');
  const name = bind('const char *rtlsdr_get_device_name(uint32_t index)');
  const strings = bind(
    'int rtlsdr_get_device_usb_strings(uint32_t index, _Out_ uint8_t *maker, _Out_ uint8_t *product, _Out_ uint8_t *serial)',
  );
  const open = bind('int rtlsdr_open(_Out_ void **device, uint32_t index)');
  const close = bind('int rtlsdr_close(void *device)');
  const tunerType = bind('int rtlsdr_get_tuner_type(void *device)');
  const reset = bind('int rtlsdr_reset_buffer(void *device)');
  const cancel = bind('int rtlsdr_cancel_async(void *device)');
  const read = bind(
    'int rtlsdr_read_async(void *device, RtlSdrBufferCallback *callback, void *context, uint32_t count, uint32_t length)',
  );
  const setters = new Map<string, Bound>();
  const setter = (name: RtlSdrSetter) => {
    // Bound when first used: old versions lack the bias tee.
    const bound = setters.get(name) ?? bind(`int rtlsdr_${name}(void *device, int value)`);
    setters.set(name, bound);
    return bound;
  };
  const getters = new Map(
    Object.entries(GETTERS).map(([name, type]) => [name, bind(`${type} rtlsdr_${name}(void *device)`)]),
  );

  return {
    deviceCount: () => count(),
    deviceName: (index) => name(index),
    usbStrings(index) {
      const texts = [0, 1, 2].map(() => Buffer.alloc(USB_STRING_BYTES));
      if (strings(index, ...texts) !== 0) return undefined;
      const [maker, product, serial] = texts.map((text) => text.toString('utf8', 0, text.indexOf(0)));
      return [maker!, product!, serial!];
    },
    async open(index) {
      const handle: [RtlSdrHandle | null] = [null];
      const result = await offThread<number>(open, handle, index);
      return result === 0 && handle[0] !== null ? handle[0] : result || -1;
    },
    close: (device) => offThread(close, device),
    tunerType: (device) => tunerType(device),
    set: async (name, device, value) => offThread(setter(name), device, value),
    get: (name, device) => getters.get(name)!(device),
    resetBuffer: (device) => offThread(reset, device),
    readBlocking(device, callback, buffers, bytes) {
      const onBuffer = (buffer: bigint, length: number) => callback(koffi.decode(buffer, 'uint8_t', length));
      return read(device, onBuffer, null, buffers, bytes);
    },
    cancelAsync: (device) => cancel(device),
  };
}
